"""Every choice that a recipe leaves open, filled in from the task and the data, and checks that choices fit."""

import os
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from models.data.targets import TARGETS
from models.errors import BadRecipe
from models.specification import (
    EarlyStopping,
    Lbfgs,
    NetworkSpecification,
    Recipe,
    SplitMethod,
    TrainingSpecification,
)

MOST_EPOCHS = 1000
EPOCHS_WITHOUT_VALIDATION = 200
SEED = 7
PATIENCE_STEPS = 4000
DECAY = 0.98
MULTIPLICATIONS_WORTH_A_THREAD = 8_000_000
"""Two threads make a product of 4 million multiplications 1.2 times as fast, of 13 million 1.4, of 34 million 1.6 and
of 270 million 1.75 times (benchmarks/README.md)."""


def fill_choices(recipe: Recipe, n_classes: int) -> Recipe:
    """The recipe with its output and loss filled in. Raises BadRecipe where they do not fit the task."""
    assert recipe.task is not None
    target, loss = TARGETS[recipe.task], recipe.training.loss
    output = recipe.network.output or target.default_output(n_classes, loss)
    if output not in target.losses:
        raise BadRecipe(f"output {output!r} does not fit {recipe.task}; leave it out", ["network", "output"])
    loss = loss if loss is not None else target.default_loss(output)
    if loss.name not in target.losses[output]:
        known = ", ".join(sorted(target.losses[output]))
        message = f"loss {loss.name!r} does not fit {recipe.task} with output {output!r}; choose one of {known}"
        raise BadRecipe(message, ["training", "loss"])
    return replace(
        recipe,
        network=replace(recipe.network, output=output),
        training=replace(recipe.training, loss=loss),
    )


def fill_training(recipe: Recipe, n_rows: int, validates: bool) -> Recipe:
    """The recipe with epochs, batch size, seed, early stopping and averaged weights filled in."""
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
    """The seed of every random choice: that of the recipe, else a fixed one, so that a training can be repeated."""
    return SEED if recipe.training.seed is None else recipe.training.seed


def _early_stopping(
    training: TrainingSpecification, validates: bool, steps_an_epoch: int
) -> EarlyStopping | Literal[False]:
    """The early stopping; by default only where epochs is left out and rows are held out, more patient on few rows."""
    requested = training.early_stopping
    if requested is None:
        patience = min(max(PATIENCE_STEPS // steps_an_epoch, 20), 100)
        return EarlyStopping(patience=patience) if training.epochs is None and validates else False
    if isinstance(requested, EarlyStopping) and requested.metric == "validation_loss" and not validates:
        message = 'early stopping by validation_loss needs held-out rows; set a fraction, or choose the metric "loss"'
        raise BadRecipe(message, ["training", "early_stopping"])
    return requested


def _batch_size(training: TrainingSpecification, n_rows: int) -> int:
    """All rows for L-BFGS; by default about fifty steps an epoch, in batches of 16 to 256 rows, powers of two."""
    if isinstance(training.optimizer, Lbfgs):
        return n_rows
    if training.batch_size is not None:
        return training.batch_size
    size = 16
    while size < 256 and size * 50 < n_rows:
        size *= 2
    return min(size, n_rows)


def fill_validation(recipe: Recipe, can_stratify: bool) -> Recipe:
    """The recipe with the method of its split filled in: stratified by class where that can be done, else random."""
    validation = recipe.validation
    holds_out = validation.dataset is None and (validation.folds is not None or validation.fraction > 0)
    if validation.method == "stratified" and recipe.task != "classification":
        message = f"method 'stratified' is for classification, not {recipe.task}; use 'random'"
        raise BadRecipe(message, ["validation", "method"])
    if validation.method is not None or not holds_out:
        return recipe
    method: SplitMethod = "stratified" if can_stratify else "random"
    return replace(recipe, validation=replace(validation, method=method))


def choose_threads(
    specification: NetworkSpecification, n_inputs: int, n_outputs: int, batch_size: int, available: int
) -> int:
    """One thread for each few million multiplications of the largest matrix product, at most those available.

    The trained bits depend on the number of threads, because it determines the order of sums.
    """
    widths = (n_inputs, *specification.hidden, n_outputs)
    largest = max(before * after for before, after in pairwise(widths)) * batch_size
    return max(1, min(available, 1 + largest // MULTIPLICATIONS_WORTH_A_THREAD))


def require_threshold(recipe: Recipe, n_classes: int, validates: bool) -> None:
    """Raises BadRecipe for a threshold without two classes, or without held-out rows to choose it on."""
    if recipe.threshold is None:
        return
    if n_classes != 2:
        raise BadRecipe("a threshold needs a classification with two classes; leave it out", ["threshold"])
    if not isinstance(recipe.threshold, float) and not validates:
        raise BadRecipe("a threshold is chosen on held-out rows, but none are held out; set a number", ["threshold"])


def fill_threads(recipe: Recipe, n_inputs: int, n_outputs: int) -> Recipe:
    """The recipe with its number of threads filled in."""
    training = recipe.training
    if training.threads is not None:
        return recipe
    available = os.cpu_count() or 1
    threads = choose_threads(recipe.network, n_inputs, n_outputs, training.batch_size or 1, available)
    return replace(recipe, training=replace(training, threads=threads))
