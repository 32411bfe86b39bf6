"""Predictions on their way to the database: written by a thread of its own, a batch at a time.

Whatever becomes of the database, no prediction waits for its log and none fails by it: what there is no room for is
dropped and counted. When the process ends in order the rest is written; when it is killed, the last moment's is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import structlog

from service.registry.database import Database
from service.registry.monitoring import logged_predictions
from service.registry.monitoring.logged_predictions import NewPrediction

# Rows that wait are bounded by their values, inputs and outputs together: about 100 MB of Python's objects.
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
        """By any thread. Returns whether there was room."""
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
        """Write what waits."""
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
        predictions = (one for block in blocks for one in block.predictions())
        while batch := list(islice(predictions, ROWS_A_TRANSACTION)):
            self._write(batch)
        with self._lock:
            self._waiting_values -= sum(block.n_values for block in blocks)

    def _write(self, batch: list[NewPrediction]) -> None:
        try:
            with self._database.write() as session:
                self.written += logged_predictions.add(session, batch)
        except Exception as error:  # whatever it is, the next batch may fare better
            self.failed += len(batch)
            logger.warning("predictions could not be logged", rows=len(batch), why=str(error)[:200])
