"""Mean and standard deviation of numbers of any size that float64 holds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def mean(values: Array) -> float:
    """The mean; taken in units of the largest value, so that no sum overflows."""
    size = _size(values)
    return float((values / size).mean()) * size


def spread(values: Array) -> float:
    """The standard deviation (of the whole, not the sample); 0 where it is only the rounding of equal values."""
    size = _size(values)
    scaled = values / size
    deviation = float(scaled.std())
    return 0.0 if deviation <= 1e-14 * float(np.abs(scaled).max()) else deviation * size


def _size(values: Array) -> float:
    """A power of two near the largest value where squares could overflow or vanish, so that dividing is exact."""
    largest = float(np.abs(values).max())
    return 1.0 if largest == 0 or 1e-100 < largest < 1e100 else float(2.0 ** np.floor(np.log2(largest)))
