"""Tables and trained networks that several tests share."""

import pytest

from models.data.columns import infer_table
from models.specification import Hinge, NetworkSpecification, Poisson
from tests.support.training.small_networks import trained
from tests.support.training.tables import DATES, iris_raw, mixed_raw


@pytest.fixture(scope="session")
def iris_table():
    return infer_table(iris_raw())


@pytest.fixture(scope="session")
def mixed_table():
    return infer_table(mixed_raw(), DATES)


@pytest.fixture(scope="session")
def networks(mixed_table, iris_table):
    """Every task, type of feature, loss with its own output, kind of layer, and dtype."""
    flowers = ("sepal_length", "petal_width")
    return {
        "classes": trained(mixed_table, "size"),
        "two classes": trained(mixed_table, "bought"),
        "threshold": trained(mixed_table, "bought", threshold=0.3),
        "margin": trained(mixed_table, "bought", loss=Hinge()),
        "margins": trained(iris_table, "species", flowers, loss=Hinge()),
        "number": trained(mixed_table, "amount"),
        "numbers": trained(mixed_table, ("amount", "income"), ("age", "member")),
        "counts": trained(mixed_table, "age_in_years", ("income", "colour"), loss=Poisson()),
        "labels": trained(mixed_table, ("bought", "old"), ("age", "colour", "when")),
        "plain": trained(iris_table, "species", flowers),
        "batch norm": trained(iris_table, "species", flowers, NetworkSpecification(hidden=(6,), batch_norm=True)),
        "layer norm": trained(
            iris_table, "species", flowers, NetworkSpecification(hidden=(6, 4), layer_norm=True, dtype="float64")
        ),
        "each by itself": trained(
            iris_table, "species", flowers, NetworkSpecification(hidden=(4,), activation="tanh", output="sigmoid")
        ),
        "no hidden layer": trained(iris_table, "species", flowers, NetworkSpecification(hidden=())),
    }


@pytest.fixture(scope="session")
def table_of(mixed_table, iris_table):
    """The rows that a trained network can read."""

    def find(one):
        return iris_table if one.signature.feature_names[0].startswith("sepal") else mixed_table

    return find
