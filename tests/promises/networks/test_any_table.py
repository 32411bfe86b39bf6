"""Whatever the table: an error that says what to do, or a network that predicts finite numbers and can be stored."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.columns import infer_table, take_rows
from models.errors import ModelError
from models.fitting.fit import fit, prepare
from models.formats import safetensors as stored
from models.specification import (
    NetworkSpecification,
    Recipe,
    TrainingSpecification,
    ValidationSpecification,
)

NUMBER = st.one_of(
    st.integers(-5, 5), st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1e300, 1e15, 123456789.0])
)
TEXT = st.sampled_from(["", "a", "b", "ü", "true", "1", "2024-01-01", "\ud800", "'", "\0", "a" * 200])
KINDS = [NUMBER, st.booleans(), TEXT, st.integers(0, 1), st.just(3.5)]


@st.composite
def tables(draw):
    """One to four columns of a kind each, some of their values missing."""
    n_rows = draw(st.integers(1, 16))
    columns = {}
    for name in draw(st.lists(st.sampled_from(["x", "y", "label", "ä ö", ""]), min_size=2, max_size=4, unique=True)):
        kind = draw(st.sampled_from(KINDS))
        values = st.one_of(st.none(), kind) if draw(st.booleans()) else kind
        columns[name] = draw(st.lists(values, min_size=n_rows, max_size=n_rows))
    return columns


def recipes(names):
    return st.builds(
        Recipe,
        label=st.sampled_from(names),
        task=st.sampled_from([None, None, "classification", "regression", "multilabel"]),
        network=st.builds(
            NetworkSpecification,
            hidden=st.sampled_from([(), (3,), (4, 2)]),
            layer_norm=st.booleans(),
            dtype=st.sampled_from(["float32", "float64"]),
        ),
        training=st.builds(
            TrainingSpecification, epochs=st.just(2), class_weight=st.sampled_from([None, None, "balanced"])
        ),
        validation=st.builds(
            ValidationSpecification,
            fraction=st.sampled_from([0.0, 0.2, 0.6]),
            folds=st.sampled_from([None, None, None, 2, 3]),
            method=st.sampled_from([None, None, "random", "stratified"]),
        ),
        scaling=st.sampled_from(["standard", "minmax", "robust", "none"]),
    )


def huge(raw):
    """Whether some number is past what float32 holds."""
    numbers = [value for values in raw.values() for value in values if isinstance(value, int | float)]
    return any(abs(value) > 1e30 for value in numbers)


@given(st.data())
@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_table_is_refused_with_advice_or_trained(data):
    raw = data.draw(tables())
    recipe = data.draw(recipes(list(raw)))
    try:
        prepared = prepare(infer_table(raw, recipe.columns), recipe)
        trained = fit(prepared).trained
    except ModelError:
        return
    rows, again = take_rows(prepared.table, prepared.split.training), stored.loads(stored.dumps(trained))
    with np.errstate(all="ignore"):
        predicted = trained.predict(rows)
        assert again.predict(rows).tobytes() == predicted.tobytes()
    assert np.isfinite(predicted).all() or huge(raw)
