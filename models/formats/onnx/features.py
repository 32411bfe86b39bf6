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
    numbers = [one for one in encoders if isinstance(one, NumberEncoder)]
    if len(numbers) == len(encoders):
        return _matrix(graph, numbers)
    parts: list[str] = []
    for encoder in encoders:
        if isinstance(encoder, CategoryEncoder):
            parts.append(_category(graph, encoder))
        elif isinstance(encoder, DateEncoder):
            parts += _date(graph, encoder)
        else:
            parts += _number(graph, encoder)
    return graph.add("Concat", *parts, axis=1)


def _matrix(graph: Graph, numbers: list[NumberEncoder]) -> str:
    """All numbers at once; flags of missing ones are put behind the numbers, then all columns in their order."""
    raw = graph.input("inputs", "DOUBLE", len(numbers))
    missing = graph.add("IsNaN", raw)
    filled = graph.add("Where", missing, graph.constant([one.fill for one in numbers], np.float64), raw)
    scaled = _scaled(graph, filled, [one.shift for one in numbers], [one.scale for one in numbers])
    if not any(one.nullable for one in numbers):
        return graph.cast(scaled, "FLOAT")
    both = graph.add("Concat", graph.cast(scaled, "FLOAT"), graph.cast(missing, "FLOAT"), axis=1)
    order = [place for k, one in enumerate(numbers) for place in ([k, len(numbers) + k] if one.nullable else [k])]
    return graph.add("Gather", both, graph.constant(order, np.int64), axis=1)


def _scaled(graph: Graph, value: str, shift: list[float], scale: list[float]) -> str:
    shifted = graph.add("Sub", value, graph.constant(shift, np.float64))
    return graph.add("Div", shifted, graph.constant(scale, np.float64))


def _number(graph: Graph, encoder: NumberEncoder | BooleanEncoder) -> list[str]:
    """Numbers, and booleans as 0 and 1."""
    raw = graph.input(input_name(encoder.name), "DOUBLE", 1)
    missing = graph.add("IsNaN", raw)
    value = graph.add("Where", missing, graph.constant([encoder.fill], np.float64), raw)
    if isinstance(encoder, NumberEncoder):
        value = _scaled(graph, value, [encoder.shift], [encoder.scale])
    flags = [graph.cast(missing, "FLOAT")] if encoder.nullable else []
    return [graph.cast(value, "FLOAT"), *flags]


def _category(graph: Graph, encoder: CategoryEncoder) -> str:
    """One column a level; an unknown text gives zeros."""
    raw = graph.input(input_name(encoder.name), "STRING", 1)
    levels = [*encoder.levels, missing_text(encoder)] if encoder.nullable else list(encoder.levels)
    texts = [level.encode() for level in levels]
    one_hot = graph.add("OneHotEncoder", raw, domain="ai.onnx.ml", cats_strings=texts, zeros=1)
    return graph.add("Reshape", one_hot, graph.constant([-1, len(levels)], np.int64))


def input_name(feature: str) -> str:
    """The name of a feature's input: its own, but for the names that outputs and inner values have."""
    taken = feature in ("predictions", "probabilities", "label") or feature.startswith(INNER)
    return f"input:{feature}" if taken else feature


def missing_text(encoder: CategoryEncoder) -> str:
    """What stands for a missing text."""
    return "\0" if "" in encoder.levels else ""


def _date(graph: Graph, encoder: DateEncoder) -> list[str]:
    raw = graph.input(input_name(encoder.name), "INT64", 1)
    missing = graph.add("Equal", raw, graph.constant([NO_DATE], np.int64))
    exact = graph.add("Div", graph.cast(raw, "DOUBLE"), graph.constant([MICROSECONDS_A_DAY], np.float64))
    days = graph.add("Where", missing, graph.constant([encoder.shift], np.float64), exact)
    parts = [graph.cast(_scaled(graph, days, [encoder.shift], [encoder.scale]), "FLOAT")]
    for cycle in encoder.cycles:
        angle = _angle(graph, days, PERIOD_DAYS[cycle])
        parts += [graph.add("Sin", angle), graph.add("Cos", angle)]
    kept = [graph.add("Where", missing, graph.constant([0.0], np.float32), part) for part in parts]
    return [*kept, graph.cast(missing, "FLOAT")] if encoder.nullable else kept


def _angle(graph: Graph, days: str, period: float) -> str:
    """The place in the cycle, 0 to 2π, made small in float64 and then told in float32."""
    turns = graph.add("Div", days, graph.constant([period], np.float64))
    turn = graph.add("Sub", turns, graph.add("Floor", turns))
    return graph.cast(graph.add("Mul", turn, graph.constant([2 * np.pi], np.float64)), "FLOAT")
