"""The environment that decides the last bits of a training, and a comparison of numbers for where it differs."""

import math
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl

RELATIVE, ABSOLUTE = 1e-4, 1e-5


def bits_environment() -> dict[str, Any]:
    """Library versions, processor and the kernels that NumPy's BLAS chose for it."""
    libraries = [library for library in threadpoolctl.threadpool_info() if "numpy" in library["filepath"]]
    fields = ("internal_api", "version", "architecture")
    return {
        "numpy": np.__version__,
        "machine": platform.machine(),
        "cpu": _cpu_name(),
        "blas": [{name: library.get(name) for name in fields} for library in libraries],
        "libc": list(platform.libc_ver()),
    }


def gives_the_same_bits(recorded: Mapping[str, Any]) -> bool:
    """Whether a training in the `recorded` environment has the same bits in this one."""
    return all(recorded.get(name) == value for name, value in bits_environment().items())


def is_close(value: Any, recorded: Any, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
    """Whether two JSON values are equal but for the last digits of their numbers."""
    if isinstance(recorded, dict):
        same = isinstance(value, dict) and value.keys() == recorded.keys()
        return same and all(is_close(value[name], recorded[name], relative, absolute) for name in recorded)
    if isinstance(recorded, list):
        same = isinstance(value, list) and len(value) == len(recorded)
        return same and all(is_close(*pair, relative, absolute) for pair in zip(value, recorded, strict=True))
    if isinstance(recorded, float) and isinstance(value, int | float):
        return math.isclose(value, recorded, rel_tol=relative, abs_tol=absolute)
    return bool(value == recorded)


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
