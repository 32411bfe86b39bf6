"""How the service starts its own modules as processes."""

from __future__ import annotations

import sys


def command_of(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours, whatever files the current folder holds.

    With `-m` alone Python looks there first: a user's `models.py` would be run as our `models`.
    """
    return [sys.executable, "-P", "-m", module, *arguments]
