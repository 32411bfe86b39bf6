"""The loss function of each loss in a specification."""

from models import specification
from models.training.losses.classification import BinaryCrossEntropy, CrossEntropy, Hinge, Poisson
from models.training.losses.loss import LossFunction
from models.training.losses.regression import Huber, Mae, Mse, Quantile


def loss_function(loss: specification.Loss) -> LossFunction:
    """The loss function of a loss in a specification."""
    match loss:
        case specification.Mse():
            return Mse()
        case specification.Mae():
            return Mae()
        case specification.Huber():
            return Huber(loss.delta)
        case specification.Quantile():
            return Quantile(loss.quantile)
        case specification.BinaryCrossEntropy():
            return BinaryCrossEntropy(loss.label_smoothing)
        case specification.CrossEntropy():
            return CrossEntropy(loss.label_smoothing)
        case specification.Hinge():
            return Hinge()
        case specification.Poisson():
            return Poisson()


def default_loss(output: specification.OutputName) -> specification.Loss:
    """The negative log likelihood that belongs to an output activation."""
    losses: dict[specification.OutputName, specification.Loss] = {
        "linear": specification.Mse(),
        "sigmoid": specification.BinaryCrossEntropy(),
        "softmax": specification.CrossEntropy(),
        "exponential": specification.Poisson(),
    }
    return losses[output]
