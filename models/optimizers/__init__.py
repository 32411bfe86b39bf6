"""The optimizers by specification, one family a file. Start with `sgd.py`; `optimizer.py` says what each gives."""

from models import specification
from models.arrays import Array
from models.optimizers.adagrad import Adagrad
from models.optimizers.adam import Adam, AdamW
from models.optimizers.lbfgs import Lbfgs
from models.optimizers.lion import Lion
from models.optimizers.nadam import Nadam
from models.optimizers.optimizer import Optimizer
from models.optimizers.rmsprop import RmsProp
from models.optimizers.sgd import Sgd


def optimizer_for(chosen: specification.Optimizer, parameters: Array) -> Optimizer | Lbfgs:
    """The optimizer that a caller chose, with nothing remembered yet."""
    match chosen:
        case specification.Sgd():
            return Sgd(chosen, parameters)
        case specification.RmsProp():
            return RmsProp(chosen, parameters)
        case specification.Adagrad():
            return Adagrad(chosen, parameters)
        case specification.Adam():
            return Adam(chosen, parameters)
        case specification.AdamW():
            return AdamW(chosen, parameters)
        case specification.Nadam():
            return Nadam(chosen, parameters)
        case specification.Lion():
            return Lion(chosen, parameters)
        case specification.Lbfgs():
            return Lbfgs(chosen, parameters)


__all__ = ["Lbfgs", "Optimizer", "optimizer_for"]
