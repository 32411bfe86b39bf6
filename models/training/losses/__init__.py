"""The losses by specification, with their gradients. No network lives here.

Start with `loss.py`, the protocol that each follows, then `regression.py` for mse.
"""

from models.training.losses.factory import default_loss, loss_function
from models.training.losses.loss import LossFunction

__all__ = ["LossFunction", "default_loss", "loss_function"]
