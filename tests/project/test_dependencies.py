"""What the code imports is declared, what is declared has its line in docs/dependencies.md, and the locks hold it."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.support.processes import PROJECT

PACKAGES = ("feedforward", "migrations", "models", "service")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


RUNTIME = names(PYPROJECT["project"]["dependencies"])
EXTRAS = names([name for extra in PYPROJECT["project"]["optional-dependencies"].values() for name in extra])
# Layers of a declared one that it hands to its users as they are.
LAYERS = {"markupsafe": "jinja2", "pydantic-core": "pydantic", "starlette": "fastapi"}
# Of the standard library from Python 3.14 on.
STANDARD_LATER = {"compression"}
DEVELOPMENT = names(PYPROJECT["dependency-groups"]["dev"])


def imported_distributions() -> set[str]:
    """The distributions whose modules our packages name in an import."""
    modules = {
        module for name in PACKAGES for file in (PROJECT / name).rglob("*.py") for module in imports(file.read_text())
    }
    known = packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - STANDARD_LATER - set(PACKAGES)
    return {normal(distribution) for module in foreign for distribution in known[module]}


def imports(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    origins = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | origins}


def test_what_the_code_imports_is_declared():
    assert {LAYERS.get(name, name) for name in imported_distributions()} - RUNTIME - EXTRAS == set()


@pytest.mark.parametrize("name", sorted(RUNTIME | EXTRAS | DEVELOPMENT))
def test_a_dependency_has_its_reason(name):
    rows = [
        line.split("|")[1] for line in (PROJECT / "docs" / "dependencies.md").read_text().splitlines() if "|" in line
    ]
    assert name in {normal(word) for row in rows for word in re.findall(r"[\w.-]+", row)}


@pytest.mark.parametrize(
    ("lock", "wanted"), [("requirements.lock", RUNTIME), ("requirements-dev.lock", RUNTIME | DEVELOPMENT)]
)
def test_a_lock_pins_every_dependency_with_hashes(lock, wanted):
    text = (PROJECT / lock).read_text()
    assert wanted - {normal(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)} == set()
    pinned = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
    assert len(re.findall(r"^[\w.-]+==.*\n    --hash=sha256:", text, re.MULTILINE)) == len(pinned)


def test_the_locks_name_no_registry_and_no_machine():
    assert subprocess.run([PROJECT / "scripts" / "check-lock.sh"], capture_output=True).stdout == b""
