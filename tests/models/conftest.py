"""Tables and trained networks that several tests share."""

import pytest

from models.data.columns import infer_table
from models.fitting.fit import fit, prepare
from models.specification import Hinge, NetworkSpecification, Poisson, Recipe, TrainingSpecification
from tests.support.training.tables import DATES, FEATURES, iris_raw, mixed_raw


@pytest.fixture(scope="session")
def iris_table():
    return infer_table(iris_raw())


@pytest.fixture(scope="session")
def mixed_table():
    return infer_table(mixed_raw(), DATES)


def train(table, label, features=FEATURES, network=None, threshold=None, **training):
    """A network that trains within milliseconds."""
    recipe = Recipe(
        label=label,
        features=features,
        network=network or NetworkSpecification(hidden=(5, 3)),
        training=TrainingSpecification(epochs=3, **training),
        threshold=threshold,
        task="regression" if training.get("loss") == Poisson() else None,
    )
    return fit(prepare(table, recipe)).trained


@pytest.fixture(scope="session")
def networks(mixed_table, iris_table):
    """Every task, type of feature, loss with its own output, kind of layer, and dtype."""
    flowers = ("sepal_length", "petal_width")
    return {
        "classes": train(mixed_table, "size"),
        "two classes": train(mixed_table, "bought"),
        "threshold": train(mixed_table, "bought", threshold=0.3),
        "margin": train(mixed_table, "bought", loss=Hinge()),
        "margins": train(iris_table, "species", flowers, loss=Hinge()),
        "number": train(mixed_table, "amount"),
        "numbers": train(mixed_table, ("amount", "income"), ("age", "member")),
        "counts": train(mixed_table, "age_in_years", ("income", "colour"), loss=Poisson()),
        "labels": train(mixed_table, ("bought", "old"), ("age", "colour", "when")),
        "plain": train(iris_table, "species", flowers),
        "batch norm": train(iris_table, "species", flowers, NetworkSpecification(hidden=(6,), batch_norm=True)),
        "layer norm": train(
            iris_table, "species", flowers, NetworkSpecification(hidden=(6, 4), layer_norm=True, dtype="float64")
        ),
        "each by itself": train(
            iris_table, "species", flowers, NetworkSpecification(hidden=(4,), activation="tanh", output="sigmoid")
        ),
        "no hidden layer": train(iris_table, "species", flowers, NetworkSpecification(hidden=())),
    }


@pytest.fixture(scope="session")
def table_of(mixed_table, iris_table):
    """The rows that a trained network can read."""

    def find(network):
        return iris_table if network.signature.feature_names[0].startswith("sepal") else mixed_table

    return find
