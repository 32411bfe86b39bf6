"""The optimizers by specification, one family a file. No network and no loss lives here.

Start with `sgd.py`; `optimizer.py` is the protocol that each follows.
"""

from models.training.optimizers.factory import optimizer_for
from models.training.optimizers.lbfgs import Lbfgs
from models.training.optimizers.optimizer import Optimizer

__all__ = ["Lbfgs", "Optimizer", "optimizer_for"]
