"""Every choice that a recipe leaves open, filled in from the task and the data, and checked to fit together."""

import os
from dataclasses import replace
from itertools import pairwise
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
SEED = 7
PATIENCE_STEPS = 4000
DECAY = 0.98
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
MULTIPLICATIONS_WORTH_A_THREAD = 8_000_000
"""Two threads make a product of 4 million multiplications 1.2 times as fast, of 13 million 1.4, of 34 million 1.6 and
of 270 million 1.75 times (benchmarks/README.md)."""


def fill_choices(recipe: Recipe, n_classes: int) -> Recipe:
    """The recipe with its output and loss. Raises BadRecipe where those that were told do not fit the task."""
    assert recipe.task is not None
    output = recipe.network.output or _output(recipe.task, n_classes, recipe.training.loss)
    loss = _checked_loss(recipe.training.loss, recipe.task, output)
    return replace(
        recipe,
        network=replace(recipe.network, output=output),
        training=replace(recipe.training, loss=loss),
    )


def _output(task: TaskName, n_classes: int, loss: Loss | None) -> OutputName:
    """Sigmoid for yes or no, softmax for one class of many, exponential for counts, else linear."""
    if task == "regression":
        return "exponential" if isinstance(loss, Poisson) else "linear"
    if isinstance(loss, Hinge):
        return "linear"
    one_of_many = task == "classification" and (n_classes > 2 or isinstance(loss, CrossEntropy))
    return "softmax" if one_of_many and not isinstance(loss, BinaryCrossEntropy) else "sigmoid"


def _checked_loss(loss: Loss | None, task: TaskName, output: OutputName) -> Loss:
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


def fill_training(recipe: Recipe, n_rows: int, validates: bool) -> Recipe:
    """The recipe with the epochs, batch size, seed, early stopping and averaged weights of its training."""
    training = recipe.training
    batch_size = _batch_size(training, n_rows)
    stopping = _early_stopping(training, validates, steps_an_epoch=-(-n_rows // batch_size))
    most = MOST_EPOCHS if stopping else EPOCHS_WITHOUT_VALIDATION
    by_patience = training.epochs is None and training.early_stopping is None and stopping
    filled = replace(
        training,
        epochs=training.epochs if training.epochs is not None else most,
        early_stopping=stopping,
        batch_size=batch_size,
        seed=seed_of(recipe),
        averaged_weights=DECAY if by_patience and training.averaged_weights is None else training.averaged_weights,
    )
    return replace(recipe, training=filled)


def seed_of(recipe: Recipe) -> int:
    """The seed of every random choice: always the same where none is told, so that a training can be repeated."""
    return SEED if recipe.training.seed is None else recipe.training.seed


def _early_stopping(
    training: TrainingSpecification, validates: bool, steps_an_epoch: int
) -> EarlyStopping | Literal[False]:
    """On by default only where epochs is left out and rows are held out; small data waits for more epochs."""
    told = training.early_stopping
    if told is None:
        patience = min(max(PATIENCE_STEPS // steps_an_epoch, 20), 100)
        return EarlyStopping(patience=patience) if training.epochs is None and validates else False
    if isinstance(told, EarlyStopping) and told.metric == "validation_loss" and not validates:
        message = 'early stopping by validation_loss needs held-out rows; set a fraction, or the metric "loss"'
        raise BadRecipe(message, ["training", "early_stopping"])
    return told


def _batch_size(training: TrainingSpecification, n_rows: int) -> int:
    """All rows for L-BFGS; else about fifty steps an epoch, in batches of 16 to 256 rows, powers of two."""
    if isinstance(training.optimizer, Lbfgs):
        return n_rows
    if training.batch_size is not None:
        return training.batch_size
    size = 16
    while size < 256 and size * 50 < n_rows:
        size *= 2
    return min(size, n_rows)


def fill_validation(recipe: Recipe, can_stratify: bool) -> Recipe:
    """The recipe with the way to split: stratified by class where that can be done, else random."""
    validation = recipe.validation
    holds_out = validation.dataset is None and (validation.folds is not None or validation.fraction > 0)
    if validation.method == "stratified" and recipe.task != "classification":
        message = f"stratified needs a classification, and this is {recipe.task}; use random"
        raise BadRecipe(message, ["validation", "method"])
    if validation.method is not None or not holds_out:
        return recipe
    method: SplitMethod = "stratified" if recipe.task == "classification" and can_stratify else "random"
    return replace(recipe, validation=replace(validation, method=method))


def choose_threads(
    specification: NetworkSpecification, n_inputs: int, n_outputs: int, batch_size: int, available: int
) -> int:
    """One thread for each few million multiplications of the largest matrix product, at most those available.

    The number is part of what determines the trained bits: other threads sum in another order.
    """
    widths = (n_inputs, *specification.hidden, n_outputs)
    largest = max(before * after for before, after in pairwise(widths)) * batch_size
    return max(1, min(available, 1 + largest // MULTIPLICATIONS_WORTH_A_THREAD))


def fill_threads(recipe: Recipe, n_inputs: int, n_outputs: int) -> Recipe:
    """The recipe with a number of threads, where it says none and its batch size is known."""
    training = recipe.training
    if training.threads is not None:
        return recipe
    available = os.cpu_count() or 1
    threads = choose_threads(recipe.network, n_inputs, n_outputs, training.batch_size or 1, available)
    return replace(recipe, training=replace(training, threads=threads))
