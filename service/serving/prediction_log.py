"""The log of predictions, written to the database by a thread of its own, a batch at a time.

Whatever happens to the database, no prediction waits for its log or fails because of it: rows without room are dropped
and counted. A process that ends in order writes the rest; one that is killed loses the rows of the last moment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import structlog

from models.data.dates import written_date
from models.data.signature import FeatureSignature
from service.problems import Location
from service.registry.database import Database
from service.registry.monitoring import logged_predictions
from service.registry.monitoring.logged_predictions import NewPrediction
from service.registry.monitoring.prediction_log import LogRule
from service.serving.reading.row_reader import Rows
from service.serving.served_version import Array, Predicted, ServedVersion
from service.serving.version_resolution import point_of

# Waiting rows are limited by their values, inputs and outputs together: about 100 MB of Python objects.
MOST_WAITING_VALUES = 2_000_000
ROWS_A_TRANSACTION = 1_000
SECONDS_BETWEEN_WRITES = 0.25
SECONDS_TO_CLOSE = 10.0
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LoggedRows:
    """Some rows of one request. `inputs` and `outputs` have one sequence a row."""

    model_id: int
    version: int
    at: datetime
    request: str
    rows: Sequence[int]
    inputs: Sequence[Sequence[Any]]
    outputs: Sequence[Sequence[float]]

    @property
    def n_values(self) -> int:
        return len(self.rows) * (len(self.inputs[0]) + len(self.outputs[0]))

    def predictions(self) -> Iterator[NewPrediction]:
        for row, inputs, outputs in zip(self.rows, self.inputs, self.outputs, strict=True):
            yield NewPrediction(
                model_id=self.model_id,
                version=self.version,
                at=self.at,
                request=self.request,
                row=row,
                inputs=list(inputs),
                outputs=list(outputs),
            )


class PredictionLog:
    """One for each API process. The thread begins with the first row."""

    def __init__(self, database: Database, most_waiting_values: int = MOST_WAITING_VALUES) -> None:
        self.written = self.dropped = self.failed = 0
        self._database = database
        self._most_waiting_values = most_waiting_values
        self._lock = threading.Lock()
        self._waiting: list[LoggedRows] = []
        self._waiting_values = 0
        self._has_rows = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, rows: LoggedRows) -> bool:
        """Queue rows for writing, from any thread. Returns whether there was room."""
        with self._lock:
            if self._waiting_values + rows.n_values > self._most_waiting_values or self._closed.is_set():
                self.dropped += len(rows.rows)
                return False
            self._waiting.append(rows)
            self._waiting_values += rows.n_values
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="prediction-log", daemon=True)
                self._thread.start()
        self._has_rows.set()
        return True

    def close(self) -> None:
        """Write the rows that wait, and end the thread."""
        self._closed.set()
        self._has_rows.set()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_CLOSE)

    def _write_on(self) -> None:
        while not self._closed.is_set():
            self._has_rows.wait()
            self._closed.wait(SECONDS_BETWEEN_WRITES)
            self._has_rows.clear()
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        with self._lock:
            blocks, self._waiting = self._waiting, []
        predictions = chain.from_iterable(block.predictions() for block in blocks)
        while batch := list(islice(predictions, ROWS_A_TRANSACTION)):
            self._write(batch)
        with self._lock:
            self._waiting_values -= sum(block.n_values for block in blocks)

    def _write(self, batch: list[NewPrediction]) -> None:
        try:
            with self._database.write() as session:
                self.written += logged_predictions.add(session, batch)
        except Exception as error:  # whatever it is, the next batch may succeed
            self.failed += len(batch)
            logger.warning("predictions could not be logged", rows=len(batch), why=str(error)[:200])


def chosen_rows(request: str, first_row: int, n_rows: int, sample: float) -> list[int]:
    """Which of `n_rows` rows from `first_row` on are logged, counted from the first of them.

    A digest of the request's id and the row's number decides, so that it is the same in every process, and at every
    repetition of the request.
    """
    if sample >= 1:
        return list(range(n_rows))
    return [row for row in range(n_rows) if point_of(f"{request}/{first_row + row}") < sample]


class RequestSample:
    """The rows of one request that are logged. Used by one thread at a time."""

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
    """A version for one request that logs a sample of its rows, each once, in the order in which they are predicted."""

    def __init__(self, version: ServedVersion, sample: RequestSample) -> None:
        vars(self).update(vars(version))
        self._plain = version
        self._sample = sample

    @property
    def logged_headers(self) -> list[tuple[bytes, bytes]]:
        """The number of logged rows, where there are any."""
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
