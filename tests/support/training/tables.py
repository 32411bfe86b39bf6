"""Raw columns that several tests share."""

import numpy as np
from sklearn.datasets import load_iris

from models.specification import ColumnOverride


def iris_raw():
    data = load_iris()
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    raw = {name: data.data[:, k] for k, name in enumerate(names)}
    return raw | {"species": [str(data.target_names[k]) for k in data.target]}


def mixed_raw(n_rows=200, seed=0):
    """Numbers, booleans, texts and dates, most with missing values, and labels of every task."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(18, 80, n_rows)
    member = rng.random(n_rows) < 0.5
    colour = rng.choice(["red", "green", "blü"], n_rows)
    start = np.datetime64("2023-01-01T00:00", "us")
    when = start + rng.integers(0, 600 * 24, n_rows) * np.timedelta64(1, "h")
    amount = 3 * (age - 50) / 20 + 2 * member + (colour == "red") + rng.normal(0, 0.1, n_rows)

    def with_gaps(values):
        return [None if rng.random() < 0.1 else value for value in values]

    return {
        "age": with_gaps(age.tolist()),
        "income": rng.normal(1e4, 2e3, n_rows).tolist(),
        "member": with_gaps(member.tolist()),
        "colour": with_gaps(colour.tolist()),
        "when": with_gaps([str(moment) for moment in when]),
        "amount": (1000 + 100 * amount).tolist(),
        "bought": (amount > 0).tolist(),
        "old": (age > 50).tolist(),
        "age_in_years": np.floor(age).tolist(),
        "size": [["small", "medium", "large"][int(np.clip(value + 1.5, 0, 2))] for value in amount],
    }


DATES = {"when": ColumnOverride(type="date")}
FEATURES = ("age", "income", "member", "colour", "when")
