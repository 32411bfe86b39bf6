"""Interpreters with a client of the Open Inference Protocol, each in an environment of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
UV = str(Path(sys.executable).with_name("uv"))


def python_with(client: str, config: pytest.Config) -> str:
    """The interpreter of an environment that is created once from `{client}.lock`, in pytest's cache folder."""
    lock = HERE / f"{client}.lock"
    folder = config.cache.mkdir(client)
    python, installed_lock = folder / "bin" / "python", folder / "made-from.lock"
    if not installed_lock.exists() or installed_lock.read_bytes() != lock.read_bytes():
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        install = [UV, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)]
        subprocess.run(install, check=True)
        installed_lock.write_bytes(lock.read_bytes())
    return str(python)


def output_of(client: str, config: pytest.Config, script: str, *arguments: str) -> dict:
    """The JSON that a script prints when it runs in the client's environment."""
    command = [python_with(client, config), str(HERE / script), *arguments]
    process = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)
