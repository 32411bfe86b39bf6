"""A table and a recipe to all that a training needs: what is wrong with them is told here, before any training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import defaults, partition
from models.class_weights import row_weights
from models.columns import Column, Table, n_rows, take_rows
from models.data_warnings import DataWarning, class_warnings, feature_warnings, row_warnings
from models.errors import BadLabel, BadRecipe
from models.features import Preprocessing
from models.network import n_elements, tensor_shapes
from models.selection import label_columns, select_features
from models.signature import Signature
from models.specification import ColumnType, Loss, NetworkSpecification, OutputName, Poisson, Recipe, TaskName
from models.splits import Split
from models.targets import ClassTarget, LabelsTarget, NumberTarget, Target, learn_classes, learn_scale
from models.task import choose_task

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A training that can begin: `recipe` has every default filled in, `table` only rows that have a label."""

    recipe: Recipe
    task: TaskName
    table: Table
    validation_table: Table | None
    split: Split
    folds: list[Split]
    preprocessing: Preprocessing
    target: Target
    sample_weight: Array | None
    warnings: list[dict[str, str | None]]

    @property
    def n_parameters(self) -> int:
        """Numbers that training will fit."""
        return n_elements(tensor_shapes(self.recipe.network, self.preprocessing.n_inputs, self.target.n_outputs))

    @property
    def columns(self) -> dict[str, ColumnType]:
        """The type that each column of the table was given."""
        return {name: column.type for name, column in self.table.items()}

    @property
    def signature(self) -> Signature:
        """What the trained network will take and give."""
        return Signature(self.preprocessing.signatures(), self.target.signatures())


def prepare(table: Table, recipe: Recipe, validation_table: Table | None = None) -> Prepared:
    """Choose task, split, features and defaults. Raises a ModelError that says where the fault is and what to do."""
    labels = label_columns(table, recipe)
    kept, warnings = _rows_with_labels(table, labels)
    labels = [kept[name] for name in recipe.labels]
    task = choose_task(labels, recipe.task)
    classes = learn_classes(labels[0]) if task == "classification" else ()
    network, loss = _network_and_loss(recipe, task, len(classes))
    features, left_out = select_features(kept, recipe)
    chosen, split, folds = _split(recipe, task, kept, labels, validation_table is not None)
    training = take_rows(kept, split.training)
    output = network.output or "linear"
    target = _target(recipe, task, [training[name] for name in recipe.labels], classes, output, loss)
    return Prepared(
        recipe=_filled(
            chosen, task, features, network, loss, split.training.size, _validates(split, folds, validation_table)
        ),
        task=task,
        table=kept,
        validation_table=validation_table,
        split=split,
        folds=folds,
        preprocessing=Preprocessing.fit(training, features, recipe.scaling),
        target=target,
        sample_weight=row_weights(recipe.training, kept, target),
        warnings=[one.to_json() for one in warnings + left_out + _warnings(training, features, target)],
    )


def _rows_with_labels(table: Table, labels: Sequence[Column]) -> tuple[Table, list[DataWarning]]:
    missing = np.any([column.missing for column in labels], axis=0)
    n_missing = int(missing.sum())
    if n_missing == missing.size:
        raise BadLabel("no row has a label; check the label column's name and values")
    if not n_missing:
        return table, []
    message = f"{n_missing} rows without a label were left out."
    return take_rows(table, np.flatnonzero(~missing)), [DataWarning("missing-labels", message, labels[0].name)]


def _network_and_loss(recipe: Recipe, task: TaskName, n_classes: int) -> tuple[NetworkSpecification, Loss]:
    network = defaults.fill_network(recipe.network, task, n_classes, recipe.training.loss)
    return network, defaults.fill_loss(recipe.training.loss, task, network.output or "linear")


def _split(
    recipe: Recipe, task: TaskName, table: Table, labels: Sequence[Column], has_table: bool
) -> tuple[Recipe, Split, list[Split]]:
    """The rows that train and validate, and the recipe with the method by which they were told apart."""
    classes = np.unique(labels[0].values.astype(str), return_inverse=True)[1] if task == "classification" else None
    can_stratify = classes is not None and int(np.bincount(classes).max()) > 1
    validation = replace(recipe.validation, method=defaults.fill_method(recipe, task, can_stratify))
    if validation.dataset is not None and not has_table:
        raise BadRecipe("the rows of the validation dataset were not given", ["validation", "dataset"])
    rng = np.random.default_rng([recipe.training.seed or defaults.SEED, 1])
    arguments = (validation, table, n_rows(table), classes, rng)
    split, folds = partition.held_out(*arguments), partition.in_folds(*arguments)
    return replace(recipe, validation=validation), split, folds


def _target(
    recipe: Recipe,
    task: TaskName,
    labels: Sequence[Column],
    classes: tuple[Any, ...],
    output: OutputName,
    loss: Loss,
) -> Target:
    """The target, its scale learnt from the training rows `labels`."""
    if task == "classification":
        return ClassTarget(recipe.labels[0], classes, output)
    if task == "multilabel":
        return LabelsTarget(recipe.labels, output)
    as_they_are = isinstance(recipe.scaling, dict) or recipe.scaling == "none" or output != "linear"
    counts = isinstance(loss, Poisson)
    _require_range(labels, output, loss)
    shift, scale = learn_scale(labels, standardise=not (as_they_are or counts))
    return NumberTarget(recipe.labels, shift, scale, "exp" if counts and output == "linear" else "identity")


def _require_range(labels: Sequence[Column], output: OutputName, loss: Loss) -> None:
    for column in labels:
        low, high = column.values.min(), column.values.max()
        if isinstance(loss, Poisson) and low < 0:
            raise BadLabel(f"{column.name!r} holds negative numbers, and the loss poisson is for counts")
        if output in ("sigmoid", "softmax") and not (low >= 0 and high <= 1):
            raise BadLabel(f"{column.name!r} leaves the range 0 to 1 that output {output!r} can give; leave output out")


def _validates(split: Split, folds: list[Split], validation_table: Table | None) -> bool:
    return bool(split.validation.size or folds or validation_table is not None)


def _filled(
    recipe: Recipe,
    task: TaskName,
    features: tuple[str, ...],
    network: NetworkSpecification,
    loss: Loss,
    n_training: int,
    validates: bool,
) -> Recipe:
    training = defaults.fill_training(recipe.training, loss, n_training, validates)
    return replace(recipe, task=task, features=features, network=network, training=training)


def _warnings(training: Table, features: Sequence[str], target: Target) -> list[DataWarning]:
    found = row_warnings(n_rows(training)) + feature_warnings(training, features)
    if not isinstance(target, ClassTarget):
        return found
    counts = np.bincount(target.indices(training[target.name]), minlength=len(target.classes))
    return found + class_warnings(target.name, target.classes, counts.tolist())
