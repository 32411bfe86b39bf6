"""The numbers that a network gave for one row, told as a prediction, and true labels as numbers beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.data.columns import as_text
from models.data.targets.decision_threshold import decide
from service.problems import did_you_mean, shorten
from service.schemas.registry import Signature, Version


def told(version: Version, outputs: list[float]) -> dict[str, Any]:
    """As `/predict` answers it."""
    signature = version.signature
    names = [output.name for output in signature.outputs]
    if version.task == "classification":
        classes = signature.outputs[0].classes or []
        texts = [str(as_text(one)) for one in classes]
        [best] = decide(np.array([outputs]), signature.outputs[0].threshold).tolist()
        return {"label": classes[best], "probabilities": dict(zip(texts, outputs, strict=True))}
    by_name = dict(zip(names, outputs, strict=True))
    if version.task == "multilabel":
        return {"labels": {name: value >= 0.5 for name, value in by_name.items()}, "probabilities": by_name}
    return {"value": outputs[0]} if len(names) == 1 else {"values": by_name}


class BadLabel(ValueError):
    """The label is none that the version could have predicted."""


def truth_of(version: Version, label: Any) -> list[float]:
    """The label as numbers: the place of its class, or the value of each output. Raises BadLabel."""
    if version.task == "classification":
        return [_class_index(version.signature, label)]
    names = [output.name for output in version.signature.outputs]
    if len(names) == 1 and not isinstance(label, dict):
        label = {names[0]: label}
    if not isinstance(label, dict):
        raise BadLabel(f"give an object with a value for each of {_listed(names)}")
    if label.keys() != set(names):
        raise BadLabel(f"give a value for each of {_listed(names)}, and for nothing else")
    return [_value(name, label[name], version.task) for name in names]


def _class_index(signature: Signature, label: Any) -> float:
    classes = signature.outputs[0].classes or []
    for place, one in enumerate(classes):
        if one == label and isinstance(one, bool) == isinstance(label, bool):
            return place
        if isinstance(one, str) and type(label) is int and one == as_text(label):
            return place
    near = did_you_mean(label, [one for one in classes if isinstance(one, str)]) if isinstance(label, str) else ""
    raise BadLabel(f"{shorten(repr(label), 40)} is no class of this version.{near}")


def _value(name: str, value: Any, task: str) -> float:
    if task == "multilabel":
        if not isinstance(value, bool):
            raise BadLabel(f"`{shorten(name, 40)}` should be true or false")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise BadLabel(f"`{shorten(name, 40)}` should be a number")
    try:
        return float(value)
    except OverflowError:
        raise BadLabel(f"`{shorten(name, 40)}` is too large for float64") from None


def _listed(names: list[str]) -> str:
    return shorten(", ".join(f"`{name}`" for name in names), 200)
