"""Common tabular data, small enough to train many times: scikit-learn's own, and generated data with one difficulty.

A data set has columns of raw values by name; one of them is `label`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets

Raw = dict[str, Any]


@dataclass(frozen=True)
class DataSet:
    """A data set and the metric to compare on held-out rows: accuracy, balanced_accuracy or r2."""

    name: str
    load: Callable[[], Raw]
    metric: str = "accuracy"

    @property
    def is_regression(self) -> bool:
        return self.metric == "r2"


def _columns(x: Any, y: Any) -> Raw:
    features = {f"x{k}": column for k, column in enumerate(np.asarray(x, float).T.copy())}
    return features | {"label": np.asarray(y)}


def _bundled(name: str) -> Callable[[], Raw]:
    return lambda: _columns(*getattr(datasets, f"load_{name}")(return_X_y=True))


def _spirals() -> Raw:
    """Two arms, one and a half turns each."""
    rng = np.random.default_rng(0)
    arm, turn = rng.integers(0, 2, 600), 3 * np.pi * np.sqrt(rng.random(600))
    x = np.column_stack([turn * np.cos(turn + np.pi * arm), turn * np.sin(turn + np.pi * arm)])
    return _columns(x + rng.normal(0, 0.3, x.shape), arm)


def _imbalanced() -> Raw:
    x, y = datasets.make_classification(
        2000, 10, n_informative=6, weights=[0.93], class_sep=1.2, flip_y=0.0, random_state=0
    )
    return _columns(x, y)


def _wide() -> Raw:
    """More columns than rows."""
    return _columns(*datasets.make_classification(250, 400, n_informative=12, class_sep=2.0, random_state=1))


def _few_rows() -> Raw:
    return _columns(*datasets.make_classification(60, 6, n_informative=4, class_sep=1.5, random_state=3))


def _many_classes() -> Raw:
    x, y = datasets.make_classification(
        3000, 16, n_informative=12, n_classes=10, n_clusters_per_class=1, class_sep=1.5, random_state=0
    )
    return _columns(x, y)


def _categories() -> Raw:
    """A label that depends on pairs of categories, and on a number."""
    rng = np.random.default_rng(0)
    levels = {name: rng.choice(list(name + "012345"), 1500) for name in "abcde"}
    effect = {name: dict(zip(name + "012345", rng.normal(0, 1, 7), strict=True)) for name in "abcde"}
    value = {name: np.array([effect[name][level] for level in levels[name]]) for name in "abcde"}
    amount = rng.normal(0, 1, 1500)
    score = value["a"] * value["b"] + value["c"] + 0.7 * amount * value["d"] + rng.normal(0, 0.3, 1500)
    return {name: values.tolist() for name, values in levels.items()} | {
        "amount": amount,
        "label": np.where(score > 0, "yes", "no").tolist(),
    }


def _friedman1(n_rows: int = 1000) -> Raw:
    return _columns(*datasets.make_friedman1(n_rows, noise=1.0, random_state=0))


def _missing() -> Raw:
    """friedman1 with every sixth number missing."""
    rng, raw = np.random.default_rng(0), _friedman1()
    return {k: v if k == "label" else np.where(rng.random(v.size) < 1 / 6, np.nan, v) for k, v in raw.items()}


def _waves() -> Raw:
    """One feature, and a label that is a wave over it."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, (400, 1))
    return _columns(x, np.sin(2 * x[:, 0]) + 0.5 * x[:, 0] + rng.normal(0, 0.1, 400))


def _large_numbers() -> Raw:
    """Prices: a label in the hundred thousands, skewed."""
    rng = np.random.default_rng(0)
    area, rooms, age = rng.uniform(30, 250, 2000), rng.integers(1, 8, 2000), rng.uniform(0, 100, 2000)
    price = 2000 * area * (1 - age / 250) + 15_000 * rooms + 300 * (age - 50) ** 2 / 5
    return _columns(np.column_stack([area, rooms, age]), price * rng.lognormal(0, 0.1, 2000))


DATA_SETS = (
    DataSet("iris", _bundled("iris")),
    DataSet("wine", _bundled("wine")),
    DataSet("breast_cancer", _bundled("breast_cancer")),
    DataSet("digits", _bundled("digits")),
    DataSet("moons", lambda: _columns(*datasets.make_moons(600, noise=0.2, random_state=0))),
    DataSet("spirals", _spirals),
    DataSet("imbalanced", _imbalanced, "balanced_accuracy"),
    DataSet("wide", _wide),
    DataSet("few_rows", _few_rows),
    DataSet("many_classes", _many_classes),
    DataSet("categories", _categories),
    DataSet("diabetes", _bundled("diabetes"), "r2"),
    DataSet("friedman1", _friedman1, "r2"),
    DataSet("missing", _missing, "r2"),
    DataSet("waves", _waves, "r2"),
    DataSet("prices", _large_numbers, "r2"),
)
