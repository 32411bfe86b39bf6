"""Numbers that a caller's own scaling leaves far from 1 are warned of, and no others."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from models.data.columns import infer_table
from models.fitting.fit import fit, prepare
from models.specification import Recipe

RNG = np.random.default_rng(0)
PRICE = RNG.normal(50_000, 10_000, 200)
NEAR_ONE = RNG.normal(size=200)


def scale_warnings(columns, **request):
    prepared = prepare(infer_table(columns), Recipe.from_json({"label": "y"} | request))
    return {warning["column"] for warning in prepared.warnings if warning["code"] == "not-scaled"}


@pytest.mark.parametrize(
    ("columns", "request_", "expected"),
    [
        ({"x": PRICE, "y": NEAR_ONE}, {"scaling": "none"}, {"x"}),
        ({"x": NEAR_ONE, "y": PRICE}, {"scaling": "none"}, {"y"}),
        ({"x": PRICE, "z": NEAR_ONE, "y": PRICE * NEAR_ONE}, {"scaling": {"x": {"shift": 5e4, "scale": 1e4}}}, {"y"}),
        ({"x": PRICE, "y": NEAR_ONE}, {"scaling": {"x": {"shift": 5e4, "scale": 1e9}}}, {"x"}),
        ({"x": NEAR_ONE, "y": ["no", "yes"] * 100}, {"scaling": "none"}, set()),
        ({"x": NEAR_ONE, "y": NEAR_ONE**2 * 3}, {"scaling": "none"}, set()),
        ({"x": np.zeros(200), "z": NEAR_ONE, "y": NEAR_ONE}, {"scaling": "none"}, set()),
        (
            {"x": NEAR_ONE, "y": PRICE.round()},
            {"scaling": "none", "task": "regression", "training": {"loss": "poisson"}},
            set(),
        ),
        ({"x": PRICE, "y": PRICE * NEAR_ONE}, {"scaling": "standard"}, set()),
        ({"x": PRICE, "y": PRICE * NEAR_ONE}, {"scaling": "robust"}, set()),
    ],
    ids=[
        "raw feature",
        "raw label",
        "raw label beside scaled features",
        "feature scaled away",
        "near 1",
        "label near 1",
        "zeros",
        "counts",
        "standard",
        "robust",
    ],
)
def test_columns_far_from_the_scale_of_one_are_named(columns, request_, expected):
    assert scale_warnings(columns, **request_) == expected


def test_the_warning_is_there_where_a_regression_without_scaling_fails_and_not_with_it():
    x, y = load_diabetes(return_X_y=True, scaled=False)
    columns = {f"x{k}": x[:, k] for k in range(x.shape[1])} | {"y": 1000 * y + 1e6}
    outcomes = {}
    for scaling in ("none", "standard"):
        recipe = Recipe.from_json({"label": "y", "scaling": scaling, "training": {"epochs": 20}})
        fitted = fit(prepare(infer_table(columns), recipe))
        codes = {warning["code"] for warning in fitted.warnings}
        outcomes[scaling] = (fitted.metrics["validation"]["r2"] > 0, "not-scaled" in codes)
    assert outcomes == {"none": (False, True), "standard": (True, False)}
