"""From a table and a recipe to everything that a training needs; errors in them are raised here, before it begins."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.arrays import Array
from models.coded_warnings import CodedWarning, WarningCode
from models.data import splits
from models.data.columns import Column, Table, n_rows, take_rows
from models.data.features import Preprocessing
from models.data.reading.options import ReadingOptions
from models.data.signature import ClassValue, Signature
from models.data.splits import Split
from models.data.targets import TARGETS, Target
from models.data.targets.classification import fixed_threshold
from models.errors import BadLabel, BadRecipe
from models.inference.trained_network import TrainedNetwork
from models.network.network import n_elements, tensor_shapes
from models.preparation import defaults
from models.preparation.data_warnings import class_warnings, code_warnings, feature_warnings, row_warnings
from models.preparation.duplicates import duplicate_warnings
from models.preparation.feature_selection import label_columns, select_features
from models.preparation.leakage import leakage_warnings
from models.preparation.readings import (
    as_written,
    check_label_reading,
    names_with_missing,
    reading_warnings,
    with_readings,
)
from models.preparation.row_weights import row_weights
from models.preparation.scale_warnings import scale_warnings
from models.preparation.task import check_labels_vary, choose_task
from models.preparation.warm_start import continued
from models.specification import ColumnType, Recipe, TaskName
from models.specification.search_space import check_space


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A training that can begin: `recipe` has every default filled in, `table` only has rows with a label."""

    recipe: Recipe
    table: Table
    validation_table: Table | None
    split: Split
    folds: list[Split]
    preprocessing: Preprocessing
    target: Target
    sample_weight: Array | None
    warnings: list[dict[str, str | None]]
    start: TrainedNetwork | None = None

    @property
    def task(self) -> TaskName:
        """The task of the recipe, or the one chosen from the labels."""
        return self.target.task

    @property
    def n_parameters(self) -> int:
        """The number of parameters of the network."""
        return n_elements(tensor_shapes(self.recipe.network, self.preprocessing.n_inputs, self.target.n_outputs))

    @property
    def columns(self) -> dict[str, ColumnType]:
        """The type of each column of the table."""
        return {name: column.type for name, column in self.table.items()}

    @property
    def ignored(self) -> tuple[str, ...] | None:
        """The columns that are no features, so that rows of this table may be sent back with them; sorted."""
        features = self.recipe.features or ()
        return tuple(sorted(set(self.table) - set(features))) if ReadingOptions.of(self.recipe).reader > 1 else None

    @property
    def signature(self) -> Signature:
        """The inputs and outputs of the trained network, as callers see them."""
        return Signature(self.preprocessing.signatures(), self.target.signatures(), self.ignored)


@np.errstate(all="ignore")
def prepare(
    table: Table, recipe: Recipe, validation_table: Table | None = None, start: TrainedNetwork | None = None
) -> Prepared:
    """Choose task, split, features and defaults. Raises a ModelError that says where the error is and what to do.

    `validation_table` holds the rows of `validation.dataset`, `start` is the network of `training.warm_start`.
    """
    kept, dropped = _rows_with_labels(table, label_columns(table, recipe))
    recipe = continued(recipe, kept, start)
    labels = [kept[name] for name in recipe.labels]
    check_label_reading(labels, recipe)
    task = choose_task(labels, recipe.task)
    classes = start.classes if start is not None else TARGETS[task].find_classes(labels)
    if start is None and ReadingOptions.of(recipe).reader > 1:
        check_labels_vary(labels)
    features, left_out = select_features(kept, recipe)
    recipe = with_readings(replace(recipe, task=task, features=features), table)
    filled = defaults.fill_choices(recipe, len(classes))
    filled, split, folds = _split(filled, kept, TARGETS[task].strata(labels), validation_table is not None)
    validates = bool(split.validation.size or folds or validation_table is not None)
    filled = defaults.fill_training(filled, split.training.size, validates)
    check_space(filled)
    defaults.require_threshold(filled, len(classes), validates)
    TARGETS[task].check_values(labels, filled)
    preprocessing, target = _fit_transforms(kept, split, filled, classes, start)
    preprocessing = as_written(preprocessing, filled, names_with_missing(features, table, validation_table))
    filled = defaults.fill_threads(filled, preprocessing.n_inputs, target.n_outputs)
    warnings = dropped + left_out + reading_warnings(kept, [*features, *target.names])
    warnings += _warnings(kept, split, features, target, recipe.columns)
    warnings += scale_warnings(kept, split.training, preprocessing, target, filled)
    return Prepared(
        recipe=filled,
        table=kept,
        validation_table=validation_table,
        split=split,
        folds=folds,
        preprocessing=preprocessing,
        target=target,
        sample_weight=row_weights(filled.training, kept, target, split.training),
        warnings=[warning.for_training() for warning in warnings],
        start=start,
    )


def learn_from(prepared: Prepared, split: Split) -> Prepared:
    """The same training with another split: everything that is fitted to training rows is fitted again."""
    classes = prepared.target.classes
    preprocessing, target = _fit_transforms(prepared.table, split, prepared.recipe, classes, prepared.start)
    nullable = {feature.name for feature in prepared.signature.features if feature.nullable}
    preprocessing = as_written(preprocessing, prepared.recipe, nullable)
    weight = row_weights(prepared.recipe.training, prepared.table, target, split.training)
    return replace(prepared, split=split, folds=[], preprocessing=preprocessing, target=target, sample_weight=weight)


def _fit_transforms(
    table: Table, split: Split, recipe: Recipe, classes: tuple[ClassValue, ...], start: TrainedNetwork | None
) -> tuple[Preprocessing, Target]:
    """The preprocessing and the target, fitted to the training rows, or those of the network to continue from."""
    if start is not None:
        formats = {name: override.format for name, override in recipe.columns.items() if override.format is not None}
        preprocessing = start.preprocessing.with_date_formats(formats)
        return preprocessing, start.target.with_threshold(fixed_threshold(recipe))
    training = take_rows(table, split.training)
    assert recipe.task is not None
    target = TARGETS[recipe.task].fit([training[name] for name in recipe.labels], classes, recipe)
    return Preprocessing.fit(training, recipe.features or (), recipe.scaling, recipe.columns), target


def _rows_with_labels(table: Table, labels: Sequence[Column]) -> tuple[Table, list[CodedWarning]]:
    missing = np.any([column.missing for column in labels], axis=0)
    n_missing = int(missing.sum())
    if n_missing == missing.size:
        raise BadLabel("no row has a label; check the label column's name and values")
    if not n_missing:
        return table, []
    message = f"{n_missing} rows without a label were left out."
    return take_rows(table, np.flatnonzero(~missing)), [
        CodedWarning(WarningCode.MISSING_LABELS, message, labels[0].name)
    ]


def _split(recipe: Recipe, table: Table, strata: Array | None, has_table: bool) -> tuple[Recipe, Split, list[Split]]:
    """The rows that train and validate, and the recipe with the method of the split."""
    if recipe.validation.dataset is not None and not has_table:
        raise BadRecipe("the rows of the validation dataset were not given", ["validation", "dataset"])
    filled = defaults.fill_validation(recipe, strata is not None and int(np.bincount(strata).max()) > 1)
    rng = np.random.default_rng([defaults.seed_of(recipe), 3])
    arguments = (filled.validation, table, n_rows(table), strata, rng)
    return filled, splits.held_out(*arguments), splits.in_folds(*arguments)


def _warnings(
    table: Table, split: Split, features: Sequence[str], target: Target, declared: Container[str]
) -> list[CodedWarning]:
    """`declared` are the columns whose type the caller set."""
    training = take_rows(table, split.training)
    warnings = row_warnings(n_rows(training)) + feature_warnings(training, features)
    warnings += code_warnings([table[name] for name in (*features, *target.names)], declared)
    warnings += leakage_warnings(training, features, target.names)
    warnings += duplicate_warnings(table, [*features, *target.names], split)
    if not target.classes:
        return warnings
    [name] = target.names
    counts = np.bincount(target.truth([training[name]]), minlength=len(target.classes))
    return warnings + class_warnings(name, target.classes, counts.tolist())
