"""Parameters of an estimator: read, set, cloned, shown, and turned into a recipe."""

import numpy as np
import pytest

from models import Classifier, Regressor
from models.data.columns import infer_table
from models.estimators.estimator import plain, unused_name
from models.specification import Sgd


def recipe_of(estimator, labels=("y",)):
    return estimator._recipe(list(labels), ["x"], {})


def test_parameters_are_read_set_and_cloned_by_their_names():
    estimator = Regressor(hidden=(8,), epochs=5).set_params(dropout=0.5)
    parameters = estimator.get_params()
    assert list(parameters) == sorted(parameters)
    assert (parameters["hidden"], parameters["epochs"], parameters["dropout"]) == ((8,), 5, 0.5)
    clone = estimator.__sklearn_clone__()
    assert clone is not estimator
    assert clone.get_params() == parameters


def test_a_clone_shares_no_value_that_could_change():
    weights = {0: 1.0}
    assert Classifier(class_weight=weights).__sklearn_clone__().class_weight is not weights


def test_an_unknown_parameter_is_answered_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"Invalid parameter 'hiden' for Regressor\. Valid parameters: activation, .*hidden"
    ):
        Regressor().set_params(hiden=(8,))


@pytest.mark.parametrize(
    ("choices", "name", "rate"),
    [
        ({}, "adamw", 0.003),
        ({"learning_rate": 0.5}, "adamw", 0.5),
        ({"optimizer": "sgd"}, "sgd", 0.01),
        ({"optimizer": "sgd", "learning_rate": 0.5}, "sgd", 0.5),
        ({"optimizer": {"name": "sgd", "momentum": 0.9}, "learning_rate": 0.5}, "sgd", 0.5),
        ({"optimizer": Sgd(learning_rate=0.2)}, "sgd", 0.2),
        ({"optimizer": Sgd(learning_rate=0.2), "learning_rate": np.float64(0.5)}, "sgd", 0.5),
    ],
)
def test_a_learning_rate_replaces_that_of_the_optimizer(choices, name, rate):
    optimizer = recipe_of(Regressor(**choices)).training.optimizer
    assert (optimizer.name, optimizer.learning_rate) == (name, rate)


@pytest.mark.parametrize(("state", "seed"), [(None, None), (0, 0), (np.int64(3), 3)])
def test_a_number_is_the_seed(state, seed):
    assert recipe_of(Regressor(random_state=state)).training.seed == seed


@pytest.mark.parametrize("generator", [np.random.default_rng, np.random.RandomState])
def test_a_generator_draws_the_seed_below_two_to_the_31(generator):
    draws = [recipe_of(Regressor(random_state=generator(k))).training.seed for k in range(60)]
    again = [recipe_of(Regressor(random_state=generator(k))).training.seed for k in range(60)]
    assert draws == again
    assert len(set(draws)) > 55
    assert 2**30 < max(draws) < 2**31


def test_one_label_is_a_name_and_several_are_a_list():
    assert recipe_of(Regressor()).label == "y"
    assert recipe_of(Regressor(), ("y0", "y1")).label == ("y0", "y1")


def test_the_share_of_rows_held_out_is_a_parameter():
    assert recipe_of(Regressor(validation_fraction=0.3)).validation.fraction == 0.3


def test_a_label_gets_a_name_that_no_feature_has():
    assert unused_name("label", infer_table({"x": [1]})) == "label"
    assert unused_name("label", infer_table({"label": [1], "label_": [1]})) == "label__"


def test_features_may_have_the_names_of_labels_and_weights():
    rng = np.random.default_rng(0)
    columns = {"y0": rng.normal(size=60), "weight": rng.normal(size=60)}
    fitted = Regressor(hidden=(), epochs=2).fit(columns, columns["y0"], np.ones(60))
    assert fitted.feature_names_in_.tolist() == ["y0", "weight"]


def test_values_of_parameters_become_plain_json():
    assert plain({"a": (np.int64(1), [np.float64(2.5)]), "b": np.array([1, 2])}) == {"a": [1, [2.5]], "b": [1, 2]}
    assert plain(Sgd())["name"] == "sgd"
    assert plain(Sgd) is Sgd


def test_names_of_an_earlier_fit_are_forgotten():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    fitted = Regressor(hidden=(), epochs=2).fit({"a": x[:, 0], "b": x[:, 1]}, x[:, 0])
    assert fitted.feature_names_in_.tolist() == ["a", "b"]
    fitted.fit(x, x[:, 0])
    assert not hasattr(fitted, "feature_names_in_")
    assert (fitted.n_features_in_, fitted.n_iter_, len(fitted.curve_)) == (2, 2, 2)


def test_a_matrix_of_another_width_is_rejected():
    x = np.random.default_rng(0).normal(size=(60, 2))
    fitted = Regressor(hidden=(), epochs=2).fit(x, x[:, 0])
    with pytest.raises(ValueError, match="X has 3 features, but Regressor is expecting 2"):
        fitted.predict(np.zeros((1, 3)))


def test_an_error_of_the_library_is_a_value_error_with_its_place():
    with pytest.raises(ValueError, match=r"^network: hidden must be a whole number"):
        Regressor(hidden=(0,)).fit(np.zeros((10, 1)), np.arange(10.0))
