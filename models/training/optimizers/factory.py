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


def optimizer_for(choice: specification.Optimizer, parameters: Array) -> Optimizer | Lbfgs:
    """The optimizer of a choice in a specification, in its initial state."""
    match choice:
        case specification.Sgd():
            return Sgd(choice, parameters)
        case specification.RmsProp():
            return RmsProp(choice, parameters)
        case specification.Adagrad():
            return Adagrad(choice, parameters)
        case specification.Adam():
            return Adam(choice, parameters)
        case specification.AdamW():
            return AdamW(choice, parameters)
        case specification.Nadam():
            return Nadam(choice, parameters)
        case specification.Lion():
            return Lion(choice, parameters)
        case specification.Lbfgs():
            return Lbfgs(choice, parameters)
