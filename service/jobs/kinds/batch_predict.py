"""The kind `batch`: a whole dataset predicted; its columns with the predictions beside them become a dataset."""

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
from service.jobs.kinds.evaluate import column_types
from service.problems import Conflict
from service.registry.jobs import jobs
from service.registry.models import versions

ROWS_A_BLOCK = 65_536
Columns = dict[str, Any]


def predict_dataset(run: JobAttempt) -> None:
    """End with the dataset that holds rows and predictions. An attempt that is interrupted leaves nothing behind."""
    with run.database.read() as session:
        version, weights = versions.get_weights(session, run.row.model, run.request["version"])
    trained = safetensors.loads(weights)
    table = load_table(run.database, run.settings, run.request["data"]["dataset"], column_types(trained))
    file = StagedFileWriter(run.settings)
    try:
        for piece in _csv(_predicted(run, trained, table)):
            file.write(piece)
        staged = file.finish()
        store.stage(run.database, run.settings, staged)
        _end(run, staged, {"version": version.version, "dataset": staged.id, "rows": n_rows(table)})
    finally:
        file.discard()


def _end(run: JobAttempt, staged: StagedFile, result: dict[str, Any]) -> None:
    """The dataset and the job's end: one transaction."""
    links = {"content": f"/datasets/{staged.id}/content", "rows": f"/datasets/{staged.id}/rows"}
    with run.database.write() as session:
        jobs.update_claimed(session, run.claim)
        store.commit(session, run.settings, staged, "csv")
        jobs.end(session, run.claim, "succeeded", result=result | {"links": links})
        failpoint("before-commit")
    failpoint("after-commit")


def _predicted(run: JobAttempt, trained: TrainedNetwork, table: Table) -> Iterator[Columns]:
    """The columns of each block of rows, and what is predicted of them. Raises Interrupted and Conflict."""
    for first in range(0, n_rows(table), ROWS_A_BLOCK):
        asked = run.monitor.interruption()
        if asked is not None:
            raise Interrupted("hand back" if asked == "hand back" else "cancel")
        rows = take_rows(table, np.arange(first, min(first + ROWS_A_BLOCK, n_rows(table))))
        added = trained.target.prediction_columns(trained.predict(rows))
        taken = next((name for name in added if name in rows), None)
        if taken is not None:
            raise Conflict(f"The data already has a column `{taken}`, where predictions would be written. Rename it.")
        yield {name: _plain(column) for name, column in rows.items()} | added


def _plain(column: Column) -> Any:
    """As Arrow writes it: nothing where a value is missing."""
    import pyarrow as pa

    missing = column.missing
    values = column.values.astype(bool) if column.type == "boolean" else column.values
    return pa.array(values, mask=missing, from_pandas=False)


def _csv(blocks: Iterator[Columns]) -> Iterator[bytes]:
    import pyarrow as pa
    from pyarrow import csv

    has_head = True
    for columns in blocks:
        target = io.BytesIO()
        csv.write_csv(pa.table(columns), target, csv.WriteOptions(include_header=has_head))
        has_head = False
        yield target.getvalue()
