"""Numbers of the network to what a caller reads, by task. Made once for a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.columns import as_text
from models.signature import ClassValue, Signature
from models.specification import TaskName

Array = NDArray[np.float64]
Prediction = dict[str, Any]


class AnswerWriter(Protocol):
    """Writes one prediction for each row of `values`, of shape (n_rows, n_outputs)."""

    def write(self, values: Array) -> list[Prediction]: ...


def answer_writer(task: TaskName, signature: Signature) -> AnswerWriter:
    names = [output.name for output in signature.outputs]
    if task == "classification":
        return ClassAnswers(signature.outputs[0].classes or ())
    if task == "multilabel":
        return LabelsAnswers(names)
    return ValueAnswers() if len(names) == 1 else ValuesAnswers(names)


class ClassAnswers:
    """The likeliest class, and the probability of each by its text."""

    def __init__(self, classes: Sequence[ClassValue]) -> None:
        self._classes = tuple(classes)
        self._texts = tuple(str(as_text(one)) for one in classes)

    def write(self, values: Array) -> list[Prediction]:
        texts, classes = self._texts, self._classes
        return [
            {"label": classes[best], "probabilities": dict(zip(texts, row, strict=True))}
            for best, row in zip(values.argmax(1).tolist(), values.tolist(), strict=True)
        ]

    def write_top(self, values: Array, k: int) -> list[Prediction]:
        """The same with the k likeliest classes alone, the likeliest first."""
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        return [
            {"label": self._classes[best[0]], "probabilities": {self._texts[one]: float(row[one]) for one in best}}
            for best, row in zip(order, values, strict=True)
        ]


class LabelsAnswers:
    """Yes where the probability of yes is at least a half."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)

    def write(self, values: Array) -> list[Prediction]:
        names = self._names
        return [
            {"labels": dict(zip(names, yes, strict=True)), "probabilities": dict(zip(names, row, strict=True))}
            for yes, row in zip((values >= 0.5).tolist(), values.tolist(), strict=True)
        ]


class ValueAnswers:
    """One number in raw units."""

    def write(self, values: Array) -> list[Prediction]:
        return [{"value": value} for value in values[:, 0].tolist()]


class ValuesAnswers:
    """Several numbers by their names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)

    def write(self, values: Array) -> list[Prediction]:
        names = self._names
        return [{"values": dict(zip(names, row, strict=True))} for row in values.tolist()]
