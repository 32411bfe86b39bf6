"""The ONNX form, preprocessing included, predicts under onnxruntime what we predict, within 1e-5."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest

from models.data.columns import infer_table, take_rows
from models.fitting.fit import fit, prepare
from models.formats import onnx as onnx_form
from models.formats.onnx.features import NO_DATE
from models.specification import ACTIVATION_NAMES, NetworkSpecification, Recipe, TrainingSpecification
from tests.support.training.kinds import KINDS
from tests.support.training.tables import DATES, mixed_raw


def run(trained, table):
    """The outputs of onnxruntime by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx_form.dumps(trained), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed(trained, table)), strict=True))


def feed(trained, table):
    """Raw values as the form takes them."""
    columns = trained.read(table)
    if trained.signature.all_numbers:
        return {"inputs": np.column_stack([column.values for column in columns.values()])}
    return {name: as_input(column) for name, column in columns.items()}


def as_input(column):
    if column.type == "category":
        return np.array([["" if text is None else text] for text in column.values], dtype=object)
    if column.type == "date":
        return np.where(column.missing, NO_DATE, column.values.astype(np.int64))[:, None]
    return column.values[:, None]


def agrees(trained, table):
    outputs = run(trained, table)
    predicted = trained.predict(table)
    name = "predictions" if trained.task == "regression" else "probabilities"
    assert outputs[name].dtype == np.float64
    np.testing.assert_allclose(outputs[name], predicted, rtol=1e-5, atol=1e-5)
    return outputs, predicted


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_agree_with_onnxruntime(networks, table_of, kind):
    trained = networks[kind]
    outputs, predicted = agrees(trained, table_of(trained))
    if trained.task == "classification":
        labels = [trained.classes[k] for k in trained.target.decide(predicted)]
        assert outputs["label"].ravel().tolist() == labels


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_passes_the_checker(networks, kind):
    onnx.checker.check_model(onnx.load_model_from_string(onnx_form.dumps(networks[kind])), full_check=True)


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_activation_agrees(iris_table, activation):
    network = NetworkSpecification(hidden=(6, 5), activation=activation)
    recipe = Recipe(label="species", network=network, training=TrainingSpecification(epochs=2))
    agrees(fit(prepare(iris_table, recipe)).trained, iris_table)


def test_texts_never_seen_and_dates_far_away_agree(networks):
    table = infer_table(mixed_raw(20, seed=3), DATES)
    table["colour"].values[:] = "violet"
    table["when"].values[0] = np.datetime64("1931-05-17T03:04:05", "us")
    table["when"].values[1] = np.datetime64("2150-12-31T23:59:59", "us")
    agrees(networks["classes"], table)


def test_missing_numbers_agree_in_one_matrix():
    rng = np.random.default_rng(0)
    matrix = np.where(rng.random((80, 3)) < 0.2, np.nan, rng.normal(size=(80, 3)))
    table = infer_table({"a": matrix[:, 0], "b": rng.normal(size=80), "c": matrix[:, 2], "y": rng.normal(size=80)})
    trained = fit(prepare(table, Recipe(label="y", training=TrainingSpecification(epochs=2)))).trained
    assert trained.signature.all_numbers
    agrees(trained, table)


@pytest.mark.parametrize("labels", [[3, 5], [0.5, 1.5], [True, False]])
def test_the_label_is_of_the_type_it_had(labels):
    table = infer_table({"x": np.linspace(0, 1, 60), "y": labels * 30})
    recipe = Recipe(label="y", task="classification", training=TrainingSpecification(epochs=2))
    trained = fit(prepare(table, recipe)).trained
    outputs, predicted = agrees(trained, table)
    assert outputs["label"].ravel().tolist() == [trained.classes[k] for k in trained.target.decide(predicted)]


def test_an_empty_text_is_a_level_of_its_own_beside_missing_ones():
    table = infer_table({"c": ["", "a", None] * 20, "y": [0.1, 0.5, 0.9] * 20})
    trained = fit(prepare(table, Recipe(label="y", training=TrainingSpecification(epochs=2)))).trained
    session = onnxruntime.InferenceSession(onnx_form.dumps(trained))
    rows = np.array([[""], ["a"], ["\0"]], dtype=object)
    expected = trained.predict({"c": ["", "a", None]})
    np.testing.assert_allclose(session.run(["predictions"], {"c": rows})[0], expected, rtol=1e-5)


def test_a_feature_may_be_named_as_an_output_is():
    table = infer_table({"label": ["a", "b"] * 30, "feedforward/add.1": range(60), "y": [0.1, 0.5] * 30})
    trained = fit(prepare(table, Recipe(label="y", training=TrainingSpecification(epochs=2)))).trained
    session = onnxruntime.InferenceSession(onnx_form.dumps(trained))
    rows = {"input:label": np.array([["a"]], dtype=object), "input:feedforward/add.1": np.array([[3.0]])}
    expected = trained.predict({"label": ["a"], "feedforward/add.1": [3.0]})
    np.testing.assert_allclose(session.run(["predictions"], rows)[0], expected, rtol=1e-5)


def test_one_row_is_enough(networks, mixed_table):
    agrees(networks["classes"], take_rows(mixed_table, np.array([7])))


def test_the_same_network_gives_the_same_bytes(networks):
    assert onnx_form.dumps(networks["classes"]) == onnx_form.dumps(networks["classes"])


def test_a_layer_without_an_onnx_form_is_refused(networks):
    trained = copy.deepcopy(networks["plain"])
    trained.network.layers.append(type("NewLayer", (), {})())
    with pytest.raises(TypeError, match="NewLayer"):
        onnx_form.dumps(trained)
