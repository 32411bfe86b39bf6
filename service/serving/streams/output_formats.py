"""Predictions as CSV, NDJSON, Arrow or one JSON document, written block by block."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import orjson

from models.data.columns import as_text
from service.media_types import ARROW_STREAM, CSV, JSON, NDJSON
from service.serving.input_warnings import MOST_WARNINGS, InputWarning, InputWarnings
from service.serving.json_writer import number_texts
from service.serving.served_version import Predicted, ServedVersion


class OutputFormat(Protocol):
    """Tells a stream of predictions of one version."""

    def block(self, predicted: Predicted) -> bytes:
        """The next predictions, with what stands before the first of all."""
        ...

    def end(self) -> bytes: ...


class JsonForm:
    """The document of `/predict`, with the first warnings."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version
        self._rows = 0
        self._warnings: list[InputWarning] = []
        self._warning_count = 0

    def block(self, predicted: Predicted) -> bytes:
        written = self._version.writer.text.whole(self._version.writer.columns(predicted.values))
        self._keep(predicted.cautions)
        start = b"," if self._rows else self._version.answer_start + b"["
        self._rows += len(predicted.values)
        return start + written[1:-1]

    def _keep(self, cautions: InputWarnings) -> None:
        self._warning_count += cautions.count
        room = MOST_WARNINGS - len(self._warnings)
        self._warnings += [InputWarning(**one | {"row": one["row"] + self._rows}) for one in cautions.items[:room]]

    def end(self) -> bytes:
        ending = b'],"warnings":%s' % orjson.dumps(self._warnings)
        return ending + (b',"warning_count":%d}' % self._warning_count if self._warning_count else b"}")


class NdjsonForm:
    """A prediction a line."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version

    def block(self, predicted: Predicted) -> bytes:
        return b"\n".join([*self._version.write_rows(predicted.values), b""])

    def end(self) -> bytes:
        return b""


class CsvForm:
    """A line of names, then a line for each row; booleans as true and false."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version
        self._head = _line(column_names(version))
        self._labels = [_cell(str(as_text(one))).encode() for one in version.signature.outputs[0].classes or ()]

    def block(self, predicted: Predicted) -> bytes:
        head, self._head = self._head, b""
        columns = number_texts(predicted.values)
        if self._version.task == "classification":
            columns.insert(0, [self._labels[best] for best in self._version.decide(predicted.values).tolist()])
        elif self._version.task == "multilabel":
            columns = [_truths(label) for label in predicted.values.T] + columns
        return head + b"\n".join([*map(b",".join, zip(*columns, strict=True)), b""])

    def end(self) -> bytes:
        return self._head


class ArrowForm:
    """The streaming form of Arrow's IPC."""

    def __init__(self, version: ServedVersion) -> None:
        self._version = version
        self._file = io.BytesIO()
        self._writer: Any = None

    def block(self, predicted: Predicted) -> bytes:
        import pyarrow as pa

        names = column_names(self._version)
        batch = pa.record_batch([pa.array(one) for one in self._columns(predicted.values)], names=names)
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._file, batch.schema)
        self._writer.write_batch(batch)
        return self._take()

    def _columns(self, values: Any) -> list[Any]:
        numbers = list(values.T)
        if self._version.task == "classification":
            classes = self._version.signature.outputs[0].classes or ()
            return [[classes[best] for best in self._version.decide(values).tolist()], *numbers]
        return [label >= 0.5 for label in numbers] + numbers if self._version.task == "multilabel" else numbers

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
    JSON: JsonForm,
    NDJSON: NdjsonForm,
    CSV: CsvForm,
    ARROW_STREAM: ArrowForm,
}


def column_names(version: ServedVersion) -> list[str]:
    """Of the tables that CSV and Arrow answer."""
    outputs = [output.name for output in version.signature.outputs]
    if version.task == "classification":
        classes = version.signature.outputs[0].classes or ()
        return ["label", *(f"probability_{as_text(one)}" for one in classes)]
    if version.task == "multilabel":
        return [*outputs, *(f"probability_{name}" for name in outputs)]
    return ["value"] if len(outputs) == 1 else outputs


def _truths(label: Any) -> list[bytes]:
    return np.where(label >= 0.5, b"true", b"false").tolist()  # type: ignore[no-any-return]


def _line(cells: Sequence[str]) -> bytes:
    return (",".join(map(_cell, cells)) + "\n").encode()


def _cell(text: str) -> str:
    """Quoted where a comma, a quote or a line end would be read as something else."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text
