"""Small neural networks on NumPy alone: no web, no database, nothing that knows of jobs or versions.

Start with `network/network.py` (the forward pass), then `training/loop.py`, then `fitting/fit.py` (a table in).
`from models import Classifier, Regressor` imports the estimators in scikit-learn's protocol.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.estimators import Classifier, Regressor

__all__ = ["Classifier", "Regressor"]


def __getattr__(name: str) -> Any:
    """The estimators, imported on first use, so that importing another module of this package does not load them."""
    if name in __all__:
        return getattr(import_module("models.estimators"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
