"""Recipes survive JSON, and a fault in one is told with its place."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models.errors import BadRecipe
from models.specification import (
    LOSS_NAMES,
    OPTIMIZER_NAMES,
    SCHEDULE_NAMES,
    Adam,
    Choice,
    ColumnOverride,
    ColumnScaling,
    EarlyStopping,
    GradientClip,
    Huber,
    NetworkSpecification,
    OneCycle,
    Range,
    Recipe,
    SearchSpecification,
    Sgd,
    TrainingSpecification,
    ValidationSpecification,
    WarmStart,
)

FULL = Recipe(
    label=("a", "b"),
    features=("x", "y"),
    task="multilabel",
    network=NetworkSpecification(hidden=(8, 4), activation=("relu", "tanh"), dropout=(0.1, 0.2), l2=1e-4),
    training=TrainingSpecification(
        epochs=5,
        loss=Huber(delta=2.0),
        optimizer=Sgd(momentum=0.9, nesterov=True),
        schedule=OneCycle(rise=0.2),
        gradient_clip=GradientClip(norm=1.0),
        class_weight={"yes": 2.0},
        early_stopping=EarlyStopping(patience=3),
        warm_start=WarmStart(model="iris", version=3),
    ),
    validation=ValidationSpecification(method="group", column="g", folds=5),
    scaling={"x": ColumnScaling(shift=135.0)},
    columns={"y": ColumnOverride(type="date", format="%d.%m.%Y")},
    search=SearchSpecification(
        space={
            "network.hidden": Choice(choice=((8,), (16, 16))),
            "training.optimizer.learning_rate": Range(range=(1e-4, 0.1), scale="log"),
        }
    ),
)


@pytest.mark.parametrize(
    "recipe", [Recipe(label="y"), FULL, replace(FULL, training=TrainingSpecification(early_stopping=False))]
)
def test_a_recipe_comes_back_from_json_as_it_was(recipe):
    text = json.dumps(recipe.to_json(), allow_nan=False)
    assert Recipe.from_json(json.loads(text)) == recipe
    assert json.dumps(Recipe.from_json(json.loads(text)).to_json()) == text


@given(st.floats(1e-300, 1e300), st.integers(1, 10**6), st.floats(0, 0.999))
@settings(max_examples=50, deadline=None)
def test_every_number_comes_back_exactly(rate, epochs, dropout):
    recipe = Recipe(
        label="y",
        network=NetworkSpecification(dropout=dropout),
        training=TrainingSpecification(epochs=epochs, optimizer=Adam(learning_rate=rate)),
    )
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


@pytest.mark.parametrize(
    ("field", "names"), [("optimizer", OPTIMIZER_NAMES), ("schedule", SCHEDULE_NAMES), ("loss", LOSS_NAMES)]
)
def test_a_name_alone_stands_for_an_object_with_its_defaults(field, names):
    for name in names:
        short = Recipe.from_json({"label": "y", "training": {field: name}})
        assert short == Recipe.from_json({"label": "y", "training": {field: {"name": name}}})
        assert getattr(short.training, field).name == name


OPTIMIZER = ["training", "optimizer"]


def adam_with(**parameters: object) -> dict[str, object]:
    return {"label": "y", "training": {"optimizer": {"name": "adam", **parameters}}}


FAULTS = [
    ({}, ["label"]),
    ({"label": "y", "fetures": ["x"]}, ["fetures"]),
    ({"label": "y", "features": "x"}, ["features"]),
    ({"label": "y", "task": "clustering"}, ["task"]),
    ({"label": "y", "network": {"hidden": [8, True]}}, ["network", "hidden", 1]),
    ({"label": "y", "network": {"hidden": [8, 0]}}, ["network"]),
    ({"label": "y", "network": {"activation": "rleu"}}, ["network", "activation"]),
    ({"label": "y", "network": {"hidden": [8], "dropout": [0.1, 0.2]}}, ["network"]),
    ({"label": "y", "network": {"batch_norm": True, "layer_norm": True}}, ["network"]),
    ({"label": "y", "training": {"epochs": 0}}, ["training"]),
    ({"label": "y", "training": {"optimizer": "adm"}}, ["training", "optimizer"]),
    (adam_with(momentum=0.9), [*OPTIMIZER, "momentum"]),
    (adam_with(learning_rate="0.1"), [*OPTIMIZER, "learning_rate"]),
    (adam_with(learning_rate=10**400), [*OPTIMIZER, "learning_rate"]),
    (adam_with(learning_rate=math.nan), [*OPTIMIZER, "learning_rate"]),
    ({"label": "y", "training": {"optimizer": {"name": "sgd", "nesterov": True}}}, ["training", "optimizer"]),
    ({"label": "y", "training": {"gradient_clip": {"norm": 1, "value": 1}}}, ["training", "gradient_clip"]),
    ({"label": "y", "validation": {"fraction": 1}}, ["validation"]),
    ({"label": "y", "validation": {"method": "time"}}, ["validation"]),
    ({"label": "y", "scaling": {"x": {"scale": 0}}}, ["scaling", "x"]),
    ({"label": "y", "search": {"space": {"a": {"range": [2, 1]}}}}, ["search", "space", "a"]),
    ({"label": "y", "search": {"space": {"a": {"range": [1, 1]}}}}, ["search", "space", "a"]),
    ({"label": "y", "search": {"space": {"a": {"range": [0, 1], "scale": "log"}}}}, ["search", "space", "a"]),
    ({"label": "y", "search": {"space": {"a": {"choice": []}}}}, ["search", "space", "a"]),
    ({"label": "y", "search": {"space": {}}}, ["search"]),
    ({"label": "y", "search": {"space": {"a": {"choice": [1]}}, "trials": 0}}, ["search"]),
    ({"label": []}, []),
    ({"label": "y", "threshold": 0.0}, []),
    ({"label": "y", "threshold": 1.0}, []),
    ({"label": "y", "columns": {"x": {"type": "category", "missing": "mode"}}}, ["columns", "x"]),
    ({"label": "y", "validation": {"fraction": -0.1}}, ["validation"]),
    ({"label": "y", "validation": {"folds": 1}}, ["validation"]),
    ({"label": "y", "validation": {"method": "group"}}, ["validation"]),
    ({"label": "y", "scaling": {"x": {"shift": math.inf}}}, ["scaling", "x", "shift"]),
    ({"label": "y", "training": {"averaged_weights": 1.0}}, ["training"]),
    ({"label": "y", "training": {"class_weight": {"a": -1.0}}}, ["training"]),
]


@pytest.mark.parametrize(("value", "location"), FAULTS)
def test_a_fault_is_told_with_its_place(value, location):
    with pytest.raises(BadRecipe) as fault:
        Recipe.from_json(value)
    assert fault.value.location == location
    assert len(fault.value.message) < 300


@pytest.mark.parametrize(("value", "location"), FAULTS)
def test_pydantic_refuses_the_same_faults(value, location):
    """The service's schemas hold these dataclasses as they are."""
    if not any(word in repr(value) for word in ("nan", "0000000")):
        with pytest.raises(ValidationError):
            TypeAdapter(Recipe).validate_json(json.dumps(value))


def test_pydantic_reads_what_a_recipe_writes():
    adapter = TypeAdapter(Recipe)
    assert adapter.validate_json(json.dumps(FULL.to_json())) == FULL
    assert adapter.validate_json('{"label": "y", "training": {"optimizer": "lion"}}').training.optimizer.name == "lion"


def test_its_json_schema_lists_every_name():
    schema = json.dumps(TypeAdapter(Recipe).json_schema())
    for name in (*OPTIMIZER_NAMES, *SCHEDULE_NAMES, *LOSS_NAMES):
        assert f'"{name}"' in schema


def test_an_unknown_name_is_answered_with_the_nearest_known_one():
    with pytest.raises(BadRecipe, match="Did you mean 'hidden'"):
        Recipe.from_json({"label": "y", "network": {"hiden": [8]}})
