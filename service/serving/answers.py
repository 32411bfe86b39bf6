"""Numbers of the network to the JSON that a caller reads, by task. Made once for a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from models.data.columns import as_text
from models.data.signature import ClassValue, Signature
from models.data.targets.decision_threshold import decided
from models.specification import TaskName
from service.serving.row_text import RowText, Texts, fields, number_texts

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
        return [[labels[best] for best in decided(values, self._threshold).tolist()], *number_texts(values)]


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
