"""Predictions as CSV, NDJSON, Arrow or one JSON document, written block by block."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Protocol

from models.coded_warnings import CodedWarning
from service.media_types import ARROW_STREAM, CSV, JSON, NDJSON
from service.serving.input_warnings import MOST_WARNINGS, InputWarnings, shift_row
from service.serving.json_writer import csv_cell
from service.serving.served_version import Predicted, ServedVersion


class OutputFormat(Protocol):
    """Writes a stream of predictions of one version."""

    def block(self, predicted: Predicted) -> bytes:
        """The next predictions; the first block has the head before them."""
        ...

    def end(self) -> bytes: ...


class JsonFormat:
    """The document of `/predict`, with the first warnings after the predictions."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version
        self._rows = 0
        self._warnings: list[CodedWarning] = []
        self._warning_count = 0

    def block(self, predicted: Predicted) -> bytes:
        predictions = self._version.write_list(predicted.values)
        self._keep(predicted.warnings)
        start = b"," if self._rows else self._version.response_start + b"["
        self._rows += len(predicted.values)
        return start + predictions[1:-1]

    def _keep(self, warnings: InputWarnings) -> None:
        self._warning_count += warnings.count
        room = MOST_WARNINGS - len(self._warnings)
        self._warnings += [shift_row(warning, self._rows) for warning in warnings.items[:room]]

    def end(self) -> bytes:
        ending = b'],"warnings":%s' % InputWarnings(self._warnings, self._warning_count).to_json()
        return ending + (b',"warning_count":%d}' % self._warning_count if self._warning_count else b"}")


class NdjsonFormat:
    """A prediction a line."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version

    def block(self, predicted: Predicted) -> bytes:
        return b"\n".join([*self._version.write_rows(predicted.values), b""])

    def end(self) -> bytes:
        return b""


class CsvFormat:
    """A line of names, then a line for each row; booleans as true and false."""

    def __init__(self, version: ServedVersion) -> None:
        self._view = version.view
        self._head = (",".join(map(csv_cell, version.view.table_names)) + "\n").encode()

    def block(self, predicted: Predicted) -> bytes:
        head, self._head = self._head, b""
        columns = self._view.csv_columns(predicted.values)
        return head + b"\n".join([*map(b",".join, zip(*columns, strict=True)), b""])

    def end(self) -> bytes:
        return self._head


class ArrowFormat:
    """Arrow's IPC streaming format."""

    def __init__(self, version: ServedVersion) -> None:
        self._view = version.view
        self._file = io.BytesIO()
        self._writer: Any = None

    def block(self, predicted: Predicted) -> bytes:
        import pyarrow as pa

        arrays = [pa.array(column) for column in self._view.table_columns(predicted.values)]
        batch = pa.record_batch(arrays, names=self._view.table_names)
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._file, batch.schema)
        self._writer.write_batch(batch)
        return self._take()

    def end(self) -> bytes:
        if self._writer is not None:
            self._writer.close()
        return self._take()

    def _take(self) -> bytes:
        content = self._file.getvalue()
        self._file.seek(0)
        self._file.truncate()
        return content


OUTPUT_FORMATS: dict[str, Callable[[ServedVersion], OutputFormat]] = {
    JSON: JsonFormat,
    NDJSON: NdjsonFormat,
    CSV: CsvFormat,
    ARROW_STREAM: ArrowFormat,
}
