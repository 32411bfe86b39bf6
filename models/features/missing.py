"""What stands in for a missing number."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features.moments import mean
from models.specification import FillRule

Array = NDArray[Any]


def fill_value(known: Array, rule: FillRule) -> float:
    """The mean, the median or the commonest (the least of equals) of the values that are known; 0 if none is."""
    if not known.size:
        return 0.0
    if rule == "mean":
        return mean(known)
    if rule == "median":
        return float(np.median(known))
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])
