"""Classifier and Regressor behave as scikit-learn's users expect, in its own checks, pipelines and searches."""

import copy
import pickle
import subprocess
import sys
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris, make_moons, make_regression
from sklearn.exceptions import DataConversionWarning, UndefinedMetricWarning, UnsetMetadataPassedError
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from models import Classifier, Regressor
from models.fitting.fit import fit, prepare
from models.specification import NetworkSpecification, Recipe, TrainingSpecification

SPLITS_BY_ROWS = (
    "rows are drawn into batches and held out by their number, so that a row of weight 2 is not the same draw as two "
    "rows of weight 1, nor a row of weight 0 the same as none; scikit-learn's own MLP fails this check too"
)
EXPECTED_FAILURES = {"check_sample_weight_equivalence_on_dense_data": SPLITS_BY_ROWS}


@cache
def iris():
    return train_test_split(*load_iris(return_X_y=True), test_size=0.3, random_state=0)


@pytest.mark.filterwarnings("ignore")  # the checks pass data of which scikit-learn itself warns
@pytest.mark.parametrize("estimator", [Classifier(), Regressor()], ids=repr)
def test_every_check_of_scikit_learn_passes_but_those_that_are_explained(estimator):
    results = check_estimator(estimator, expected_failed_checks=EXPECTED_FAILURES, on_skip=None)
    assert {one["check_name"] for one in results if one["status"] == "xfail"} == set(EXPECTED_FAILURES)
    assert sum(one["status"] == "passed" for one in results) > 50


def test_iris_is_told_apart_with_plain_defaults():
    x, x_held_out, y, y_held_out = iris()
    assert Classifier().fit(x, y).score(x_held_out, y_held_out) >= 0.95


def test_a_straight_line_is_found_as_by_least_squares():
    x, y = make_regression(300, 5, noise=1.0, random_state=0)
    expected = r2_score(y[200:], LinearRegression().fit(x[:200], y[:200]).predict(x[200:]))
    assert Regressor(hidden=(), random_state=0).fit(x[:200], y[:200]).score(x[200:], y[200:]) >= expected - 0.005


def test_classes_of_any_type_come_back_as_they_were():
    x, _, y, _ = iris()
    for names in (np.array(["setosa", "versicolor", "virginica"]), np.array([-5, 0, 7]), np.array([10.0, 20.0, 30.0])):
        fitted = Classifier(epochs=3).fit(x, names[y])
        assert fitted.classes_.tolist() == sorted(names.tolist())
        assert fitted.predict(x).dtype == names.dtype
    assert set(Classifier(epochs=3).fit(x, y == 1).predict(x).tolist()) <= {True, False}


def test_scores_are_those_of_scikit_learn_with_and_without_weights():
    x, x_held_out, y, y_held_out = iris()
    weight = np.random.default_rng(0).random(len(y_held_out))
    classifier, regressor = Classifier(epochs=2).fit(x, y), Regressor(epochs=2).fit(x[:, :3], x[:, 3])
    for one in (None, weight):
        expected = accuracy_score(y_held_out, classifier.predict(x_held_out), sample_weight=one)
        assert classifier.score(x_held_out, y_held_out, one) == pytest.approx(expected, abs=1e-12)
        expected = r2_score(x_held_out[:, 3], regressor.predict(x_held_out[:, :3]), sample_weight=one)
        assert regressor.score(x_held_out[:, :3], x_held_out[:, 3], one) == pytest.approx(expected, abs=1e-12)


def test_several_numbers_are_predicted_together():
    x, y = make_regression(200, 4, n_targets=3, random_state=1)
    fitted = Regressor(hidden=(), random_state=0).fit(x, y)
    assert fitted.predict(x).shape == (200, 3)
    assert fitted.score(x, y) == pytest.approx(r2_score(y, fitted.predict(x)), abs=1e-12)
    assert fitted.score(x, y) > 0.99


def test_a_search_over_the_pipeline_finds_the_setting_that_works():
    x, y = make_moons(200, noise=0.1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), Classifier(epochs=30, random_state=0))
    grid = {"classifier__hidden": [(), (16, 16)], "classifier__learning_rate": np.array([1e-9, 1e-2])}
    search = GridSearchCV(pipeline, grid, cv=3).fit(x, y)
    assert search.best_params_ == {"classifier__hidden": (16, 16), "classifier__learning_rate": 1e-2}
    assert search.best_score_ > 0.95


def test_cross_validation_of_a_regressor_is_as_good_as_a_linear_model():
    x, y = load_diabetes(return_X_y=True)
    ours = cross_val_score(Regressor(random_state=0), x, y, cv=3).mean()
    assert ours >= cross_val_score(LinearRegression(), x, y, cv=3).mean() - 0.05


def test_columns_of_a_mapping_may_be_texts_and_may_have_gaps():
    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "green", "blue"], 300).tolist()
    size = rng.normal(size=300)
    label = np.where((np.array(colour) == "red") ^ (size > 0), "yes", "no")
    columns = {"colour": colour, "size": np.where(rng.random(300) < 0.05, np.nan, size)}
    fitted = Classifier(random_state=0).fit(columns, label)
    assert fitted.feature_names_in_.tolist() == ["colour", "size"]
    assert fitted.score(columns, label) > 0.9
    with pytest.raises(ValueError, match="colour"):
        fitted.predict({"size": size})


def test_rows_that_weigh_little_are_learnt_little():
    x = np.random.default_rng(0).normal(size=(300, 2))
    truth = (x[:, 0] > 0).astype(int)
    lies = np.arange(300) % 3 > 0
    fitted = Classifier(random_state=0).fit(x, np.where(lies, 1 - truth, truth), np.where(lies, 0.01, 1.0))
    assert fitted.score(x, truth) > 0.9


def test_a_pickled_or_copied_estimator_predicts_the_same_bits():
    x, x_held_out, y, _ = iris()
    fitted = Classifier(epochs=3).fit(x, y)
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert other.predict_proba(x_held_out).tobytes() == fitted.predict_proba(x_held_out).tobytes()
    assert not hasattr(clone(fitted), "classes_")


def test_the_same_random_state_gives_the_same_bits_and_another_one_others():
    x, x_held_out, y, _ = iris()
    first, again, other = (Classifier(epochs=3, random_state=k).fit(x, y).predict_proba(x_held_out) for k in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    drawn = Classifier(epochs=3, random_state=np.random.RandomState(3)).fit(x, y).predict_proba(x_held_out)
    assert drawn.tobytes() != first.tobytes()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hidden": (0,)}, "network: hidden"),
        ({"optimizer": "adamm"}, r"training\.optimizer.*adam"),
        ({"learning_rate": -1.0}, r"training\.optimizer: learning_rate"),
        ({"class_weight": {9: 1.0}}, "class_weight names 9"),
        ({"loss": "poisson"}, r"training\.loss"),
    ],
)
def test_a_bad_parameter_is_told_by_fit_with_its_place(parameters, message):
    x, _, y, _ = iris()
    with pytest.raises(ValueError, match=message):
        Classifier(**parameters).fit(x, y)


def test_objects_are_taken_where_names_are():
    x, _, y, _ = iris()
    fitted = Classifier(
        epochs=np.int64(4), optimizer={"name": "sgd", "momentum": 0.9}, learning_rate=0.05, schedule={"name": "step"}
    ).fit(x, y)
    assert [record.learning_rate for record in fitted.curve_] == [0.05] * 4


def test_only_the_parameters_that_differ_are_shown():
    assert repr(Classifier(hidden=(8,), epochs=5)) == "Classifier(epochs=5, hidden=(8,))"
    with pytest.raises(ValueError, match="Valid parameters"):
        Regressor().set_params(class_weight="balanced")


def test_importing_and_fitting_need_neither_scikit_learn_nor_any_other_library():
    program = """
import sys
from models import Classifier
assert Classifier(epochs=2).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]).predict([[0.0]]).shape == (1,)
try:
    Classifier().predict([[0.0]])
except AttributeError as fault:
    assert isinstance(fault, ValueError)
foreign = {"sklearn", "scipy", "pydantic", "safetensors", "onnx", "pyarrow"} & set(sys.modules)
assert not foreign, foreign
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(("estimator", "task"), [(Classifier(), "classification"), (Regressor(), "regression")])
def test_parameters_left_alone_are_the_defaults_of_a_recipe(estimator, task):
    plain = Recipe(label="y", features=("x",), task=task, network=NetworkSpecification(dtype="float64"))
    assert estimator._recipe(["y"], ["x"], {}) == plain


def test_an_estimator_gives_the_bits_of_a_job_with_the_same_choices(iris_table):
    features, species = ("sepal_length", "sepal_width", "petal_length", "petal_width"), iris_table["species"].values
    training = TrainingSpecification(epochs=5, seed=3)
    recipe = Recipe(label="species", network=NetworkSpecification(dtype="float64"), training=training)
    job = fit(prepare(iris_table, recipe)).trained
    x = np.column_stack([iris_table[name].values for name in features])
    fitted = Classifier(epochs=5, random_state=3).fit(x, species)
    assert fitted.trained_.network.parameters.tobytes() == job.network.parameters.tobytes()
    assert fitted.classes_.tolist() == list(job.classes)


def as_frame(y):
    return pa.table({"label": y})


COLUMNS = {
    "column": lambda y: y[:, None],
    "frame": as_frame,
    "one of its columns": lambda y: as_frame(y)["label"],
    "list": lambda y: y.tolist(),
    "list of lists": lambda y: y[:, None].tolist(),
}


@pytest.mark.parametrize("form", COLUMNS.values(), ids=COLUMNS)
def test_a_score_is_the_same_whatever_holds_the_labels(form):
    x, x_held_out, y, y_held_out = iris()
    classifier = Classifier(random_state=0, epochs=20).fit(x, y)
    expected = accuracy_score(y_held_out, classifier.predict(x_held_out))
    assert classifier.score(x_held_out, form(y_held_out)) == pytest.approx(expected, abs=1e-12)
    regressor = Regressor(random_state=0, epochs=20).fit(x[:, :3], x[:, 3])
    expected = r2_score(x_held_out[:, 3], regressor.predict(x_held_out[:, :3]))
    assert regressor.score(x_held_out[:, :3], form(x_held_out[:, 3])) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", [Classifier, Regressor])
def test_training_on_a_column_is_training_on_its_values_and_says_so(kind):
    x, _, y, _ = iris()
    expected = kind(random_state=0, epochs=3).fit(x, y).predict(x)
    for form in (COLUMNS["column"], as_frame):
        with pytest.warns(DataConversionWarning, match="column-vector"):
            fitted = kind(random_state=0, epochs=3).fit(x, form(y))
        np.testing.assert_array_equal(fitted.predict(x), expected)


@pytest.mark.parametrize("wrong", [lambda y: y[:1], lambda y: y[:-1], lambda y: np.column_stack([y, y])])
def test_a_score_refuses_labels_that_are_not_one_a_row(wrong):
    x, _, y, _ = iris()
    for fitted in (Classifier(epochs=2).fit(x, y), Regressor(epochs=2).fit(x, y)):
        with pytest.raises(ValueError, match=r"samples|1d array|outputs"):
            fitted.score(x, wrong(y))


def test_a_regressor_of_two_outputs_refuses_labels_that_lie_on_their_side():
    x, y = make_regression(n_samples=60, n_features=3, n_targets=2, random_state=0)
    fitted = Regressor(epochs=3, random_state=0).fit(x, y)
    for wrong in (y.T, y.ravel()):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            fitted.score(x, wrong)


def test_weights_of_a_score_must_be_one_a_row_and_a_constant_label_has_a_score():
    x, _, y, _ = iris()
    classifier, regressor = Classifier(epochs=2).fit(x, y), Regressor(epochs=2).fit(x, y)
    for fitted in (classifier, regressor):
        with pytest.raises(ValueError, match=r"sample_weight\.shape"):
            fitted.score(x, y, np.ones(len(y) // 3))
    weight = np.arange(1.0, len(y) + 1)
    ones = np.ones(len(y))
    assert regressor.score(x, ones, weight) == r2_score(ones, regressor.predict(x), sample_weight=weight)


@pytest.mark.parametrize("weight", [None, np.arange(1.0, 61.0)], ids=["alike", "weighted"])
@pytest.mark.parametrize("value", [0.1, 1.0, 1e-300, -7.3])
def test_a_constant_label_scores_0_unless_it_is_met_exactly(value, weight):
    x = np.random.default_rng(0).normal(size=(60, 2))
    fitted = Regressor(hidden=(), epochs=2).fit(x, x[:, 0])
    assert fitted.score(x, np.full(60, value), weight) == 0.0
    exact = fitted.predict(x[:1])[0]
    assert fitted.score(np.repeat(x[:1], 60, axis=0), np.full(60, exact), weight) == 1.0


def test_a_score_of_one_row_is_not_defined_as_for_scikit_learn():
    x, _, y, _ = iris()
    fitted = Regressor(epochs=2).fit(x, y)
    with pytest.warns(UndefinedMetricWarning, match="less than two samples"):
        assert np.isnan(fitted.score(x[:1], y[:1]))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_probabilities_sum_to_1_as_scikit_learns_log_loss_expects(dtype):
    x, x_held_out, y, y_held_out = iris()
    probabilities = Classifier(epochs=5, dtype=dtype, random_state=0).fit(x, y).predict_proba(x_held_out)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    assert log_loss(y_held_out, probabilities) > 0


@pytest.mark.parametrize("kind", [Classifier, Regressor])
def test_sample_weights_are_routed_where_they_are_requested(kind):
    x, _, y, _ = iris()
    weight = np.where(y == 0, 1.0, 0.0)
    estimator = kind(epochs=3, random_state=0)
    with config_context(enable_metadata_routing=True):
        with pytest.raises(UnsetMetadataPassedError):
            cross_val_score(estimator, x, y, params={"sample_weight": weight})
        assert estimator.set_fit_request(sample_weight=True) is estimator
        both = clone(estimator.set_score_request(sample_weight=True))
        routed = GridSearchCV(both, {"hidden": [(4,)]}, cv=2).fit(x, y, sample_weight=weight)
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        estimator.set_fit_request(sample_weight=False)
    expected = kind(hidden=(4,), epochs=3, random_state=0).fit(x, y, weight)
    np.testing.assert_array_equal(routed.best_estimator_.predict(x), expected.predict(x))
