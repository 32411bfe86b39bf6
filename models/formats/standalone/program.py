"""A trained feedforward network in one file. It needs Python 3.11 and NumPy.

from this_file import predict
predict([{"sepal_length": 5.1, ...}])           # one answer a row

python this_file.py < rows.json                 # a JSON list of such rows
"""

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Json = dict[str, Any]

NETWORK = json.loads("{}")
# The features whose dates are read by their format alone, since ISO 8601 could mean another day.
WITHOUT_ISO = json.loads("[]")
SPACES = " \u00a0\u202f\u2009"
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def predict(rows: list[Json]) -> list[Json]:
    """One answer a row: label and probabilities, labels and probabilities, value, or values."""
    outputs = decode(forward(encode(rows)).astype(np.float64))
    return [answer(row) for row in outputs.tolist()]


def encode(rows: list[Json]) -> Array:
    """The matrix that the network reads, of shape (n_rows, n_inputs), from rows by feature name."""
    features = NETWORK["preprocessing"]
    return np.concatenate([ENCODERS[feature["type"]](feature, column(feature, rows)) for feature in features], axis=1)


def column(feature: Json, rows: list[Json]) -> list[Any]:
    """The values of one feature, None for a missing one. Raises KeyError where a row lacks a feature that it needs."""
    name = feature["name"]
    values = [written_value(feature, row.get(name) if feature["nullable"] else row[name]) for row in rows]
    if None in values and not feature["nullable"]:
        raise ValueError(f"{feature['name']} is missing in row {values.index(None)}")
    return values


def written_value(feature: Json, value: Any) -> Any:
    """A value, read like a cell of the training data where it is a text; None for a missing value."""
    form: Json | None = feature.get("form")
    if form is None or value is None:
        return checked_value(feature, value)
    missing: list[str] = form.get("missing_values", ["NA", "NaN", "nan", "null"])
    if isinstance(value, str) and value.strip() in ["", *missing]:
        return None
    if feature["type"] == "number":
        read = written_number(feature, form, value) if isinstance(value, str) else value
        return None if read in [float(token) for token in missing if PLAIN.fullmatch(token.strip())] else read
    if feature["type"] == "boolean" and isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if feature["type"] == "category":
        return None if as_text(value) in missing else value
    return checked_value(feature, value)


def checked_value(feature: Json, value: Any) -> Any:
    """A value that is no text in a form of its own. Raises ValueError for a text among numbers."""
    if isinstance(value, str) and feature["type"] in ("number", "boolean"):
        raise ValueError(f"{feature['name']} is a {feature['type']}, not {value[:100]!r}")
    return value


def written_number(feature: Json, form: Json, text: str) -> float:
    """The number of a text, which is written in the form of the feature or plainly. Raises ValueError."""
    decimal, thousands, unit = form.get("decimal", "."), form.get("thousands", ""), form.get("unit") or ""
    body = text.strip().replace("\u2212", "-")
    sign = body[:1] if unit and body[:1] in ("+", "-") else ""
    body = sign + body[len(sign) :].removeprefix(unit).removesuffix(unit).strip() if unit else body
    spaces = SPACES if thousands == " " else thousands
    groups = rf"[1-9]\d{{0,2}}(?:[{re.escape(spaces)}]\d{{3}})+|" if thousands else ""
    point = re.escape(decimal)
    if re.fullmatch(rf"[+-]?(?:(?:{groups}\d+)(?:{point}\d+)?|{point}\d+)", body):
        return float(body.translate({ord(space): None for space in spaces} | {ord(decimal): "."}))
    if PLAIN.fullmatch(body) and ("." not in body or decimal == "."):
        return float(body)
    raise ValueError(f"{feature['name']} is a number, not {text[:100]!r}")


def encode_number(feature: Json, values: list[Any]) -> Array:
    """(x - shift) / scale, and a flag for missing values."""
    raw = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    missing = np.isnan(raw)
    scaled = (np.where(missing, feature["fill"], raw) - feature.get("shift", 0.0)) / feature.get("scale", 1.0)
    return with_flag(feature, scaled[:, None], missing)


def encode_category(feature: Json, values: list[Any]) -> Array:
    """One column for each level; a text that is not in the training data is all zeros."""
    levels = [*feature["levels"], *([None] if has_flag(feature) else [])]
    return np.array([[float(level == as_text(value)) for level in levels] for value in values])


def as_text(value: Any) -> str | None:
    """The text of a category; numbers and booleans by their JSON text."""
    if value is None or isinstance(value, str):
        return value
    whole = not isinstance(value, bool) and float(value).is_integer()
    return str(int(value)) if whole else json.dumps(value)


def encode_date(feature: Json, values: list[Any]) -> Array:
    """The scaled day, and sine and cosine of its place in each cycle; zeros where it is missing."""
    missing = np.array([value is None for value in values])
    moments = [0 if value is None else microseconds(feature, value) for value in values]
    known = np.array(moments, dtype=np.int64) / 86_400_000_000
    days = np.where(missing, feature["shift"], known)
    columns = [(days - feature["shift"]) / feature["scale"]]
    for cycle in feature["cycles"]:
        period = {"year": 365.2425, "week": 7.0, "day": 1.0}[cycle]
        angle = 2 * np.pi * np.mod(days, period) / period
        columns += [np.sin(angle), np.cos(angle)]
    encoded = np.column_stack(columns)
    encoded[missing] = 0.0
    return with_flag(feature, encoded, missing)


def microseconds(feature: Json, text: str) -> int:
    """Microseconds since 1970 of a date in the feature's format or in ISO 8601; a date without a zone is in UTC."""
    moment = read_date(feature, text)
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return int(np.datetime64(moment, "us").astype(np.int64))


def read_date(feature: Json, text: str) -> datetime:
    """The date in the feature's format, where it has one, else in ISO 8601."""
    if "format" not in feature:
        return datetime.fromisoformat(text.strip())
    forms = f"the format {feature['format']!r}{'' if feature['name'] in WITHOUT_ISO else ' or ISO 8601'}"
    with suppress(ValueError):
        return datetime.strptime(text.strip(), feature["format"].strip())
    with suppress(ValueError):
        if feature["name"] not in WITHOUT_ISO:
            return datetime.fromisoformat(text.strip())
    raise ValueError(f"{feature['name']} is a date in {forms}, not {text[:100]!r}")


def with_flag(feature: Json, encoded: Array, missing: Array) -> Array:
    """The columns, and a flag for missing values where the training data had some."""
    return np.column_stack([encoded, missing]) if has_flag(feature) else encoded


def has_flag(feature: Json) -> bool:
    """Whether a column says which values are missing."""
    return bool(feature.get("flagged", feature["nullable"]))


ENCODERS = {"number": encode_number, "boolean": encode_number, "category": encode_category, "date": encode_date}


def forward(x: Array) -> Array:
    """Layer after layer: y = activation(normed(x W + b))."""
    network, dtype = NETWORK["network"], NETWORK["network"]["dtype"]
    x, n_hidden, activation = x.astype(dtype), len(network["hidden"]), network["activation"]
    for k in range(n_hidden):
        x = norm(f"hidden.{k}.norm", dense(f"hidden.{k}", x))
        x = ACTIVATIONS[activation if isinstance(activation, str) else activation[k]](x)
    return ACTIVATIONS[network["output"]](dense("output", x))


def tensor(name: str) -> Array:
    """An array of the network by its name."""
    return np.array(NETWORK["tensors"][name], dtype=NETWORK["network"]["dtype"])


def dense(name: str, x: Array) -> Array:
    """y = x W + b."""
    return x @ tensor(name + ".weight") + tensor(name + ".bias")


def norm(name: str, x: Array) -> Array:
    """Batch norm by the running statistics, layer norm by those of each row, or no norm."""
    if NETWORK["network"]["batch_norm"]:
        mean, variance = tensor(name + ".mean"), tensor(name + ".variance")
    elif NETWORK["network"]["layer_norm"]:
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    else:
        return x
    normed: Array = (x - mean) / np.sqrt(variance + x.dtype.type(1e-5))
    return normed * tensor(name + ".scale") + tensor(name + ".shift")


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^-z), without overflow."""
    return (1 + np.tanh(z / 2)) / 2


def softmax(z: Array) -> Array:
    """e^z / sum e^z, without overflow."""
    powers: Array = np.exp(z - z.max(axis=1, keepdims=True))
    total: Array = powers.sum(axis=1, keepdims=True)
    return powers / total


def softplus(z: Array) -> Array:
    """log(1 + e^z), without overflow."""
    result: Array = np.logaddexp(z, z.dtype.type(0))
    return result


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z.dtype.type(0.01) * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z**3))) / 2,
    "silu": lambda z: z * sigmoid(z),
    "mish": lambda z: z * np.tanh(softplus(z)),
    "softplus": softplus,
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_sigmoid": lambda z: np.clip(z / 6 + z.dtype.type(0.5), 0, 1),
    "softmax": softmax,
    "exponential": np.exp,
}


def decode(outputs: Array) -> Array:
    """Probabilities of each class or label, or numbers in raw units."""
    target = NETWORK["target"]
    if target["task"] == "regression":
        raw = outputs * np.array(target["scale"]) + np.array(target["shift"])
        return np.exp(outputs) if target["link"] == "exp" else raw
    linear = target["output"] == "linear"
    if target["task"] == "multilabel" or outputs.shape[1] == 1:
        p = sigmoid(outputs) if linear else outputs
        return p if target["task"] == "multilabel" else np.concatenate([1 - p, p], axis=1)
    if linear:
        return softmax(outputs)
    return outputs if target["output"] == "softmax" else shares(outputs)


def shares(outputs: Array) -> Array:
    """Independent probabilities divided by their sum; equal ones where all are 0."""
    positive: Array = np.maximum(outputs, np.finfo(outputs.dtype).tiny)
    total: Array = positive.sum(axis=1, keepdims=True)
    return positive / total


def answer(values: list[float]) -> Json:
    """The answer for one row of outputs."""
    target = NETWORK["target"]
    if target["task"] == "classification":
        threshold = target.get("threshold")  # the probability from which the second of two classes is predicted
        place = values.index(max(values)) if threshold is None else int(values[1] >= threshold)
        label = target["classes"][place]
        return {"label": label, "probabilities": dict(zip(map(as_text, target["classes"]), values, strict=True))}
    if target["task"] == "multilabel":
        probabilities = dict(zip(target["names"], values, strict=True))
        return {"labels": {name: p >= 0.5 for name, p in probabilities.items()}, "probabilities": probabilities}
    return {"value": values[0]} if len(values) == 1 else {"values": dict(zip(target["names"], values, strict=True))}


if __name__ == "__main__":
    json.dump(predict(json.load(sys.stdin)), sys.stdout, indent=1)
    print()
