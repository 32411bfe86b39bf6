"""Numbers to predict: standard units in training, raw units outside it, and ranges that outputs cannot leave."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from models.data.columns import infer_table
from models.data.targets.regression import NumberTarget
from models.errors import BadLabel
from models.specification import ColumnScaling, Mse, NetworkSpecification, Poisson, Recipe, TrainingSpecification

VALUES = np.array([[3.0, 10.0], [5.0, 10.0], [10.0, 10.0]])
LABELS = list(infer_table({"a": VALUES[:, 0], "b": VALUES[:, 1]}).values())


def recipe_of(output="linear", loss=None, **choices):
    network, training = NetworkSpecification(output=output), TrainingSpecification(loss=loss or Mse())
    return Recipe(label=("a", "b"), network=network, training=training, **choices)


def test_labels_are_standardised_as_scikit_learn_does_and_predictions_are_not():
    target = NumberTarget.fit(LABELS, (), recipe_of())
    encoded = target.encode(LABELS)
    np.testing.assert_allclose(encoded, StandardScaler().fit_transform(VALUES), atol=1e-12)
    np.testing.assert_allclose(target.decoder()(encoded), VALUES)
    np.testing.assert_array_equal(target.truth(LABELS), VALUES)


@pytest.mark.parametrize(
    "recipe",
    [
        recipe_of(scaling="none"),
        recipe_of(scaling={"a": ColumnScaling(scale=2.0)}),
        recipe_of(output="sigmoid"),
        recipe_of(output="exponential", loss=Poisson()),
        recipe_of(output="linear", loss=Poisson()),
    ],
)
def test_labels_stay_as_they_are_where_the_caller_scales_or_the_output_has_a_range(recipe):
    target = NumberTarget.fit(LABELS, (), recipe)
    assert (target.shift, target.scale) == ((0.0, 0.0), (1.0, 1.0))


def test_a_poisson_loss_with_linear_output_predicts_the_logarithm():
    counts = NumberTarget.fit(LABELS, (), recipe_of(output="linear", loss=Poisson()))
    assert counts.link == "exp"
    np.testing.assert_allclose(counts.decoder()(np.array([[0.0, np.log(4.0)]])), [[1.0, 4.0]])
    assert NumberTarget.fit(LABELS, (), recipe_of(output="exponential", loss=Poisson())).link == "identity"
    assert NumberTarget.fit(LABELS, (), recipe_of()).link == "identity"


@pytest.mark.parametrize(
    ("names", "shift", "scale"),
    [((), (), ()), (("a",), (), (1.0,)), (("a",), (0.0,), ()), (("a",), (0.0,), (0.0,)), (("a", "b"), (0.0,), (1.0,))],
)
def test_each_output_has_a_shift_and_a_scale_other_than_0(names, shift, scale):
    with pytest.raises(ValueError, match="one shift and one scale"):
        NumberTarget(names, shift, scale)


@pytest.mark.parametrize(
    ("values", "output", "loss", "is_accepted"),
    [
        ([0.0, 1.0], "sigmoid", Mse(), True),
        ([-0.001, 1.0], "sigmoid", Mse(), False),
        ([0.0, 1.001], "sigmoid", Mse(), False),
        ([0.0, 1.001], "softmax", Mse(), False),
        ([-5.0, 5.0], "linear", Mse(), True),
        ([0.0, 7.0], "exponential", Poisson(), True),
        ([-1.0, 7.0], "exponential", Poisson(), False),
        ([-1.0, 7.0], "exponential", Mse(), True),
    ],
)
def test_labels_must_lie_in_the_range_of_output_and_loss(values, output, loss, is_accepted):
    labels = list(infer_table({"y": values}).values())
    recipe = Recipe(label="y", network=NetworkSpecification(output=output), training=TrainingSpecification(loss=loss))
    if is_accepted:
        NumberTarget.check_values(labels, recipe)
        return
    with pytest.raises(BadLabel, match="'y'"):
        NumberTarget.check_values(labels, recipe)


def test_text_is_no_number_to_predict():
    NumberTarget.check_labels(LABELS)
    with pytest.raises(BadLabel, match="text"):
        NumberTarget.check_labels([*LABELS, infer_table({"t": ["x", "y"]})["t"]])


def test_several_predictions_carry_the_names_of_their_labels_and_a_single_one_does_not():
    one, two = NumberTarget(("a",), (0.0,), (1.0,)), NumberTarget(("a", "b"), (0.0, 0.0), (1.0, 1.0))
    assert list(one.prediction_columns(VALUES[:, :1])) == ["prediction"]
    columns = two.prediction_columns(VALUES)
    assert {name: values.tolist() for name, values in columns.items()} == {
        "prediction_a": [3.0, 5.0, 10.0],
        "prediction_b": [10.0, 10.0, 10.0],
    }
