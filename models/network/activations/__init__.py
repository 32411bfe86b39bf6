"""The activations by name. They keep no state, so one object serves every network.

Start with `piecewise.py` (relu), then `saturating.py` (sigmoid, the tutorial's), then `smooth.py`.
"""

from models.network.activations.activation import Activation
from models.network.activations.by_name import ACTIVATIONS

__all__ = ["ACTIVATIONS", "Activation"]
