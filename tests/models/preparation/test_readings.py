"""How columns are written is kept with the recipe, the features and the signature."""

import pytest

from models.data.reading.cells import TextCells
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_table
from models.errors import BadLabel
from models.fitting.fit import fit
from models.formats import safetensors
from models.preparation.prepare import prepare
from models.specification import ColumnOverride, Recipe, TrainingSpecification, ValidationSpecification

N = 40
PRICES = [f"{k},5" for k in range(N)]
LABELS = [("no", "yes")[k % 2] for k in range(N)]


def prepared(columns, label="y", **choices):
    recipe = Recipe(label=label, reader=2, training=TrainingSpecification(epochs=1), **choices)
    table = find_table({name: TextCells.of(cells) for name, cells in columns.items()}, ReadingOptions.of(recipe))
    return prepare(table, recipe)


def test_the_recipe_tells_how_used_columns_are_written():
    plan = prepared({"price": PRICES, "plain": list(map(str, range(N))), "y": LABELS})
    assert plan.recipe.columns == {"price": ColumnOverride(type="number", decimal=",")}


def test_columns_that_are_left_out_leave_nothing_in_the_recipe():
    plan = prepared({"price": PRICES, "day": ["01/02/2021", "03/04/2021"] * (N // 2), "y": LABELS})
    assert plan.recipe.features == ("price",)
    assert "day" not in plan.recipe.columns
    assert "ambiguous-date" in {warning["code"] for warning in plan.warnings}


def test_the_signature_tells_the_form_and_keeps_it_through_a_file():
    trained = fit(prepared({"price": PRICES, "n": ["?", *map(str, range(1, N))], "y": LABELS})).trained
    again = safetensors.loads(safetensors.dumps(trained))
    price, count = again.signature.features
    assert (price.decimal, price.missing_values) == (",", None)
    assert "?" in count.missing_values
    assert again.signature == trained.signature
    assert again.signature.ignored == ("y",)


def test_texts_are_predicted_as_the_numbers_that_they_are():
    trained = fit(prepared({"price": PRICES, "y": LABELS})).trained
    assert trained.predict({"price": ["3,5"]}).tolist() == trained.predict({"price": [3.5]}).tolist()


@pytest.mark.parametrize("gap", [0, N - 1])
def test_a_gap_in_any_row_makes_a_feature_nullable(gap):
    cells = list(map(str, range(N)))
    cells[gap] = ""
    split = ValidationSpecification(method="time", column="day", fraction=0.1)
    days = [f"2024-01-{day + 1:02d}" if day < 31 else f"2024-02-{day - 30:02d}" for day in range(N)]
    plan = prepared({"day": days, "x": cells, "y": LABELS}, validation=split)
    assert {feature.name: feature.nullable for feature in plan.signature.features} == {"day": False, "x": True}
    fit(plan).trained.predict({"day": days, "x": [None, *map(float, range(1, N))]})


def test_a_gap_beside_a_missing_label_makes_a_feature_nullable():
    cells, labels = ["", *map(str, range(1, N))], ["", *LABELS[1:]]
    assert prepared({"x": cells, "y": labels}).signature.features[0].nullable


def test_a_feature_whose_gaps_were_not_trained_on_has_no_flag():
    split = ValidationSpecification(method="time", column="t", fraction=0.1)
    cells = {"t": list(map(str, range(N))), "x": [*map(str, range(N - 1)), ""], "y": LABELS}
    plan = prepared(cells, validation=split, features=("x",))
    assert plan.preprocessing.n_inputs == 1


def test_the_first_reader_learns_gaps_from_training_rows_alone():
    recipe = Recipe(label="y", validation=ValidationSpecification(method="time", column="t", fraction=0.1))
    raw = {"t": list(range(N)), "x": [*map(float, range(N - 1)), None], "y": LABELS}
    plan = prepare(find_table(raw, ReadingOptions.of(recipe)), recipe)
    assert not plan.signature.features[1].nullable
    assert plan.signature.ignored is None


def test_a_label_of_numbers_in_no_one_form_is_refused_with_what_to_do():
    labels = [f"${k}" if k % 2 else f"{k} kg" for k in range(N)]
    with pytest.raises(BadLabel, match=r"1234\.5"):
        prepared({"x": list(map(str, range(N))), "y": labels})
    with pytest.raises(BadLabel, match=r"1234\.5"):
        prepared({"x": list(map(str, range(N))), "y": [*(f"{k},5" for k in range(25)), *"abcdefghijklmno"]})


def test_few_numbers_among_classes_are_classes():
    labels = [("1,5", "1.5", "x", "$3")[k % 4] for k in range(N)]
    assert prepared({"x": list(map(str, range(N))), "y": labels}).task == "classification"


def test_a_task_that_the_caller_chose_is_not_doubted():
    labels = [f"${k % 25}" if k % 2 else f"{k % 25} kg" for k in range(N)]
    plan = prepared({"x": list(map(str, range(N))), "y": labels}, task="classification")
    assert len(plan.target.classes) > 20
