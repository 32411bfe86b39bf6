"""What determines the bits of a training besides its seed: library versions, CPU, BLAS and its threads."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy
import threadpoolctl


def environment_facts(threads: int) -> dict[str, Any]:
    """The facts that are stored with a job and its version."""
    return {
        "feedforward": version("feedforward"),
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpu": _cpu_name(),
        "blas": [_blas(library) for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"],
        "threads": threads,
    }


def differences(first: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The names of the facts that have changed since the first attempt."""
    return [name for name in first if name != "python" and first[name] != now.get(name)]


def _blas(library: dict[str, Any]) -> dict[str, Any]:
    return {name: library.get(name) for name in ("internal_api", "version", "architecture")}


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
