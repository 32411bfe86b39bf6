"""Interpreters with a client of the Open Inference Protocol, each in an environment of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
UV = str(Path(sys.executable).with_name("uv"))


def python_with(client: str, config: pytest.Config) -> str:
    """Made once from `{client}.lock`, and kept in pytest's cache folder."""
    lock = HERE / f"{client}.lock"
    folder = config.cache.mkdir(client)
    python, made = folder / "bin" / "python", folder / "made-from.lock"
    if not made.exists() or made.read_bytes() != lock.read_bytes():
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        install = [UV, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)]
        subprocess.run(install, check=True)
        made.write_bytes(lock.read_bytes())
    return str(python)


def told_by(client: str, config: pytest.Config, script: str, *arguments: str) -> dict:
    """What the script printed as JSON, run in the client's environment."""
    command = [python_with(client, config), str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
