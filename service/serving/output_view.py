"""The meaning of a network's outputs, one class for each kind: chosen once for a version, used wherever outputs go out.

A new kind of output needs a class here, and a kind of target in `models/data/targets`, where decisions are made.
`values` are always the decoded outputs of the network: finite float64 of shape (n_rows, n_values).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

from models.data.columns import Column, as_text
from models.data.signature import ClassValue
from models.data.targets.decision_threshold import decide, decide_labels
from models.evaluation.metrics import classification_report, multilabel_report, regression_report
from models.inference.intervals import prediction_intervals, prediction_sets
from models.inference.trained_network import TrainedNetwork
from service.problems import did_you_mean, shorten
from service.serving.json_writer import RowText, Texts, csv_cell, fields, number_texts

Array = NDArray[Any]
Columns = Mapping[str, Sequence[Any]]
Fields = list[dict[str, Any]]
Schema = dict[str, Any]
# Of more classes than this, drift is watched for the first ones only.
MOST_MONITORED_CLASSES = 20
TRUTHS = (b"false", b"true")


class Output(Protocol):
    """One output in a version's signature, as the library and as the registry record it."""

    @property
    def name(self) -> str: ...
    @property
    def classes(self) -> Sequence[ClassValue] | None: ...
    @property
    def threshold(self) -> float | None: ...


class BadLabel(ValueError):
    """The version could not have predicted this label."""


class OutputView(ABC):
    """What the values of one version mean. `names` are those of the values, in their order."""

    names: list[str]
    classes: Sequence[ClassValue] = ()
    ranked_names: Sequence[str] = ()
    """What the classification extension of the inference protocol calls each value; empty for numbers."""
    row_text: RowText
    """The JSON object of a row; `json_columns` fills it."""
    table_names: list[str]
    """The columns of a CSV or Arrow table; `csv_columns` and `table_columns` fill them."""

    @property
    def subjects(self) -> Sequence[ClassValue]:
        """What each value is about, to find it in another version's values: a class, or the name of an output."""
        return self.names

    @abstractmethod
    def decide(self, values: Array) -> Array:
        """The decision for each row: the index of a class (n_rows,), or yes and no (n_rows, n_values)."""

    @abstractmethod
    def json_columns(self, values: Array) -> list[Texts]: ...
    @abstractmethod
    def csv_columns(self, values: Array) -> list[Texts]: ...
    @abstractmethod
    def table_columns(self, values: Array) -> list[Any]: ...

    @abstractmethod
    def json_schema(self) -> Schema:
        """The JSON schema of one row's prediction."""

    @abstractmethod
    def tensors(self) -> list[dict[str, Any]]:
        """The output tensors of the inference protocol: FP64 holds the values, BYTES and BOOL the decisions."""

    @abstractmethod
    def agreeing_rows(self, values: Array, other: OutputView, other_values: Array, order: Sequence[int]) -> int | None:
        """How many rows another version decides in the same way; None where nothing is decided.

        `order` gives the place of each of this version's values in the other's.
        """

    @abstractmethod
    def certainty(self, trained: TrainedNetwork, columns: Columns, coverage: float) -> Fields:
        """The intervals or the sets of classes that hold the truth with this coverage. Raises ModelError."""

    @abstractmethod
    def prediction(self, values: Sequence[float]) -> dict[str, Any]:
        """The prediction for one logged row, in the form of `/predict`."""

    @abstractmethod
    def truth(self, label: Any) -> list[float]:
        """A true label as numbers: the index of its class, or the value of each output. Raises BadLabel."""

    @abstractmethod
    def monitored_columns(self, values: Array) -> list[Column]:
        """The columns whose drift is watched."""

    @abstractmethod
    def report(self, truth: Array, values: Array) -> dict[str, Any]:
        """The metrics of the task; `truth` holds a row of `self.truth` for each row."""


def output_view(task: str, outputs: Sequence[Output]) -> OutputView:
    """The view of a version with this task and these outputs in its signature."""
    return VIEWS[task](outputs)


class ClassView(OutputView):
    """One class out of several: a label, and the probability of each class by its text."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        [output] = outputs
        self._threshold = output.threshold
        self.classes = tuple(output.classes or ())
        self.names = [str(as_text(value)) for value in self.classes]
        self.ranked_names = self.names
        self.table_names = ["label", *(f"probability_{name}" for name in self.names)]
        self.row_text = RowText([b'{"label":', *fields(self.names, b',"probabilities":{'), b"}}"])
        self._json_labels = [orjson.dumps(value) for value in self.classes]
        self._csv_labels = [csv_cell(name).encode() for name in self.names]

    @property
    def subjects(self) -> Sequence[ClassValue]:
        return self.classes

    def decide(self, values: Array) -> Array:
        return decide(values, self._threshold)

    def json_columns(self, values: Array) -> list[Texts]:
        return self._columns_with(self._json_labels, values)

    def csv_columns(self, values: Array) -> list[Texts]:
        return self._columns_with(self._csv_labels, values)

    def _columns_with(self, labels: Texts, values: Array) -> list[Texts]:
        return [[labels[best] for best in self.decide(values).tolist()], *number_texts(values)]

    def table_columns(self, values: Array) -> list[Any]:
        return [[self.classes[best] for best in self.decide(values).tolist()], *values.T]

    def json_schema(self) -> Schema:
        label: Schema = {"enum": list(self.classes)}
        if self._threshold is not None:
            label["description"] = f"`{self.names[1]}` from a probability of {self._threshold:.6g} on."
        return object_schema(label=label, probabilities=_probabilities_schema(self.names))

    def tensors(self) -> list[dict[str, Any]]:
        order = {"parameters": {"classes": _json_text(self.classes)}}
        threshold = {} if self._threshold is None else {"parameters": {"threshold": self._threshold}}
        return [tensor("probabilities", "FP64", len(self.classes)) | order, tensor("label", "BYTES", 1) | threshold]

    def agreeing_rows(self, values: Array, other: OutputView, other_values: Array, order: Sequence[int]) -> int | None:
        return int(np.sum(np.array(order)[self.decide(values)] == other.decide(other_values)))

    def certainty(self, trained: TrainedNetwork, columns: Columns, coverage: float) -> Fields:
        chosen = prediction_sets(trained, columns, coverage)
        return [{"prediction_set": [self.classes[place] for place in np.flatnonzero(row).tolist()]} for row in chosen]

    def prediction(self, values: Sequence[float]) -> dict[str, Any]:
        [best] = self.decide(np.array([values])).tolist()
        return {"label": self.classes[best], "probabilities": dict(zip(self.names, values, strict=True))}

    def truth(self, label: Any) -> list[float]:
        for place, value in enumerate(self.classes):
            if value == label and isinstance(value, bool) == isinstance(label, bool):
                return [place]
            if isinstance(value, str) and type(label) is int and value == as_text(label):
                return [place]  # codes are text, but may be sent as numbers
        known = [value for value in self.classes if isinstance(value, str)]
        near = did_you_mean(label, known) if isinstance(label, str) else ""
        raise BadLabel(f"{shorten(repr(label), 40)} is not a class of this version.{near}")

    def monitored_columns(self, values: Array) -> list[Column]:
        label = Column("label", "category", np.array(self.names, dtype=object)[self.decide(values)])
        named = list(enumerate(self.names))
        watched = named[1:] if len(named) == 2 else named[:MOST_MONITORED_CLASSES]
        return [label, *(_number_column(f"probability of {name}", values[:, place]) for place, name in watched)]

    def report(self, truth: Array, values: Array) -> dict[str, Any]:
        return classification_report(truth[:, 0].astype(np.int64), values, self.names, self._threshold)


class LabelsView(OutputView):
    """Several labels: yes or no for each, and the probability of yes."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        self.names = [output.name for output in outputs]
        self.ranked_names = self.names
        self.table_names = [*self.names, *(f"probability_{name}" for name in self.names)]
        parts = [*fields(self.names, b'{"labels":{'), *fields(self.names, b'},"probabilities":{'), b"}}"]
        self.row_text = RowText(parts)

    def decide(self, values: Array) -> Array:
        return decide_labels(values)

    def json_columns(self, values: Array) -> list[Texts]:
        decided = self.decide(values).T.tolist()
        return [*([TRUTHS[yes] for yes in label] for label in decided), *number_texts(values)]

    def csv_columns(self, values: Array) -> list[Texts]:
        return self.json_columns(values)

    def table_columns(self, values: Array) -> list[Any]:
        return [*self.decide(values).T, *values.T]

    def json_schema(self) -> Schema:
        labels = object_schema(**{name: {"type": "boolean"} for name in self.names})
        return object_schema(labels=labels, probabilities=_probabilities_schema(self.names))

    def tensors(self) -> list[dict[str, Any]]:
        order = {"parameters": {"names": _json_text(self.names)}}
        width = len(self.names)
        return [tensor("probabilities", "FP64", width) | order, tensor("labels", "BOOL", width) | order]

    def agreeing_rows(self, values: Array, other: OutputView, other_values: Array, order: Sequence[int]) -> int | None:
        return int(np.sum((self.decide(values) == self.decide(other_values[:, order])).all(axis=1)))

    def certainty(self, trained: TrainedNetwork, columns: Columns, coverage: float) -> Fields:
        prediction_intervals(trained, columns, coverage)  # raises the reason why labels have none
        raise AssertionError("labels have no intervals")

    def prediction(self, values: Sequence[float]) -> dict[str, Any]:
        [decided] = self.decide(np.array([values])).tolist()
        return {
            "labels": dict(zip(self.names, decided, strict=True)),
            "probabilities": dict(zip(self.names, values, strict=True)),
        }

    def truth(self, label: Any) -> list[float]:
        by_name = _labels_by_name(label, self.names)
        for name in self.names:
            if not isinstance(by_name[name], bool):
                raise BadLabel(f"`{shorten(name, 40)}` should be true or false")
        return [float(by_name[name]) for name in self.names]

    def monitored_columns(self, values: Array) -> list[Column]:
        decided = zip(self.names, self.decide(values).T, strict=True)
        labels = [Column(name, "boolean", column * 1.0) for name, column in decided]
        return labels + [_number_column(f"probability of {name}", values[:, k]) for k, name in enumerate(self.names)]

    def report(self, truth: Array, values: Array) -> dict[str, Any]:
        return multilabel_report(truth, values, self.names)


class NumbersView(OutputView):
    """Several numbers in raw units, by name."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        self.names = [output.name for output in outputs]
        self.table_names = self.names
        self.row_text = RowText([*fields(self.names, b'{"values":{'), b"}}"])

    def decide(self, values: Array) -> Array:
        """The numbers themselves: nothing is decided about them."""
        return values

    def json_columns(self, values: Array) -> list[Texts]:
        return number_texts(values)

    def csv_columns(self, values: Array) -> list[Texts]:
        return number_texts(values)

    def table_columns(self, values: Array) -> list[Any]:
        return list(values.T)

    def json_schema(self) -> Schema:
        return object_schema(values=object_schema(**{name: {"type": "number"} for name in self.names}))

    def tensors(self) -> list[dict[str, Any]]:
        return [tensor("predictions", "FP64", len(self.names)) | {"parameters": {"names": _json_text(self.names)}}]

    def agreeing_rows(self, values: Array, other: OutputView, other_values: Array, order: Sequence[int]) -> int | None:
        return None

    def certainty(self, trained: TrainedNetwork, columns: Columns, coverage: float) -> Fields:
        rows = _intervals(trained, columns, coverage)
        return [{"intervals": dict(zip(self.names, row, strict=True))} for row in rows]

    def prediction(self, values: Sequence[float]) -> dict[str, Any]:
        return {"values": dict(zip(self.names, values, strict=True))}

    def truth(self, label: Any) -> list[float]:
        by_name = _labels_by_name(label, self.names)
        return [_number(name, by_name[name]) for name in self.names]

    def monitored_columns(self, values: Array) -> list[Column]:
        return [_number_column(name, column) for name, column in zip(self.names, values.T, strict=True)]

    def report(self, truth: Array, values: Array) -> dict[str, Any]:
        return regression_report(truth, values)


class NumberView(NumbersView):
    """One number in raw units, without its name."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        super().__init__(outputs)
        self.table_names = ["value"]
        self.row_text = RowText([b'{"value":', b"}"])

    def json_schema(self) -> Schema:
        return object_schema(value={"type": "number"})

    def certainty(self, trained: TrainedNetwork, columns: Columns, coverage: float) -> Fields:
        return [{"interval": interval} for [interval] in _intervals(trained, columns, coverage)]

    def prediction(self, values: Sequence[float]) -> dict[str, Any]:
        return {"value": values[0]}


def _number_view(outputs: Sequence[Output]) -> OutputView:
    return NumberView(outputs) if len(outputs) == 1 else NumbersView(outputs)


VIEWS: dict[str, Callable[[Sequence[Output]], OutputView]] = {
    "classification": ClassView,
    "multilabel": LabelsView,
    "regression": _number_view,
}


def tensor(name: str, datatype: str, width: int) -> dict[str, Any]:
    """The metadata of a tensor in the inference protocol, with any number of rows."""
    return {"name": name, "datatype": datatype, "shape": [-1, width]}


def object_schema(**properties: Schema) -> Schema:
    """The JSON schema of an object whose properties are all required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _probabilities_schema(names: Sequence[str]) -> Schema:
    return object_schema(**{name: {"type": "number", "minimum": 0, "maximum": 1} for name in names})


def _json_text(values: Sequence[Any]) -> str:
    """Parameters of the inference protocol hold no lists, so an order is given as the text of a JSON list."""
    return orjson.dumps(list(values)).decode()


def _intervals(trained: TrainedNetwork, columns: Columns, coverage: float) -> list[list[dict[str, float | None]]]:
    """An interval of each output, for each row; an end is null where too few rows were held out to know it."""
    low, high = prediction_intervals(trained, columns, coverage)
    return [[_interval(*ends) for ends in zip(*row, strict=True)] for row in zip(low, high, strict=True)]


def _interval(low: float, high: float) -> dict[str, float | None]:
    return {"low": float(low) if np.isfinite(low) else None, "high": float(high) if np.isfinite(high) else None}


def _labels_by_name(label: Any, names: Sequence[str]) -> dict[str, Any]:
    """The true value of each output; a single output needs no name. Raises BadLabel."""
    by_name = {names[0]: label} if len(names) == 1 and not isinstance(label, dict) else label
    listed = shorten(", ".join(f"`{name}`" for name in names), 200)
    if not isinstance(by_name, dict):
        raise BadLabel(f"give an object with a value for each of {listed}")
    if by_name.keys() != set(names):
        raise BadLabel(f"give a value for each of {listed}, and for nothing else")
    return by_name


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadLabel(f"`{shorten(name, 40)}` should be a number")
    try:
        return float(value)
    except OverflowError:
        raise BadLabel(f"`{shorten(name, 40)}` is too large for float64") from None


def _number_column(name: str, values: Array) -> Column:
    return Column(name, "number", values)
