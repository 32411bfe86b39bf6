"""Mean, standard deviation and the fill for missing values, without overflow for any numbers of float64."""

import numpy as np

from models.arrays import Array
from models.specification import FillRule


def mean(values: Array) -> float:
    """The mean, computed in units of the largest value, so that no sum overflows."""
    size = _size(values)
    return float((values / size).mean()) * size


def spread(values: Array) -> float:
    """The population standard deviation; 0 where it is only the rounding error of equal values."""
    size = _size(values)
    scaled = values / size
    deviation = float(scaled.std())
    return 0.0 if deviation <= 1e-14 * float(np.abs(scaled).max()) else deviation * size


def _size(values: Array) -> float:
    """A power of two near the largest value where squares could overflow or vanish, so that dividing is exact."""
    largest = float(np.abs(values).max())
    return 1.0 if largest == 0 or 1e-100 < largest < 1e100 else float(2.0 ** np.floor(np.log2(largest)))


def fill_value(known: Array, rule: FillRule) -> float:
    """The mean, the median or the mode (the least, if there are several) of the known values; 0 if there are none."""
    if not known.size:
        return 0.0
    if rule == "mean":
        return mean(known)
    if rule == "median":
        return float(np.median(known))
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])
