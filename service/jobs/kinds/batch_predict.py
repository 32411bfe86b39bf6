"""The kind `batch`: predict a whole dataset; its columns and the predictions become a new dataset."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from models.data.columns import Column, Table, n_rows, take_rows
from models.errors import Interrupted
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from service.datasets.load import load_table
from service.datasets.storage import store
from service.datasets.storage.uploads import StagedFile, StagedFileWriter
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.attempt.failpoints import failpoint
from service.problems import Conflict
from service.registry.jobs import jobs
from service.registry.models import versions
from service.registry.models.recipes import reading_options

ROWS_A_BLOCK = 65_536
Columns = dict[str, Any]


def predict_dataset(attempt: JobAttempt) -> None:
    """End with the dataset of rows and predictions. An interrupted attempt leaves nothing behind."""
    with attempt.database.read() as session:
        version, weights = versions.get_weights(session, attempt.row.model, attempt.request["version"])
    trained = safetensors.loads(weights)
    options = reading_options(version.request, trained)
    table = load_table(attempt.database, attempt.settings, attempt.request["data"]["dataset"], options)
    file = StagedFileWriter(attempt.settings)
    try:
        for piece in _csv(_with_predictions(attempt, trained, table)):
            file.write(piece)
        staged = file.finish()
        store.stage(attempt.database, attempt.settings, staged)
        _end(attempt, staged, {"version": version.version, "dataset": staged.id, "rows": n_rows(table)})
    finally:
        file.discard()


def _end(attempt: JobAttempt, staged: StagedFile, result: dict[str, Any]) -> None:
    """Store the dataset and end the job in one transaction."""
    links = {"content": f"/datasets/{staged.id}/content", "rows": f"/datasets/{staged.id}/rows"}
    with attempt.database.write() as session:
        jobs.update_claimed(session, attempt.claim)
        store.commit(session, attempt.settings, staged, "csv")
        jobs.end(session, attempt.claim, "succeeded", result=result | {"links": links})
        failpoint("before-commit")
    failpoint("after-commit")


def _with_predictions(attempt: JobAttempt, trained: TrainedNetwork, table: Table) -> Iterator[Columns]:
    """The columns of each block of rows, and its predictions. Raises Interrupted and Conflict."""
    for first in range(0, n_rows(table), ROWS_A_BLOCK):
        interruption = attempt.progress.interruption()
        if interruption is not None:
            raise Interrupted("hand back" if interruption == "hand back" else "cancel")
        rows = take_rows(table, np.arange(first, min(first + ROWS_A_BLOCK, n_rows(table))))
        predictions = trained.target.prediction_columns(trained.predict(rows))
        conflict = next((name for name in predictions if name in rows), None)
        if conflict is not None:
            raise Conflict(
                f"The data already has a column `{conflict}`, where predictions would be written. Rename it."
            )
        yield {name: _plain(column) for name, column in rows.items()} | predictions


def _plain(column: Column) -> Any:
    """A column as an Arrow array, null where a value is missing."""
    import pyarrow as pa

    missing = column.missing
    values = column.values.astype(bool) if column.type == "boolean" else column.values
    return pa.array(values, mask=missing, from_pandas=False)


def _csv(blocks: Iterator[Columns]) -> Iterator[bytes]:
    import pyarrow as pa
    from pyarrow import csv

    include_header = True
    for columns in blocks:
        target = io.BytesIO()
        csv.write_csv(pa.table(columns), target, csv.WriteOptions(include_header=include_header))
        include_header = False
        yield target.getvalue()
