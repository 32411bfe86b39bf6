"""The inputs of a training, checked and converted for the loop."""

import numpy as np

from models.arrays import Array
from models.errors import BadRecipe
from models.network.network import Network
from models.specification import EarlyStopping, TrainingSpecification
from models.training.batches import Rows, with_ones
from models.training.losses import LossFunction, default_loss, loss_function


def checked_loss(network: Network, specification: TrainingSpecification) -> LossFunction:
    """The loss of the specification, else that of the output; raises BadRecipe where loss and output do not fit."""
    choice = specification.loss or default_loss(network.output_name)
    loss = loss_function(choice)
    if network.output_name not in loss.outputs:
        allowed = " or ".join(loss.outputs)
        message = f"The loss {choice.name!r} needs the output {allowed}, not {network.output_name!r}."
        raise BadRecipe(message, ["training", "loss"])
    return loss


def training_rows(network: Network, loss: LossFunction, x: Array, y: Array, sample_weight: Array | None) -> Rows:
    """x, y and the weights in the network's type, as the loop needs them; weights are scaled to a mean of 1."""
    x = np.asanyarray(x)
    y = np.asarray(loss.targets(np.asarray(y, network.dtype)), network.dtype)
    if x.shape != (len(y), network.n_inputs) or y.shape[1:] != (network.n_outputs,) or not len(x):
        raise ValueError(f"x of shape {x.shape} and y of shape {y.shape} do not fit the network")
    streamed, y_transposed = isinstance(x, np.memmap), np.ascontiguousarray(y.T)
    x = x if streamed else with_ones(x, network.dtype)
    if sample_weight is None:
        return Rows(x, y_transposed, None, streamed)
    weight = np.asarray(sample_weight, np.float64)
    if not np.all(weight >= 0) or not np.sum(weight) > 0:
        raise BadRecipe("Sample weights must be 0 or above, and not all 0.", ["training", "sample_weight"])
    return Rows(x, y_transposed, np.ascontiguousarray((weight / np.mean(weight))[None], network.dtype), streamed)


def early_stopping_of(specification: TrainingSpecification, validates: bool) -> EarlyStopping | None:
    """The early stopping of a training; by default only where the number of epochs is left out."""
    choice = specification.early_stopping
    if choice is None and specification.epochs is None:
        return EarlyStopping(metric="validation_loss" if validates else "loss")
    if not isinstance(choice, EarlyStopping):
        return None
    if choice.metric == "validation_loss" and not validates:
        message = "Early stopping on validation_loss needs rows held out; set validation.fraction or metric 'loss'."
        raise BadRecipe(message, ["training", "early_stopping"])
    return choice
