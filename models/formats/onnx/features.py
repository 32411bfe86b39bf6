"""Raw inputs to the matrix that the network reads, as `models.data.features` does it.

Features that are all numbers are one input, `inputs`, of float64 with NaN for missing. Else each feature is an input
of its own name (see `input_name`) and of shape (rows, 1): numbers and booleans (0, 1) as float64 with NaN for missing;
text with an empty text for missing (U+0000 where the empty text is a level); dates as whole microseconds since 1970 in
UTC with the least int64 for missing.
"""

import numpy as np

from models.data.features.booleans import BooleanEncoder
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import MICROSECONDS_A_DAY, PERIOD_DAYS, DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.features.preprocessing import Preprocessing
from models.formats.onnx.graph import INNER, Graph

NO_DATE = np.iinfo(np.int64).min


def add_features(graph: Graph, preprocessing: Preprocessing) -> str:
    """The name of the matrix, float32 of shape (rows, n_inputs)."""
    encoders = preprocessing.encoders
    numbers = [encoder for encoder in encoders if isinstance(encoder, NumberEncoder)]
    if len(numbers) == len(encoders):
        return _matrix(graph, numbers)
    columns: list[str] = []
    for encoder in encoders:
        if isinstance(encoder, CategoryEncoder):
            columns.append(_category(graph, encoder))
        elif isinstance(encoder, DateEncoder):
            columns += _date(graph, encoder)
        else:
            columns += _number(graph, encoder)
    return graph.add("Concat", *columns, axis=1)


def _matrix(graph: Graph, numbers: list[NumberEncoder]) -> str:
    """All numbers at once: their flags of missing values are appended, then the columns are put in order."""
    raw = graph.input("inputs", "DOUBLE", len(numbers))
    missing = graph.add("IsNaN", raw)
    filled = graph.add("Where", missing, graph.constant([number.fill for number in numbers], np.float64), raw)
    scaled = _scaled(graph, filled, [number.shift for number in numbers], [number.scale for number in numbers])
    if not any(number.has_flag for number in numbers):
        return graph.cast(scaled, "FLOAT")
    both = graph.add("Concat", graph.cast(scaled, "FLOAT"), graph.cast(missing, "FLOAT"), axis=1)
    positions = ([k, len(numbers) + k] if number.has_flag else [k] for k, number in enumerate(numbers))
    order = [column for columns in positions for column in columns]
    return graph.add("Gather", both, graph.constant(order, np.int64), axis=1)


def _scaled(graph: Graph, value: str, shift: list[float], scale: list[float]) -> str:
    shifted = graph.add("Sub", value, graph.constant(shift, np.float64))
    return graph.add("Div", shifted, graph.constant(scale, np.float64))


def _number(graph: Graph, encoder: NumberEncoder | BooleanEncoder) -> list[str]:
    """A number, or a boolean as 0 and 1, and its flag of missing values."""
    raw = graph.input(input_name(encoder.name), "DOUBLE", 1)
    missing = graph.add("IsNaN", raw)
    value = graph.add("Where", missing, graph.constant([encoder.fill], np.float64), raw)
    if isinstance(encoder, NumberEncoder):
        value = _scaled(graph, value, [encoder.shift], [encoder.scale])
    flags = [graph.cast(missing, "FLOAT")] if encoder.has_flag else []
    return [graph.cast(value, "FLOAT"), *flags]


def _category(graph: Graph, encoder: CategoryEncoder) -> str:
    """One column for each level; zeros for an unknown text."""
    raw = graph.input(input_name(encoder.name), "STRING", 1)
    levels = [*encoder.levels, missing_text(encoder)] if encoder.has_flag else list(encoder.levels)
    texts = [level.encode() for level in levels]
    one_hot = graph.add("OneHotEncoder", raw, domain="ai.onnx.ml", cats_strings=texts, zeros=1)
    return graph.add("Reshape", one_hot, graph.constant([-1, len(levels)], np.int64))


def input_name(feature: str) -> str:
    """The name of a feature's input: that of the feature, with `input:` before names of outputs and inner values."""
    is_reserved = feature in ("predictions", "probabilities", "label") or feature.startswith(INNER)
    return f"input:{feature}" if is_reserved else feature


def missing_text(encoder: CategoryEncoder) -> str:
    """The text that stands for a missing value."""
    return "\0" if "" in encoder.levels else ""


def _date(graph: Graph, encoder: DateEncoder) -> list[str]:
    raw = graph.input(input_name(encoder.name), "INT64", 1)
    missing = graph.add("Equal", raw, graph.constant([NO_DATE], np.int64))
    exact = graph.add("Div", graph.cast(raw, "DOUBLE"), graph.constant([MICROSECONDS_A_DAY], np.float64))
    days = graph.add("Where", missing, graph.constant([encoder.shift], np.float64), exact)
    columns = [graph.cast(_scaled(graph, days, [encoder.shift], [encoder.scale]), "FLOAT")]
    for cycle in encoder.cycles:
        angle = _angle(graph, days, PERIOD_DAYS[cycle])
        columns += [graph.add("Sin", angle), graph.add("Cos", angle)]
    filled = [graph.add("Where", missing, graph.constant([0.0], np.float32), column) for column in columns]
    return [*filled, graph.cast(missing, "FLOAT")] if encoder.has_flag else filled


def _angle(graph: Graph, days: str, period: float) -> str:
    """The angle in the cycle, from 0 to 2π, reduced in float64 before it is rounded to float32."""
    turns = graph.add("Div", days, graph.constant([period], np.float64))
    turn = graph.add("Sub", turns, graph.add("Floor", turns))
    return graph.cast(graph.add("Mul", turn, graph.constant([2 * np.pi], np.float64)), "FLOAT")
