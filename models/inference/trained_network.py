"""A trained network with its preprocessing and its target: raw rows in, probabilities or raw numbers out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.arrays import Array
from models.data.columns import Column, RawValues, Table
from models.data.features import Preprocessing
from models.data.reading.table import read_values
from models.data.signature import ClassValue, FeatureSignature, Signature
from models.data.targets import Target
from models.errors import BadColumn, UnknownColumn
from models.inference.calibration import Calibration
from models.network.network import Network
from models.specification import NetworkSpecification, TaskName


@dataclass(frozen=True, repr=False, eq=False)
class TrainedNetwork:
    """The content of a version. Nothing in it changes after training, so many threads can share it.

    `baseline` is the mean of the training rows' inputs, of shape (n_inputs,), which explanations start from.
    `calibration` is None where no rows were held out. `ignored` are the columns of the training table that are no
    features; None where they are not known.
    """

    network: Network
    preprocessing: Preprocessing
    target: Target
    baseline: Array
    calibration: Calibration | None = None
    ignored: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        size = self.network.parameters.size
        return f"TrainedNetwork({self.task}, {self.preprocessing.n_inputs} inputs, {size} parameters)"

    @property
    def task(self) -> TaskName:
        """The task that the network was trained for."""
        return self.target.task

    @property
    def specification(self) -> NetworkSpecification:
        """The specification of the network."""
        return self.network.specification

    @cached_property
    def signature(self) -> Signature:
        """The inputs and outputs, as callers see them."""
        return Signature(self.preprocessing.signatures(), self.target.signatures(), self.ignored)

    @property
    def classes(self) -> tuple[ClassValue, ...]:
        """The classes in the order of the probabilities; empty unless this is a classification."""
        return self.target.classes

    def predict_matrix(self, raw: Array) -> Array:
        """A faster `predict` for features that are all numbers: float64 (n_rows, n_features), NaN for missing."""
        return self.outputs_of(self._scale(raw))

    def predict(self, rows: Table | Mapping[str, RawValues]) -> Array:
        """Probabilities (n_rows, n_classes or n_labels), or numbers in raw units (n_rows, n_outputs), as float64."""
        return self.outputs_of(self.inputs(rows))

    def inputs(self, rows: Table | Mapping[str, RawValues]) -> Array:
        """The matrix that the network reads, float64 of shape (n_rows, n_inputs)."""
        return self.preprocessing.transform(self.read(rows))

    def outputs_of(self, inputs: Array) -> Array:
        """The predictions for preprocessed inputs."""
        return self._decode(self._forward(inputs).astype(np.float64, order="C"))

    def logits(self, rows: Table | Mapping[str, RawValues]) -> Array:
        """The last layer's values before its activation, of shape (n_rows, n_outputs)."""
        return self.network.logits(self.inputs(rows))

    def activations(self, rows: Table | Mapping[str, RawValues]) -> list[Array]:
        """The values of each hidden layer, then the output."""
        return self.network.activations(self.inputs(rows))

    def read(self, rows: Table | Mapping[str, RawValues]) -> Table:
        """The feature columns, of their types in training. Raises where one is missing or its values do not fit."""
        return {feature.name: _read(feature, rows) for feature in self.signature.features}

    @cached_property
    def _scale(self) -> Callable[[Array], Array]:
        return self.preprocessing.numbers_transform()

    @cached_property
    def _forward(self) -> Callable[[Array], Array]:
        return self.network.forward

    @cached_property
    def _decode(self) -> Callable[[Array], Array]:
        return self.target.decoder()


def _read(feature: FeatureSignature, rows: Table | Mapping[str, RawValues]) -> Column:
    if feature.name not in rows:
        raise UnknownColumn(feature.name, list(rows))
    values = rows[feature.name]
    if isinstance(values, Column) and values.type == feature.type:
        column = values
    else:
        column = read_values(feature.name, plain_values(values), feature.reading)
    missing = np.flatnonzero(column.missing)
    if missing.size and not feature.nullable:
        reason = "the training data had no missing values in this column"
        raise BadColumn.of_missing(feature.name, missing.tolist(), reason)
    return column


def plain_values(values: Column | RawValues) -> RawValues:
    """The values as a list with None for missing ones, where they are a column; else as they are."""
    if not isinstance(values, Column):
        return values
    return [
        None if is_missing else value for is_missing, value in zip(values.missing, values.values.tolist(), strict=True)
    ]
