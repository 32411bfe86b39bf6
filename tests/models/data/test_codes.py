"""Whole numbers beyond 2^53 are codes: neighbours stay apart, and they come back as they were written."""

import json
from itertools import cycle, islice

import numpy as np
import pytest

from models.data.codes import hold_codes, is_code, texts_hold_codes
from models.data.columns import infer_column, infer_table
from models.data.text_values import parse_text_column
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.formats import network_json, standalone
from models.specification import ColumnOverride, Recipe

FIRST, SECOND, LONG = 9007199254740992, 9007199254740993, 123456789012345678901234567890


@pytest.mark.parametrize("text", ["9007199254740993", "-9007199254740993", "+10000000000000000", "1" * 5000])
def test_a_whole_number_beyond_2_to_the_53_is_a_code(text):
    assert is_code(text)


@pytest.mark.parametrize("text", ["9007199254740992", "0000000000000000000005", "1e300", "9007199254740993.0", "", "x"])
def test_what_float64_holds_exactly_and_what_is_no_whole_number_is_none(text):
    assert not is_code(text)


def test_a_column_is_one_of_codes_only_where_all_its_numbers_are_whole():
    assert hold_codes([1, None, 3.0, float("nan"), SECOND])
    assert not hold_codes([1, None, FIRST, -FIRST])
    assert not hold_codes([SECOND, 0.5])
    assert texts_hold_codes(["1", None, str(LONG)])
    assert not texts_hold_codes(["0.5", str(LONG)])


FORMS = {
    "JSON": lambda values: values,
    "text": lambda values: parse_text_column([None if value is None else str(value) for value in values]),
    "array": lambda values: np.array([1 if value is None else value for value in values], np.int64),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_neighbours_stay_apart_in_every_form(form):
    column = infer_column("code", form([FIRST, SECOND, None, 5, -SECOND]))
    assert column.type == "category"
    assert [str(FIRST), str(SECOND), "5", str(-SECOND)] == [column.values[k] for k in (0, 1, 3, 4)]


def test_a_caller_may_still_say_that_they_are_numbers():
    column = infer_column("code", [FIRST, SECOND + 1], ColumnOverride(type="number"))
    assert (column.type, column.values.tolist()) == ("number", [2.0**53, 2.0**53 + 2])


def table(classes, rows=60):
    label = list(islice(cycle(classes), rows))
    return {"x": [float(classes.index(one)) for one in label], "y": label, "z": label}


def trained(data, **chosen):
    recipe = Recipe.from_json({"label": "y", "training": {"epochs": 40, "seed": 1}} | chosen)
    prepared = prepare(infer_table(data, recipe.columns), recipe)
    return prepared, fit(prepared).trained


def test_a_label_and_a_feature_of_codes_are_learnt_as_text_and_say_so():
    prepared, network = trained(table([FIRST, SECOND]))
    assert network.classes == (str(FIRST), str(SECOND))
    assert network.signature.features[1].categories == (str(FIRST), str(SECOND))
    warned = [one for one in prepared.warnings if one["code"] == "codes"]
    assert sorted(one["column"] for one in warned) == ["y", "z"]
    assert all('{"type": "number"}' in one["message"] for one in warned)
    rows = {"x": [0.0, 1.0], "z": [FIRST, SECOND]}
    assert network.predict(rows).argmax(axis=1).tolist() == [0, 1]
    assert evaluate(network, rows | {"y": [FIRST, SECOND]})["accuracy"] == 1
    assert evaluate(network, rows | {"y": [str(FIRST), str(SECOND)]})["accuracy"] == 1
    names = {"__name__": "exported"}
    exec(compile(standalone.dumps(network), "exported.py", "exec"), names)  # the file is the thing under test
    told = names["predict"]([{"x": 0.0, "z": FIRST}, {"x": 1.0, "z": str(SECOND)}])
    assert [one["label"] for one in told] == [str(FIRST), str(SECOND)]


def test_nothing_is_said_of_texts_that_the_caller_asked_for_nor_of_shorter_numbers():
    columns = table([FIRST, SECOND])
    prepared, _ = trained(columns, columns={"y": {"type": "category"}, "z": {"type": "category"}})
    assert "codes" not in {one["code"] for one in prepared.warnings}
    prepared, network = trained(table([1, 2]))
    assert "codes" not in {one["code"] for one in prepared.warnings}
    assert network.classes == (1, 2)


def test_classes_that_are_told_to_be_numbers_can_be_written_however_large():
    _, network = trained(table([1, LONG]), columns={"y": {"type": "number"}}, features=["x"], task="classification")
    assert network.classes == (1, float(LONG))
    assert json.loads(network_json.dumps(network))["target"]["classes"] == [1, float(LONG)]


def test_a_network_that_learnt_numbers_is_judged_on_them_as_before():
    columns = {"x": [0.0, 1.0] * 30, "y": [1e17, 2e17] * 30}
    _, network = trained(columns, columns={"y": {"type": "number"}}, task="classification")
    texts = parse_text_column(["100000000000000000", "200000000000000000"])
    judged = evaluate(network, infer_table({"x": [0.0, 1.0], "y": texts}))
    assert judged["accuracy"] == 1
