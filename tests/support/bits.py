"""What decides the last bits of a training on this machine, and how numbers are compared where it differs."""

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
    libraries = [one for one in threadpoolctl.threadpool_info() if "numpy" in one["filepath"]]
    return {
        "numpy": np.__version__,
        "machine": platform.machine(),
        "cpu": _cpu_name(),
        "blas": [{name: one.get(name) for name in ("internal_api", "version", "architecture")} for one in libraries],
        "libc": list(platform.libc_ver()),
    }


def gives_the_same_bits(recorded: Mapping[str, Any]) -> bool:
    """Whether what was recorded on `recorded` must come out to the bit here."""
    return all(recorded.get(name) == value for name, value in bits_environment().items())


def is_close(found: Any, recorded: Any, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
    """Whether two JSON values are equal but for the last digits of their numbers."""
    if isinstance(recorded, dict):
        same = isinstance(found, dict) and found.keys() == recorded.keys()
        return same and all(is_close(found[name], recorded[name], relative, absolute) for name in recorded)
    if isinstance(recorded, list):
        same = isinstance(found, list) and len(found) == len(recorded)
        return same and all(is_close(*pair, relative, absolute) for pair in zip(found, recorded, strict=True))
    if isinstance(recorded, float) and isinstance(found, int | float):
        return math.isclose(found, recorded, rel_tol=relative, abs_tol=absolute)
    return bool(found == recorded)


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
