"""The activations by name. They have no state, so all networks share one object of each.

Start with `piecewise.py` (relu), then `saturating.py` (sigmoid), then `smooth.py`.
"""

from models.network.activations.activation import Activation
from models.network.activations.by_name import ACTIVATIONS

__all__ = ["ACTIVATIONS", "Activation"]
