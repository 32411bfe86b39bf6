"""Numbers that enter a network far from the scale of 1, because the caller chose their scaling."""

from collections.abc import Iterator

import numpy as np

from models.arrays import Array
from models.coded_warnings import CodedWarning, WarningCode
from models.data.columns import Table, take_rows
from models.data.features import Preprocessing
from models.data.features.numbers import NumberEncoder
from models.data.targets import NumberTarget, Target
from models.specification import Recipe

# Root mean squares with which trainings end as well as with standard units, measured on load_diabetes of scikit-learn.
SMALLEST_SIZE, LARGEST_SIZE = 1e-3, 10.0


def scale_warnings(
    table: Table, rows: Array, preprocessing: Preprocessing, target: Target, recipe: Recipe
) -> list[CodedWarning]:
    """Number features and labels whose root mean square in the network is far from 1, where the caller scales.

    `rows` are the places of the training rows in the table.
    """
    if recipe.scaling != "none" and not isinstance(recipe.scaling, dict):
        return []
    training = take_rows(table, rows)
    sizes = [*_feature_sizes(training, preprocessing), *_label_sizes(training, target, recipe)]
    return [_warning(name, size) for name, size in sizes if size and not SMALLEST_SIZE <= size <= LARGEST_SIZE]


def _feature_sizes(training: Table, preprocessing: Preprocessing) -> Iterator[tuple[str, float]]:
    for encoder in preprocessing.encoders:
        if isinstance(encoder, NumberEncoder):
            yield encoder.name, _size(encoder.encode(training[encoder.name].values)[:, 0])


def _label_sizes(training: Table, target: Target, recipe: Recipe) -> Iterator[tuple[str, float]]:
    """Of labels that a linear output must reach by itself; other outputs have the scale of their labels."""
    if isinstance(target, NumberTarget) and target.link == "identity" and recipe.network.output == "linear":
        encoded = target.encode([training[name] for name in target.names])
        yield from zip(target.names, map(_size, encoded.T), strict=True)


def _size(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _warning(name: str, size: float) -> CodedWarning:
    message = (
        f"{name!r} enters the network with numbers of about {size:.2g}, far from 1, so the training may fail; leave "
        "scaling out, or use a shift and a scale that bring them near 1."
    )
    return CodedWarning(WarningCode.NOT_SCALED, message, name)
