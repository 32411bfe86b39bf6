"""The single file predicts what we predict, with nothing of ours on its path."""

import copy
import json
import subprocess
import sys

import numpy as np
import pytest

from models.data.columns import infer_table, n_rows, take_rows
from models.fitting.fit import fit, prepare
from models.formats import standalone
from models.inference.trained_network import plain_values
from models.specification import ACTIVATION_NAMES, NetworkSpecification, Recipe, TrainingSpecification
from tests.support.training.kinds import KINDS


def rows_of(trained, table, count):
    """JSON rows by feature name."""
    part = take_rows(table, np.arange(count))
    columns = {name: [as_json(value) for value in plain_values(part[name])] for name in trained.signature.feature_names}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def as_json(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def numbers_of(answer):
    if "probabilities" in answer:
        return list(answer["probabilities"].values())
    return list(answer["values"].values()) if "values" in answer else [answer["value"]]


def loaded(trained):
    """The file's names, as importing it would give them."""
    names = {"__name__": "exported"}
    exec(compile(standalone.dumps(trained), "exported.py", "exec"), names)  # the file is the thing under test
    return names


def agrees(trained, table):
    rows = rows_of(trained, table, min(40, n_rows(table)))
    answers = loaded(trained)["predict"](rows)
    expected = trained.predict(take_rows(table, np.arange(len(rows))))
    np.testing.assert_allclose([numbers_of(one) for one in answers], expected, rtol=2e-6, atol=2e-6)
    return answers, expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_predicts_the_same(networks, table_of, kind):
    trained = networks[kind]
    answers, expected = agrees(trained, table_of(trained))
    if trained.task == "classification":
        assert [one["label"] for one in answers] == [trained.classes[k] for k in trained.target.decide(expected)]


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_every_activation_agrees(iris_table, activation):
    network = NetworkSpecification(hidden=(6, 5), activation=activation)
    recipe = Recipe(label="species", network=network, training=TrainingSpecification(epochs=2))
    agrees(fit(prepare(iris_table, recipe)).trained, iris_table)


def test_the_file_runs_by_itself_with_numpy_alone(networks, mixed_table, tmp_path):
    trained = networks["classes"]
    (tmp_path / "network.py").write_bytes(standalone.dumps(trained))
    code = "import sys, json, network; print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'models']))"
    imported = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert json.loads(imported.stdout) == []
    rows = rows_of(trained, mixed_table, 3)
    command = [sys.executable, "network.py"]
    answered = subprocess.run(command, cwd=tmp_path, input=json.dumps(rows), capture_output=True, check=True, text=True)
    expected = trained.predict(take_rows(mixed_table, np.arange(3)))
    answers = json.loads(answered.stdout)
    np.testing.assert_allclose([numbers_of(one) for one in answers], expected, rtol=2e-6, atol=2e-6)


def test_names_with_quotes_and_backslashes_survive():
    names = ["it's", "'''", 'a "b" \\n', "ü"]
    table = infer_table({name: np.linspace(k, 1, 20) for k, name in enumerate(names)} | {"y": np.linspace(0, 1, 20)})
    agrees(fit(prepare(table, Recipe(label="y", training=TrainingSpecification(epochs=1)))).trained, table)


def test_a_missing_value_that_training_did_not_meet_is_refused(networks):
    with pytest.raises(ValueError, match="missing in row 1"):
        loaded(networks["plain"])["predict"](
            [{"sepal_length": 1.0, "petal_width": 1.0}, {"sepal_length": None, "petal_width": 1.0}]
        )


def test_a_layer_that_the_program_would_leave_out_is_refused(networks):
    trained = copy.deepcopy(networks["plain"])
    trained.network.layers.append(type("NewLayer", (), {})())
    with pytest.raises(TypeError, match="NewLayer"):
        standalone.dumps(trained)
