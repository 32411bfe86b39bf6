"""Tables and trained networks that several tests share."""

import pytest

from models.data.columns import infer_table
from tests.models.tables import DATES, iris_raw, mixed_raw


@pytest.fixture(scope="session")
def iris_table():
    return infer_table(iris_raw())


@pytest.fixture(scope="session")
def mixed_table():
    return infer_table(mixed_raw(), DATES)
