"""Texts in the form of the training table, among JSON values: what is read, what is missing, and what is an error."""

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from models.data.features import Preprocessing
from models.data.reading.text_form import TextForm
from models.data.signature import FeatureSignature, OutputSignature, Signature
from service.problems import InvalidInput
from service.serving.input_types import row_type
from service.serving.open_inference.inputs import predict
from service.serving.open_inference.requests import read_request
from service.serving.reading.row_reader import RowReader, TextFormReader, row_reader
from service.serving.served_version import ServedVersion
from tests.support.serving import networks
from tests.support.trained_tables import served

OUTPUTS = (OutputSignature("y", "number"),)
ROOT = ("body", "inputs")
PRICE = FeatureSignature("price", "number", True, 0.0, 2e6, decimal=",", thousands=".", unit="€")
AGE = FeatureSignature("age", "number", True, 0.0, 99.0, missing_values=("?", "-9"))
ZIP = FeatureSignature("zip", "category", True, categories=("02134",), missing_values=("-9", "none"))
DAY = FeatureSignature("day", "date", False, format="%d/%m/%Y", missing_values=("never",))
FORMED = row_reader(Signature((PRICE, AGE, ZIP, DAY), OUTPUTS, ignored=("y",)))
ROW = {"price": 5.0, "age": 30.0, "zip": "02134", "day": "01/02/2021"}


def read(**changed) -> tuple:
    row = ROW | changed
    quick = FORMED.find_rows([row])
    [found] = FORMED.read([row], ROOT) if quick is None else quick
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.234,5", 1234.5), ("€1.234,5", 1234.5), ("1.234,5 €", 1234.5), ("-0,25", -0.25), (" 7 ", 7.0), ("1.234", 1234)],
)
def test_a_text_in_the_form_of_the_table_is_a_number(text, number):
    assert read(price=text)[0] == number


@pytest.mark.parametrize("value", ["?", "", " ? ", "-9", -9, -9.0, None])
def test_a_token_of_a_missing_number_is_missing_as_text_and_as_number(value):
    assert read(age=value)[1] is None


@pytest.mark.parametrize("value", ["none", "-9", -9, "", None])
def test_a_token_of_a_missing_text_is_missing_as_text_and_as_number(value):
    assert read(zip=value)[2] is None


def test_plain_numbers_stay_as_they_are():
    assert read(age=9, price=1.5)[:2] == (1.5, 9)
    assert read(age="41")[1] == 41.0


def test_rows_in_order_and_columns_are_read_alike():
    rows = [["1,5", "?", "02134", "01/02/2021"], [2, 3, "none", "02/02/2021"]]
    expected = [(1.5, None, "02134", "01/02/2021"), (2.0, 3.0, None, "02/02/2021")]
    assert FORMED.read(rows, ROOT) == expected
    columns = {name: [row[place] for row in rows] for place, name in enumerate(FORMED.names)}
    assert list(zip(*FORMED.read_columns(columns, ROOT), strict=True)) == expected


def errors_of(rows: list) -> list[dict]:
    with pytest.raises(InvalidInput) as caught:
        FORMED.read(rows, ROOT)
    return caught.value.errors


def test_each_wrong_text_is_named_with_its_own_place_value_and_the_form():
    errors = errors_of([ROW, ROW | {"price": "1,2,3"}, ROW, ["abc", 1, "x", "01/02/2021"]])
    assert [(error["location"], error["code"]) for error in errors] == [
        (["body", "inputs", 1, "price"], "float_type"),
        (["body", "inputs", 3, 0], "float_type"),
    ]
    assert "'1,2,3'" in errors[0]["message"]
    assert "'abc'" in errors[1]["message"]
    assert all("€1.234,5" in error["message"] or "1.234,5 €" in error["message"] for error in errors)


def test_a_missing_token_is_an_error_where_no_value_may_be_missing():
    [error] = errors_of([ROW, ROW | {"day": "never"}])
    assert (error["location"], error["code"]) == (["body", "inputs", 1, "day"], "null")


@pytest.mark.parametrize("wrong", [True, [1], {"a": 1}])
def test_a_value_of_another_type_stays_an_error(wrong):
    [error] = errors_of([ROW | {"price": wrong}])
    assert (error["location"], error["code"]) == (["body", "inputs", 0, "price"], "float_type")


def test_a_text_for_a_number_without_a_form_stays_an_error():
    plain = row_reader(Signature((FeatureSignature("x", "number", False),), OUTPUTS))
    assert plain.find_rows([{"x": "1.5"}]) is None
    with pytest.raises(InvalidInput):
        plain.read([{"x": "1.5"}], ROOT)


def test_numbers_without_a_form_are_read_by_the_plain_reader():
    assert type(row_reader(Signature((FeatureSignature("x", "number", True),), OUTPUTS))) is RowReader
    assert type(FORMED) is TextFormReader


def infer(version: ServedVersion, **inputs: tuple[str, list]) -> list[float]:
    tensors = [
        {"name": name, "datatype": datatype, "shape": [len(data), 1], "data": data}
        for name, (datatype, data) in inputs.items()
    ]
    return predict(version, read_request(json.dumps({"inputs": tensors}).encode(), None))[:, 0].tolist()


def test_missing_tokens_hold_in_the_open_inference_protocol_too():
    """y = 2 a + 3 b + 100 · (b is missing), where a missing b is read as 7: 2 a + 121."""
    trained = networks.plane_with_gap()
    first, second = trained.preprocessing.encoders
    formed = replace(second, form=TextForm(missing_values=("?", "-9")))
    version = served(replace(trained, preprocessing=Preprocessing((first, formed)), ignored=("y",)))
    assert infer(version, a=("FP64", [1.0, 1.0]), b=("FP64", [-9.0, 2.0])) == [123.0, 8.0]
    whole = {"inputs": [{"name": "inputs", "datatype": "FP64", "shape": [2, 2], "data": [1.0, -9.0, 1.0, 2.0]}]}
    assert predict(version, read_request(json.dumps(whole).encode(), None))[:, 0].tolist() == [123.0, 8.0]
    assert infer(version, a=("INT64", [1]), b=("INT64", [-9]), y=("BYTES", ["x"])) == [123.0]


def test_the_schema_shows_the_form():
    row = TypeAdapter(row_type(Signature((PRICE, AGE, ZIP, DAY), OUTPUTS), ())).json_schema()["$defs"]["Row"]
    price, age, code, day = (row["properties"][name] for name in FORMED.names)
    assert row["required"] == ["day"]
    price, age = price["anyOf"][0], age["anyOf"][0]
    assert price["type"] == age["type"] == ["number", "string"]
    assert "Numbers are written like 1.234,5 €." in price["description"]
    assert price["examples"] == ["1.234,5 €"]
    assert "stand for a missing value: ?, -9." in age["description"]
    assert "none" in code["anyOf"][0]["description"]
    assert "%d/%m/%Y" in day["description"]
