"""The image is built from files that exist, and holds every file that the packages need."""

import subprocess
import sys
import zipfile

import pytest

from tests.support.containers import copied_sources, instructions
from tests.support.processes import PROJECT

PACKAGES = ("feedforward", "migrations", "models", "service")


def test_it_copies_what_exists_and_what_dockerignore_lets_through():
    let_through = {line.removeprefix("!") for line in (PROJECT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert [source for source in copied_sources() if not source.exists()] == []
    assert {source.name for source in copied_sources()} == let_through


def test_it_runs_as_a_user_without_rights():
    assert instructions("USER") == ["feedforward"]


def test_it_installs_only_what_the_lock_has_hashes_for():
    installs = [command for command in instructions("RUN") if "pip install" in command]
    assert all("--require-hashes" in command or "--no-deps --no-build-isolation" in command for command in installs)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The project built as the Dockerfile builds it, from a copy of what is committed or about to be."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in _files("pyproject.toml", "README.md", "LICENSE", *PACKAGES):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((PROJECT / name).read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        target,
        source,
    ]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(target.glob("*.whl"))) as archive:
        yield archive


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    assert set(_files(*PACKAGES)) - set(wheel.namelist()) == set()


def _files(*paths: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--", *paths], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (PROJECT / name).exists()]
