"""What a training accepts as inputs, and what it makes of them."""

import numpy as np
import pytest

from models.errors import BadRecipe
from models.network.network import Network
from models.specification import EarlyStopping, NetworkSpecification, TrainingSpecification
from models.training.inputs import early_stopping_of, training_rows
from models.training.losses.regression import Mse

NETWORK = Network(NetworkSpecification(hidden=(2,), dtype="float64"), 3, 1)


def rows_of(x_shape=(4, 3), y_shape=(4, 1), weight=None):
    return training_rows(NETWORK, Mse(), np.ones(x_shape), np.ones(y_shape), weight)


@pytest.mark.parametrize(
    ("x_shape", "y_shape"), [((4, 2), (4, 1)), ((4, 4), (4, 1)), ((4, 3), (3, 1)), ((4, 3), (4, 2)), ((0, 3), (0, 1))]
)
def test_shapes_that_do_not_fit_the_network_are_rejected(x_shape, y_shape):
    with pytest.raises(ValueError, match="do not fit"):
        rows_of(x_shape, y_shape)


def test_rows_have_a_column_of_ones_and_their_labels_are_transposed():
    rows = rows_of()
    assert (rows.x.shape, rows.y.shape, rows.weight, rows.is_streamed) == ((4, 4), (1, 4), None, False)


def test_weights_are_scaled_to_a_mean_of_1():
    np.testing.assert_allclose(rows_of(weight=[1, 2, 5, 0]).weight, [[0.5, 1.0, 2.5, 0.0]])


@pytest.mark.parametrize("weight", [[0, 0, 0, 0], [1, 1, 1, -1e-9], [1, 1, 1, np.nan]])
def test_weights_that_weigh_nothing_or_less_are_rejected(weight):
    with pytest.raises(BadRecipe) as error:
        rows_of(weight=weight)
    assert error.value.location == ["training", "sample_weight"]


@pytest.mark.parametrize(
    ("choices", "validates", "metric"),
    [
        ({}, True, "validation_loss"),
        ({}, False, "loss"),
        ({"epochs": 5}, True, None),
        ({"early_stopping": False}, True, None),
        ({"epochs": 5, "early_stopping": EarlyStopping(metric="loss")}, False, "loss"),
        ({"epochs": 5, "early_stopping": EarlyStopping()}, True, "validation_loss"),
    ],
)
def test_a_training_stops_early_where_it_is_asked_to_or_its_epochs_are_left_open(choices, validates, metric):
    stopping = early_stopping_of(TrainingSpecification(**choices), validates)
    assert (None if stopping is None else stopping.metric) == metric
