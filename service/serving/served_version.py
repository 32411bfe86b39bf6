"""One version in memory, with all that its predictions need, built once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadColumn, ModelError
from models.inference.trained_network import TrainedNetwork
from service.problems import InvalidInput, Location, input_error
from service.schemas.prediction import ExtraColumns
from service.schemas.registry import Version
from service.serving.input_errors import cell_location, invalid_for_model
from service.serving.input_warnings import NONE, InputRanges, InputWarnings
from service.serving.json_writer import Texts
from service.serving.output_view import output_view
from service.serving.reading.row_reader import (
    LenientReader,
    RowReader,
    Rows,
    matrix_of_columns,
    matrix_of_rows,
    row_reader,
)

Array = NDArray[np.float64]
# The memory of a loaded version beside its weights: its types, names and ranges. Measured, rounded up.
OVERHEAD_BYTES = 64 * 1024
BYTES_A_FEATURE = 2 * 1024
# The event loop itself computes no more than this, about two milliseconds, so that other requests are not delayed.
MOST_PRODUCTS_IN_TURN = 2_000_000
MOST_ROWS_IN_TURN = 2_000
# Up to here, comparing values with their limits is quicker in plain Python than in NumPy.
MOST_VALUES_WITHOUT_NUMPY = 32


@dataclass(frozen=True, slots=True)
class Predicted:
    """`values` of shape (n_rows, n_outputs), and the warnings about the inputs."""

    values: Array
    warnings: InputWarnings


class ServedVersion:
    """Serves many threads: nothing in it changes."""

    def __init__(self, version: Version, trained: TrainedNetwork) -> None:
        self.model, self.number = version.model, version.version
        self.record = version
        self.trained = trained
        self.signature = trained.signature
        self.task = trained.task
        # A table that was trained on without a line of names is predicted without one.
        self.has_header = (version.request or {}).get("header") is not False
        self.header = (b"feedforward-version", f"{self.model}/{self.number}".encode())
        self.response_start = b'{"model":"%s","version":%d,"predictions":' % (self.model.encode(), self.number)
        parameters = trained.network.parameters.size
        self.most_rows_in_turn = min(MOST_ROWS_IN_TURN, MOST_PRODUCTS_IN_TURN // max(1, parameters))
        self.reader: RowReader = row_reader(self.signature)
        self.ranges = InputRanges(self.signature)
        self.view = output_view(self.task, self.signature.outputs)
        self.bytes = 2 * version.weights_bytes + OVERHEAD_BYTES + BYTES_A_FEATURE * len(self.signature.features)

    def with_extra_columns(self, choice: ExtraColumns) -> ServedVersion:
        """The version itself, or one that ignores columns which its training table never had."""
        return self.lenient if choice == "ignore" else self

    @cached_property
    def lenient(self) -> ServedVersion:
        """The same version, which ignores every column that is no feature."""
        lenient = copy(self)
        lenient.reader = LenientReader(self.reader)
        return lenient

    def fits_in_turn(self, n_rows: int) -> bool:
        """Whether so many rows are few enough for the event loop itself."""
        return n_rows <= self.most_rows_in_turn

    def predict_rows(self, rows: Rows, root: Location) -> Predicted:
        """Predict checked rows. `root` is their place in the request, for errors that only the network finds."""
        if not self.reader.all_numbers:
            return self.predict_columns(list(zip(*rows, strict=True)), root)
        matrix = matrix_of_rows(rows)
        if matrix.size <= MOST_VALUES_WITHOUT_NUMPY and self.ranges.hold(rows):
            return Predicted(self.values_of_matrix(matrix, root), NONE)
        return self.predict_matrix(matrix, root)

    def predict_columns(self, columns: Sequence[Sequence[Any]], root: Location) -> Predicted:
        """Predict the checked values of each feature, in their order."""
        if self.reader.all_numbers:
            return self.predict_matrix(matrix_of_columns(columns), root)
        return Predicted(self.values_of_columns(columns, root), self.ranges.in_columns(columns))

    def predict_matrix(self, matrix: Array, root: Location) -> Predicted:
        """Predict raw numbers of shape (n_rows, n_features), NaN where a nullable one is missing."""
        return Predicted(self.values_of_matrix(matrix, root), self.ranges.in_matrix(matrix))

    def values_of_columns(self, columns: Sequence[Sequence[Any]], root: Location) -> Array:
        """The predictions without warnings, where features are not all numbers."""
        try:
            values = self.trained.predict(dict(zip(self.reader.names, columns, strict=True)))
        except BadColumn as error:
            raise self._wrong_values(error, columns, root) from None
        except ModelError as error:
            raise invalid_for_model(error, root) from None
        return finite(values, root)

    def _wrong_values(self, error: BadColumn, columns: Sequence[Sequence[Any]], root: Location) -> InvalidInput:
        if error.column not in self.reader.names or not error.rows:
            return invalid_for_model(error, root)
        position = self.reader.names.index(error.column)
        return self.reader.columns[position].wrong_values(
            error.rows, columns[position], partial(cell_location, root, error.column)
        )

    def values_of_matrix(self, matrix: Array, root: Location) -> Array:
        """The predictions without warnings, where features are all numbers."""
        with np.errstate(over="ignore", invalid="ignore"):
            return finite(self.trained.predict_matrix(matrix), root)

    def write_rows(self, values: Array) -> Texts:
        """The JSON of each prediction."""
        return self.view.row_text.rows(self.view.json_columns(values))

    def write_list(self, values: Array) -> bytes:
        """The JSON list of all predictions."""
        return self.view.row_text.whole(self.view.json_columns(values))

    def write_response(self, predicted: Predicted) -> bytes:
        """The whole JSON response."""
        return self.wrap(self.write_list(predicted.values), predicted.warnings)

    def wrap(self, predictions: bytes, warnings: InputWarnings) -> bytes:
        """The response around the predictions. Its first fields are built once, since names need no escaping."""
        if not warnings.count:
            return b'%s%s,"warnings":[]}' % (self.response_start, predictions)
        listed = warnings.to_json()
        return b'%s%s,"warnings":%s,"warning_count":%d}' % (self.response_start, predictions, listed, warnings.count)


def are_finite(values: Array) -> bool:
    """Whether all values are finite, with less overhead than `np.isfinite(values).all()`."""
    return bool(np.logical_and.reduce(np.isfinite(values), axis=None))


def finite(values: Array, root: Location) -> Array:
    """The values; raises InvalidInput where inputs were so large that the network's arithmetic overflowed."""
    if are_finite(values):
        return values
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    message = "the prediction for this row is not a finite number: its values are too large for this network"
    errors = [input_error([*root, row], "overflow", message) for row in bad[:20].tolist()]
    raise InvalidInput(f"Row {bad[0]}: {message}.", errors=errors, error_count=len(bad))
