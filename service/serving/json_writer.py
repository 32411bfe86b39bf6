"""The numbers of a network to the JSON that a caller reads, by task. Built once for a version.

Objects of one shape are written many at a time, as fixed texts with the values' texts between them: at 1,000 rows this
takes a fifth of the time of a dict for each row and one dump of them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from models.data.columns import as_text
from models.data.signature import ClassValue, Signature
from models.data.targets.decision_threshold import decide
from models.specification import TaskName

Texts = list[bytes]


class RowText:
    """`parts` are the fixed texts: the one before the first value, those between, and the one after the last."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = tuple(parts)
        self._template = b"%s".join(part.replace(b"%", b"%%") for part in parts)

    def rows(self, columns: Sequence[Texts]) -> Texts:
        """One JSON object a row; a column holds the texts of one value."""
        return [self._template % row for row in zip(*columns, strict=True)]

    def whole(self, columns: Sequence[Texts]) -> bytes:
        """The JSON list of all rows."""
        n_rows, step = len(columns[0]), 2 * len(columns)
        pieces = [b""] * (n_rows * step)
        between = self._parts[-1] + b"," + self._parts[0]
        for position, (part, column) in enumerate(zip(self._parts, columns, strict=False)):
            pieces[2 * position :: step] = [part if position else between] * n_rows
            pieces[2 * position + 1 :: step] = column
        pieces[0] = self._parts[0]
        return b"[%s%s]" % (b"".join(pieces), self._parts[-1])


def number_texts(values: NDArray[Any]) -> list[Texts]:
    """The shortest texts that read back as the same finite numbers; a list for each column of (n_rows, n_columns)."""
    width = values.shape[1]
    flat = orjson.dumps(values.ravel(), option=orjson.OPT_SERIALIZE_NUMPY)
    texts = flat[1:-1].split(b",")
    return [texts[position::width] for position in range(width)]


def fields(names: Sequence[str], start: bytes) -> list[bytes]:
    """The texts before each of some named values in an object that begins with `start`."""
    keys = [orjson.dumps(name) + b":" for name in names]
    return [start + keys[0], *(b"," + key for key in keys[1:])]


Array = NDArray[np.float64]
TRUTHS = (b"false", b"true")


class AnswerWriter(Protocol):
    """Tells `values`, finite numbers of shape (n_rows, n_outputs)."""

    @property
    def text(self) -> RowText: ...

    def columns(self, values: Array) -> list[Texts]:
        """The texts that go into each of the gaps of `text`."""
        ...


def answer_writer(task: TaskName, signature: Signature) -> AnswerWriter:
    names = [output.name for output in signature.outputs]
    if task == "classification":
        return ClassAnswers(signature.outputs[0].classes or (), signature.outputs[0].threshold)
    if task == "multilabel":
        return LabelsAnswers(names)
    return ValueAnswers() if len(names) == 1 else ValuesAnswers(names)


class ClassAnswers:
    """`{"label": …, "probabilities": {…}}`: the class that is told, and the probability of each by its text."""

    def __init__(self, classes: Sequence[ClassValue], threshold: float | None) -> None:
        self._threshold = threshold
        self._labels = [orjson.dumps(one) for one in classes]
        texts = [str(as_text(one)) for one in classes]
        self.text = RowText([b'{"label":', *fields(texts, b',"probabilities":{'), b"}}"])

    def columns(self, values: Array) -> list[Texts]:
        labels = self._labels
        return [[labels[best] for best in decide(values, self._threshold).tolist()], *number_texts(values)]


class LabelsAnswers:
    """`{"labels": {…}, "probabilities": {…}}`: yes where the probability of yes is at least a half."""

    def __init__(self, names: Sequence[str]) -> None:
        self.text = RowText([*fields(names, b'{"labels":{'), *fields(names, b'},"probabilities":{'), b"}}"])

    def columns(self, values: Array) -> list[Texts]:
        told = (values >= 0.5).T.tolist()
        return [*([TRUTHS[yes] for yes in label] for label in told), *number_texts(values)]


class ValueAnswers:
    """`{"value": …}`: one number in raw units."""

    text = RowText([b'{"value":', b"}"])

    def columns(self, values: Array) -> list[Texts]:
        return number_texts(values)


class ValuesAnswers:
    """`{"values": {…}}`: several numbers by their names."""

    def __init__(self, names: Sequence[str]) -> None:
        self.text = RowText([*fields(names, b'{"values":{'), b"}}"])

    def columns(self, values: Array) -> list[Texts]:
        return number_texts(values)
