"""What is doubtful in data is told, and what is not is left in peace; nothing is changed by it."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.text_values import are_written_numbers
from models.preparation.prepare import prepare
from models.specification import Recipe, ValidationSpecification

N = 200
NOISE = np.random.default_rng(0).normal(size=N).tolist()
LABELS = ["a" if k % 5 < 2 else "b" for k in range(N)]
SHUFFLED = np.random.default_rng(1).permutation(N).tolist()


def warnings_of(columns: dict, labels: list = LABELS, **chosen) -> set[tuple[str, str | None]]:
    """Codes and columns of the warnings about these columns beside one of noise."""
    table = infer_table({"noise": NOISE, **columns, "y": labels})
    return {(warning["code"], warning["column"]) for warning in prepare(table, Recipe(label="y", **chosen)).warnings}


@pytest.mark.parametrize(
    "values",
    [list(range(1000, 1000 + N)), SHUFFLED, list(range(N, 0, -1)), [3 * k * k for k in range(N)]],
    ids=["rising", "shuffled", "falling", "with gaps"],
)
def test_numbers_that_count_rows_are_identifiers(values):
    assert warnings_of({"id": values}) == {("identifier", "id")}


def test_texts_that_are_all_different_are_identifiers():
    assert warnings_of({"id": [f"user {k}" for k in range(N)]}) == {("identifier", "id")}
    few = {"id": [f"user {k}" for k in range(60)], "y": LABELS[:60]}
    assert "identifier" in {warning["code"] for warning in prepare(infer_table(few), Recipe(label="y")).warnings}


@pytest.mark.parametrize("n_rows", [30, 90, 130])
@pytest.mark.parametrize("n_missing", [0, 2])
def test_texts_that_all_differ_are_left_out_however_many_they_are(n_rows, n_missing):
    names = [None] * n_missing + [f"user {k}" for k in range(n_missing, n_rows)]
    table = infer_table({"x": NOISE[:n_rows], "id": names, "y": LABELS[:n_rows]})
    prepared = prepare(table, Recipe(label="y", reader=2))
    assert prepared.recipe.features == ("x",)
    assert [one["column"] for one in prepared.warnings if one["code"] == "identifier"] == ["id"]
    named = prepare(table, Recipe(label="y", reader=2, features=("x", "id"))) if n_rows < 100 else None
    assert named is None or named.recipe.features == ("x", "id")


@pytest.mark.parametrize("n_rows", [10, 100])
def test_texts_that_repeat_and_those_of_few_rows_are_categories(n_rows):
    names = [f"user {k if n_rows == 10 else k // 2}" for k in range(n_rows)]
    table = infer_table({"x": NOISE[:n_rows], "id": names, "y": LABELS[:n_rows]})
    assert prepare(table, Recipe(label="y", reader=2)).recipe.features == ("x", "id")


def test_the_first_reader_takes_a_hundred_different_texts_for_categories():
    table = infer_table({"x": NOISE[:90], "id": [f"user {k}" for k in range(90)], "y": LABELS[:90]})
    assert prepare(table, Recipe(label="y")).recipe.features == ("x", "id")


@pytest.mark.parametrize(
    "values",
    [
        LABELS,
        [1 if label == "a" else 0 for label in LABELS],
        [label == "a" for label in LABELS],
        [k % 17 + (100 if label == "a" else 0) for k, label in enumerate(LABELS)],
        [("red", "blue")[k % 2] if label == "a" else ("green", "grey")[k % 2] for k, label in enumerate(LABELS)],
    ],
    ids=["equal", "coded", "boolean", "threshold", "categories"],
)
def test_a_feature_that_tells_the_class_is_a_suspect_of_leakage(values):
    assert warnings_of({"x": values}) == {("leakage", "x")}


@pytest.mark.parametrize("values", [NOISE, [3 * x - 1 for x in NOISE]], ids=["equal", "linear"])
def test_a_feature_that_is_the_number_to_predict_is_a_suspect_of_leakage(values):
    table = {"z": NOISE[::-1], "x": values}
    prepared = prepare(infer_table(table | {"y": NOISE}), Recipe(label="y"))
    assert {(warning["code"], warning["column"]) for warning in prepared.warnings} == {("leakage", "x")}


def test_a_few_missing_values_hide_no_leakage():
    assert warnings_of({"x": [None, *LABELS[1:]]}) == {("leakage", "x")}


@pytest.mark.parametrize("labels", [LABELS, [int(label == "a") for label in LABELS], [x == "a" for x in LABELS]])
@pytest.mark.parametrize("missing_at", [0, 1], ids=["empty", "filled"])
def test_a_feature_that_is_empty_exactly_where_the_label_has_one_value_is_a_suspect(labels, missing_at):
    values = [None if (k % 5 < 2) is bool(missing_at) else ("heart", "lungs")[k % 2] for k in range(N)]
    assert ("leakage", "cause") in warnings_of({"cause": values}, labels)
    assert ("leakage", "cause") in warnings_of({"cause": [value and len(value) + k for k, value in enumerate(values)]})


def test_a_number_to_predict_that_is_zero_exactly_where_a_feature_is_empty_makes_it_a_suspect():
    table = {"noise": NOISE, "x": [None if k % 3 else float(k) for k in range(N)]}
    labels = [0.0 if k % 3 else 1.5 + k for k in range(N)]
    warnings = prepare(infer_table(table | {"y": labels}), Recipe(label="y")).warnings
    [found] = [one for one in warnings if (one["code"], one["column"]) == ("leakage", "x")]
    assert "'x' is empty exactly where 'y' is 0;" in found["message"]


@pytest.mark.parametrize("odd_rows", [[0], [2], [0, 2]])
def test_a_feature_that_is_empty_nearly_where_the_label_has_one_value_is_no_suspect(odd_rows):
    values = [None if (k % 5 < 2) is not (k in odd_rows) else float(k % 7) for k in range(N)]
    validation = ValidationSpecification(fraction=0)
    assert ("leakage", "x") not in warnings_of({"x": values}, validation=validation)


def test_a_feature_that_only_helps_is_no_suspect():
    nearly = [*LABELS[:-40], *("a" if label == "b" else "b" for label in LABELS[-40:])]
    assert warnings_of({"x": nearly}) == set()
    assert warnings_of({"x": [round(x, 1) for x in NOISE]}) == set()


def test_a_single_feature_is_the_task_itself():
    assert prepare(infer_table({"x": NOISE, "y": [2 * x for x in NOISE]}), Recipe(label="y")).warnings == []


def test_repeated_rows_are_counted_and_those_held_out_too():
    table = infer_table({"x": NOISE[:100] * 2, "y": LABELS[:100] * 2})
    [found] = [one for one in prepare(table, Recipe(label="y")).warnings if one["code"] == "duplicate-rows"]
    assert found["message"].startswith("100 of 200 rows repeat")
    assert "of 40 held-out rows" in found["message"]


def test_equal_features_with_other_labels_are_no_duplicates():
    labels = [*LABELS[:100], *("a" if label == "b" else "b" for label in LABELS[:100])]
    table = infer_table({"x": NOISE[:100] * 2, "t": ["p", None] * 100, "y": labels})
    assert prepare(table, Recipe(label="y")).warnings == []


def test_missing_values_are_equal_when_rows_are_compared():
    table = infer_table({"x": [None, 1.5] * 100, "t": [None, "p"] * 100, "y": ["a", "b"] * 100})
    assert "duplicate-rows" in {warning["code"] for warning in prepare(table, Recipe(label="y")).warnings}


@pytest.mark.parametrize("values", [[1.5, 2.5] + [None] * (N - 2), ["p", "q"] + [None] * (N - 2)])
def test_a_nearly_empty_column_is_told(values):
    validation = ValidationSpecification(fraction=0)
    assert ("nearly-empty-column", "x") in warnings_of({"x": values}, validation=validation)


@pytest.mark.parametrize("shape", ["{},5", "1,{:03}", "{} %", "$ {}.50", "1 {:03},25 €"])
def test_numbers_written_for_people_are_told(shape):
    assert ("numbers-as-text", "x") in warnings_of({"x": [shape.format(k % 40) for k in range(N)]})
    assert ("numbers-as-text", "x") in warnings_of({"x": [shape.format(k) for k in range(N)]})


@pytest.mark.parametrize("texts", [["a1", "2,5"], ["1.2.3", "4.5.6"], ["2024-01-02", "12:30"], ["01234", "56789"]])
def test_other_texts_with_digits_are_no_written_numbers(texts):
    assert not are_written_numbers(texts)


def test_warnings_change_nothing():
    plain = {"noise": NOISE, "y": LABELS}
    doubtful = prepare(infer_table({"id": list(range(N)), "copy": LABELS, **plain}), Recipe(label="y"))
    assert doubtful.recipe.features == ("id", "copy", "noise")
    assert json.dumps(doubtful.warnings)


def test_nothing_is_said_of_the_iris_data():
    lines = [line.split(",") for line in Path("examples/iris.csv").read_text().split()]
    columns = zip(*lines[1:], strict=True)
    raw = {
        name: [*map(float, cells)] if name != "species" else cells
        for name, cells in zip(lines[0], columns, strict=True)
    }
    assert prepare(infer_table(raw), Recipe(label="species")).warnings == []


def test_classes_of_very_unequal_size_are_told():
    assert warnings_of({}, ["a"] * 192 + ["b"] * 8) == {("imbalanced-classes", "y")}


def test_a_class_with_hardly_any_rows_is_told():
    assert warnings_of({}, ["a"] * 100 + ["b"] * 96 + ["c"] * 4) == {("imbalanced-classes", "y"), ("rare-class", "y")}
