"""Columns that are no features: those of the training table are ignored in every form, any other is an error."""

import io
import json
from dataclasses import replace

import pyarrow as pa
import pytest

from models.inference.trained_network import TrainedNetwork
from tests.support.serving import networks

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
ROWS = [{"a": 1.0, "b": 10.0}, {"a": -1.0, "b": 0.5}]  # 2 a + 3 b + 1 = 33 and 0.5
FORMS = ["rows", "columns", "ndjson", "csv", "arrow"]


def trained_beside(*ignored: str) -> TrainedNetwork:
    return replace(networks.plane(), ignored=ignored)


def body_of(form: str, rows: list[dict]) -> tuple[str, bytes]:
    """The rows in this form: its media type and its bytes."""
    if form == "rows":
        return JSON, json.dumps({"inputs": rows}).encode()
    if form == "columns":
        return JSON, json.dumps({"columns": {name: [row[name] for row in rows] for name in rows[0]}}).encode()
    if form == "ndjson":
        return NDJSON, "\n".join(map(json.dumps, rows)).encode()
    if form == "csv":
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        return CSV, ("\n".join(lines) + "\n").encode()
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return ARROW, sink.getvalue()


def post(serving, model: str, form: str, rows: list[dict], query: str = ""):
    kind, content = body_of(form, rows)
    headers = {"Content-Type": kind, "Accept": JSON}
    return serving.http.post(f"/models/{model}/predict{query}", content=content, headers=headers)


def values_of(response) -> list[float]:
    assert response.status_code == 200, response.text
    return [prediction["value"] for prediction in response.json()["predictions"]]


def with_column(name: str, value: object = "text") -> list[dict]:
    return [row | {name: value} for row in ROWS]


@pytest.fixture(scope="module")
def model(serving) -> str:
    return serving.register(trained_beside("species", "note"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["species", "note", "Unnamed: 0", "__index_level_0__", ""])
def test_the_label_columns_without_use_and_an_index_are_ignored(serving, model, form, name):
    assert values_of(post(serving, model, form, with_column(name))) == [33.0, 0.5]


@pytest.mark.parametrize("form", FORMS)
def test_a_column_that_the_table_never_had_is_an_error_with_the_nearest_name(serving, model, form):
    response = post(serving, model, form, with_column("bb"))
    assert response.status_code == 422, response.text
    error = response.json()["errors"][0]
    assert (error["code"], error["location"][-1]) == ("unknown", "bb")
    assert "`b`" in error["message"]


@pytest.mark.parametrize("form", FORMS)
def test_a_query_has_unknown_columns_ignored(serving, model, form):
    assert values_of(post(serving, model, form, with_column("bb"), "?extra_columns=ignore")) == [33.0, 0.5]
    assert post(serving, model, form, with_column("bb"), "?extra_columns=reject").status_code == 422


@pytest.mark.parametrize("form", FORMS)
def test_a_query_never_makes_up_for_a_missing_feature(serving, model, form):
    response = post(serving, model, form, [{"a": 1.0, "bb": 2.0}], "?extra_columns=ignore")
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "missing"


@pytest.mark.parametrize("form", ["rows", "csv"])
@pytest.mark.parametrize("query", ["?extra_columns=ignor", "?extra_column=ignore", "?extra_columns="])
def test_no_other_value_of_the_query_is_accepted(serving, model, form, query):
    response = post(serving, model, form, ROWS, query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"][0] == "query"


@pytest.mark.parametrize("form", FORMS)
def test_a_version_that_does_not_know_its_table_keeps_the_rules_that_it_had(serving, form):
    model = serving.register(networks.plane())
    response = post(serving, model, form, with_column("other"))
    if form in ("csv", "arrow"):
        assert values_of(response) == [33.0, 0.5]
    else:
        assert response.status_code == 422
    assert values_of(post(serving, model, form, with_column("other"), "?extra_columns=ignore")) == [33.0, 0.5]


@pytest.mark.parametrize("name", ["note", "bb"])
def test_ignored_columns_have_the_length_of_the_others(serving, model, name):
    columns = {name: ["x"], "a": [1.0, 2.0], "b": [1.0, 2.0]}
    response = serving.http.post(f"/models/{model}/predict?extra_columns=ignore", json={"columns": columns})
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "length"


@pytest.mark.parametrize("form", ["rows", "columns", "ndjson"])
def test_a_feature_that_may_be_missing_may_be_absent(serving, form):
    model = serving.register(replace(networks.plane_with_gap(), ignored=("y",)))
    response = post(serving, model, form, [{"a": 1.0, "y": 3.0}, {"a": 2.0, "y": 4.0}])
    assert values_of(response) == [123.0, 125.0]
    assert [warning["code"] for warning in response.json()["warnings"]] == ["missing-filled"] * 2


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (CSV, b"a,b,a\n1,10,1\n"),
        (CSV, b"a,b,note,note\n1,10,x,x\n"),
        (ARROW, b""),
    ],
)
def test_a_column_that_is_there_twice_is_an_error(serving, model, kind, content):
    if kind == ARROW:
        table = pa.table([pa.array([1.0]), pa.array([10.0]), pa.array([1.0])], names=["a", "b", "a"])
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        content = sink.getvalue()
    response = serving.http.post(f"/models/{model}/predict", content=content, headers={"Content-Type": kind})
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["code"] == "repeated"


def infer(serving, model: str, *names: str, query: str = ""):
    inputs = [{"name": name, "datatype": "FP64", "shape": [2, 1], "data": [row[name] for row in ROWS]} for name in "ab"]
    inputs += [{"name": name, "datatype": "BYTES", "shape": [2, 1], "data": ["x", "y"]} for name in names]
    return serving.http.post(f"/v2/models/{model}/infer{query}", json={"inputs": inputs})


def test_the_open_inference_protocol_ignores_and_rejects_the_same_inputs(serving, model):
    for response in (
        infer(serving, model, "species", "note"),
        infer(serving, model, "bb", query="?extra_columns=ignore"),
    ):
        assert response.status_code == 200, response.text
        assert response.json()["outputs"][0]["data"] == [33.0, 0.5]
    for response in (infer(serving, model, "bb"), infer(serving, model, query="?extra_columns=ignor")):
        assert response.status_code == 400
        assert list(response.json()) == ["error"]
    assert "`b`" in infer(serving, model, "bb").json()["error"]


def test_the_description_of_a_version_has_the_query_and_the_ignored_columns(serving, model):
    document = serving.http.get(f"/models/{model}/versions/1/openapi.json").json()
    row = document["components"]["schemas"]["Row"]
    assert row["required"] == ["a", "b"]
    assert sorted(row["properties"]) == ["a", "b", "note", "species"]
    [(_, operations)] = document["paths"].items()
    assert operations["post"]["parameters"][0]["name"] == "extra_columns"
