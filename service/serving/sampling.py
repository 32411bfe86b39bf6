"""Which rows of a request are logged, and a version that notes them as it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from models.data.dates import written_date
from models.data.signature import FeatureSignature
from service.problems import Location
from service.registry.monitoring.prediction_log import LogRule
from service.serving.prediction_log import LoggedRows, PredictionLog
from service.serving.rows import Rows
from service.serving.traffic import point_of
from service.serving.version import Array, Predicted, ServedVersion


def chosen_rows(request: str, first_row: int, n_rows: int, sample: float) -> list[int]:
    """Which of `n_rows` rows from `first_row` on are logged, counted from the first of them.

    A digest of the request's id and the row's number decides, so that it is the same in every process, and at every
    repetition of the request.
    """
    if sample >= 1:
        return list(range(n_rows))
    return [row for row in range(n_rows) if point_of(f"{request}/{first_row + row}") < sample]


class RequestSample:
    """What is logged of one request. Used by one thread at a time."""

    def __init__(self, log: PredictionLog, rule: LogRule, version: int, request: str) -> None:
        self.logged = 0
        self._log, self._rule, self._version, self._request = log, rule, version, request
        self._at = datetime.now(UTC)
        self._first_row = 0

    def add_rows(self, rows: Sequence[Sequence[Any]], values: Array) -> None:
        chosen = self._choose(len(values))
        self._put(chosen, [rows[row] for row in chosen], values)

    def add_columns(self, columns: Sequence[Sequence[Any]], values: Array) -> None:
        chosen = self._choose(len(values))
        self._put(chosen, [[column[row] for column in columns] for row in chosen], values)

    def add_matrix(self, matrix: Array, values: Array) -> None:
        chosen = self._choose(len(values))
        self._put(chosen, matrix[chosen].tolist(), values)

    def _choose(self, n_rows: int) -> list[int]:
        return chosen_rows(self._request, self._first_row, n_rows, self._rule.sample)

    def _put(self, chosen: list[int], inputs: Sequence[Sequence[Any]], values: Array) -> None:
        if chosen:
            numbers = [self._first_row + row for row in chosen]
            outputs = values[chosen].tolist()
            rule = self._rule
            rows = LoggedRows(rule.model_id, self._version, self._at, self._request, numbers, inputs, outputs)
            self.logged += len(chosen) if self._log.put(rows) else 0
        self._first_row += len(values)


class SampledVersion(ServedVersion):
    """A version for one request whose rows are noted, each once, in the order in which they are predicted."""

    def __init__(self, version: ServedVersion, sample: RequestSample) -> None:
        vars(self).update(vars(version))
        self._plain = version
        self._sample = sample

    @property
    def logged_headers(self) -> list[tuple[bytes, bytes]]:
        """How many rows of the request are logged, where any is."""
        return [(b"feedforward-logged", b"%d" % self._sample.logged)] if self._sample.logged else []

    def predict_rows(self, rows: Rows, root: Location) -> Predicted:
        predicted = self._plain.predict_rows(rows, root)
        self._sample.add_rows(rows, predicted.values)
        return predicted

    def predict_columns(self, columns: Sequence[Sequence[Any]], root: Location) -> Predicted:
        predicted = self._plain.predict_columns(columns, root)
        self._sample.add_columns(self._as_written(columns), predicted.values)
        return predicted

    def values_of_columns(self, columns: Sequence[Sequence[Any]], root: Location) -> Array:
        values = self._plain.values_of_columns(columns, root)
        self._sample.add_columns(self._as_written(columns), values)
        return values

    def values_of_matrix(self, matrix: Array, root: Location) -> Array:
        values = self._plain.values_of_matrix(matrix, root)
        self._sample.add_matrix(matrix, values)
        return values

    def _as_written(self, columns: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """The values as JSON may hold them: what came as a date is written as the version's dates are."""
        features = self.signature.features
        return [_written(feature, column) for feature, column in zip(features, columns, strict=True)]


def _written(feature: FeatureSignature, column: Sequence[Any]) -> Sequence[Any]:
    if feature.type != "date":
        return column
    return [written_date(value, feature.format) if isinstance(value, date) else value for value in column]
