"""Every choice that a recipe leaves open, filled in from the task and the data, and checked to fit together."""

from dataclasses import replace
from typing import Literal

from models.errors import BadRecipe
from models.specification import (
    BinaryCrossEntropy,
    CrossEntropy,
    EarlyStopping,
    Hinge,
    Lbfgs,
    Loss,
    Mse,
    NetworkSpecification,
    OutputName,
    Poisson,
    Recipe,
    SplitMethod,
    TaskName,
    TrainingSpecification,
)

MOST_EPOCHS = 1000
EPOCHS_WITHOUT_VALIDATION = 200
SEED = 0

_DISTANCES = {"mse", "mae", "huber"}
_LOSSES: dict[tuple[TaskName, OutputName], set[str]] = {
    ("classification", "sigmoid"): {"binary_cross_entropy", *_DISTANCES},
    ("classification", "softmax"): {"cross_entropy", *_DISTANCES},
    ("classification", "linear"): {"hinge"},
    ("multilabel", "sigmoid"): {"binary_cross_entropy", *_DISTANCES},
    ("multilabel", "linear"): {"hinge"},
    ("regression", "exponential"): {"poisson", "quantile", *_DISTANCES},
    ("regression", "linear"): {"poisson", "quantile", *_DISTANCES},
    ("regression", "sigmoid"): {"binary_cross_entropy", "quantile", *_DISTANCES},
    ("regression", "softmax"): {"cross_entropy", *_DISTANCES},
}


def fill_network(
    network: NetworkSpecification, task: TaskName, n_classes: int, loss: Loss | None
) -> NetworkSpecification:
    """The network with its output: sigmoid for yes or no, softmax for classes, exponential for counts, else linear."""
    if network.output is not None:
        return network
    return replace(network, output=_output(task, n_classes, loss))


def _output(task: TaskName, n_classes: int, loss: Loss | None) -> OutputName:
    if isinstance(loss, Poisson):
        return "exponential"
    if task == "regression" or isinstance(loss, Hinge):
        return "linear"
    one_of_many = task == "classification" and (n_classes > 2 or isinstance(loss, CrossEntropy))
    return "softmax" if one_of_many and not isinstance(loss, BinaryCrossEntropy) else "sigmoid"


def fill_loss(loss: Loss | None, task: TaskName, output: OutputName) -> Loss:
    """The loss, chosen by task and output where it is left out. Raises BadRecipe where they do not fit together."""
    fitting = _LOSSES.get((task, output))
    if fitting is None:
        raise BadRecipe(f"output {output!r} does not fit {task}; leave it out", ["network", "output"])
    chosen = loss if loss is not None else _loss(task, output)
    if chosen.name not in fitting:
        known = ", ".join(sorted(fitting))
        message = f"loss {chosen.name!r} does not fit {task} with output {output!r}; choose one of {known}"
        raise BadRecipe(message, ["training", "loss"])
    return chosen


def _loss(task: TaskName, output: OutputName) -> Loss:
    if task == "regression":
        return Poisson() if output == "exponential" else Mse()
    if output == "linear":
        return Hinge()
    return CrossEntropy() if output == "softmax" else BinaryCrossEntropy()


def fill_training(training: TrainingSpecification, loss: Loss, n_rows: int, validates: bool) -> TrainingSpecification:
    """The training with its epochs, batch size, seed and early stopping."""
    stopping = _early_stopping(training, validates)
    most = MOST_EPOCHS if stopping else EPOCHS_WITHOUT_VALIDATION
    return replace(
        training,
        loss=loss,
        epochs=training.epochs if training.epochs is not None else most,
        early_stopping=stopping,
        batch_size=_batch_size(training, n_rows),
        seed=SEED if training.seed is None else training.seed,
    )


def _early_stopping(training: TrainingSpecification, validates: bool) -> EarlyStopping | Literal[False]:
    """On by default only where epochs is left out and rows are held out."""
    told = training.early_stopping
    if told is None:
        return EarlyStopping() if training.epochs is None and validates else False
    if isinstance(told, EarlyStopping) and told.metric == "validation_loss" and not validates:
        message = 'early stopping by validation_loss needs held-out rows; set a fraction, or the metric "loss"'
        raise BadRecipe(message, ["training", "early_stopping"])
    return told


def _batch_size(training: TrainingSpecification, n_rows: int) -> int:
    """All rows for L-BFGS; else about fifty steps an epoch, in batches of 8 to 256 rows, powers of two."""
    if isinstance(training.optimizer, Lbfgs):
        return n_rows
    if training.batch_size is not None:
        return training.batch_size
    size = 8
    while size < 256 and size * 50 < n_rows:
        size *= 2
    return min(size, n_rows)


def fill_method(recipe: Recipe, task: TaskName, can_stratify: bool) -> SplitMethod | None:
    """The way to split: stratified by class where that can be done, else random."""
    validation = recipe.validation
    if validation.dataset is not None or (validation.folds is None and validation.fraction == 0):
        return validation.method
    if validation.method == "stratified" and task != "classification":
        message = f"stratified needs a classification, and this is {task}; use random"
        raise BadRecipe(message, ["validation", "method"])
    if validation.method is not None:
        return validation.method
    return "stratified" if task == "classification" and can_stratify else "random"
