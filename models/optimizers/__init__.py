"""The optimizers by specification, one family a file. Start with `sgd.py`; `optimizer.py` says what each gives."""

from models import specification
from models.arrays import Array
from models.optimizers.adam import Adam, AdamW
from models.optimizers.optimizer import Optimizer
from models.optimizers.sgd import Sgd


def optimizer_for(chosen: specification.Optimizer, parameters: Array) -> Optimizer:
    """The optimizer that a caller chose, with nothing remembered yet."""
    match chosen:
        case specification.Sgd():
            return Sgd(chosen, parameters)
        case specification.Adam():
            return Adam(chosen, parameters)
        case specification.AdamW():
            return AdamW(chosen, parameters)
    raise NotImplementedError(chosen.name)


__all__ = ["Optimizer", "optimizer_for"]
