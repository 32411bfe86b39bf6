"""What a training is given, checked and brought into the form that the loop reads."""

import numpy as np

from models.arrays import Array
from models.errors import BadRecipe
from models.network.network import Network
from models.specification import EarlyStopping, TrainingSpecification
from models.training.batches import Rows, with_ones
from models.training.losses import LossFunction, default_loss, loss_function


def checked_loss(network: Network, specification: TrainingSpecification) -> LossFunction:
    """The loss that was chosen, or that belongs to the output; raises BadRecipe where they do not fit together."""
    chosen = specification.loss or default_loss(network.output_name)
    loss = loss_function(chosen)
    if network.output_name not in loss.outputs:
        allowed = " or ".join(loss.outputs)
        message = f"The loss {chosen.name!r} needs the output {allowed}, not {network.output_name!r}."
        raise BadRecipe(message, ["training", "loss"])
    return loss


def training_rows(network: Network, loss: LossFunction, x: Array, y: Array, sample_weight: Array | None) -> Rows:
    """x, y and the weights in the network's type, as the loop reads them; weights are scaled to a mean of 1."""
    x = np.asanyarray(x)
    y = np.asarray(loss.targets(np.asarray(y, network.dtype)), network.dtype)
    if x.shape != (len(y), network.n_inputs) or y.shape[1:] != (network.n_outputs,) or not len(x):
        raise ValueError(f"x of shape {x.shape} and y of shape {y.shape} do not fit the network")
    streamed, y_turned = isinstance(x, np.memmap), np.ascontiguousarray(y.T)
    x = x if streamed else with_ones(x, network.dtype)
    if sample_weight is None:
        return Rows(x, y_turned, None, streamed)
    weight = np.asarray(sample_weight, np.float64)
    if not np.all(weight >= 0) or not np.sum(weight) > 0:
        raise BadRecipe("Sample weights must be 0 or above, and not all 0.", ["training", "sample_weight"])
    return Rows(x, y_turned, np.ascontiguousarray((weight / np.mean(weight))[None], network.dtype), streamed)


def chosen_early_stopping(specification: TrainingSpecification, validates: bool) -> EarlyStopping | None:
    """What was chosen; on by default only where the number of epochs is left open."""
    chosen = specification.early_stopping
    if chosen is None and specification.epochs is None:
        return EarlyStopping(metric="validation_loss" if validates else "loss")
    if not isinstance(chosen, EarlyStopping):
        return None
    if chosen.metric == "validation_loss" and not validates:
        message = "Early stopping on validation_loss needs rows held out; set validation.fraction or metric 'loss'."
        raise BadRecipe(message, ["training", "early_stopping"])
    return chosen
