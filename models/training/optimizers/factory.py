"""The optimizer of each choice in a specification."""

from models import specification
from models.arrays import Array
from models.training.optimizers.adagrad import Adagrad
from models.training.optimizers.adam import Adam, AdamW
from models.training.optimizers.lbfgs import Lbfgs
from models.training.optimizers.lion import Lion
from models.training.optimizers.nadam import Nadam
from models.training.optimizers.optimizer import Optimizer
from models.training.optimizers.rmsprop import RmsProp
from models.training.optimizers.sgd import Sgd


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
