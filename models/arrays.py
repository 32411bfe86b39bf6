"""The array type of the library, and scalars in the form that NumPy multiplies fastest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""An array of float32 or float64; each docstring says its shape."""


def constant(value: float, like: Array) -> Array:
    """The value as an array without dimensions: twice as fast in a small product as a Python number (measured)."""
    return np.array(value, dtype=like.dtype)
