"""Files as people have them, from upload to evaluation: indexes, headers in doubt, JSON of pandas, ragged lines."""

import json
import time
from collections.abc import Callable

import httpx
import pyarrow as pa
import pytest

from tests.support.service import Service
from tests.support.table_files import fault_of, parquet_of, send_file

N = 60
ROWS = [(k * 7 % 11 / 4, ("a", "b")[k * 7 % 11 > 5]) for k in range(N)]
FAST = {"network": {"hidden": [4]}, "training": {"epochs": 2, "seed": 1}}


def with_index_of_pandas() -> bytes:
    table = pa.table({"x": [x for x, _ in ROWS], "y": [y for _, y in ROWS], "__index_level_0__": range(5, 5 + N)})
    return parquet_of(table.replace_schema_metadata({"pandas": json.dumps({"index_columns": ["__index_level_0__"]})}))


INDEXED = {
    "unnamed": ("\n".join(['"","x","y"', *(f'"{k}",{x},"{y}"' for k, (x, y) in enumerate(ROWS))]).encode(), "index"),
    "short": ("\n".join(['"x","y"', *(f'"{k}",{x},"{y}"' for k, (x, y) in enumerate(ROWS))]).encode(), "index"),
    "trailing": ("\n".join(["x,y,", *(f"{x},{y}," for x, y in ROWS)]).encode(), "column_3"),
    "parquet": (with_index_of_pandas(), "__index_level_0__"),
    "json": (
        json.dumps({"columns": ["x", "y"], "index": [*range(5, 5 + N)], "data": [list(row) for row in ROWS]}).encode(),
        "__index_level_0__",
    ),
}


@pytest.fixture
def train(server: Service, name: str) -> Callable[..., dict]:
    def train(content: bytes, file_name: str = "data.csv", **chosen) -> dict:
        answer = send_file(server.http, {"model": name, "label": "y", **FAST, **chosen}, content, file_name)
        assert answer.status_code == 202, answer.text
        return server.wait_for(answer.json()["id"])

    return train


@pytest.mark.parametrize("kind", INDEXED)
def test_a_file_with_an_index_trains_without_it_and_is_evaluated_as_it_is(server, name, train, kind):
    content, index = INDEXED[kind]
    job = train(content, {"parquet": "data.parquet", "json": "data.json"}.get(kind, "data.csv"))
    version = server.get(f"/models/{name}/versions/1")
    assert [feature["name"] for feature in version["signature"]["features"]] == ["x"]
    assert [warning["column"] for warning in job["warnings"] if warning["code"] == "index-column"] == [index]
    dataset = job["request"]["data"]["dataset"]
    found = server.profiled(dataset)
    assert [warning["code"] for warning in found["warnings"]] == ["index-column"]
    assert index in server.get(f"/datasets/{dataset}/rows")["columns"]
    for address in (f"/models/{name}/versions/1/evaluate", f"/models/{name}/versions/1/batch"):
        server.wait_for(server.post(address, json={"data": {"dataset": dataset}})["id"])


def test_a_table_without_a_header_is_trained_shown_and_evaluated_with_numbered_names(server, http, name, train):
    content = "\n".join(f"{x},{x / 8},{y}" for x, y in ROWS).encode()
    specification = {"model": name, "label": "column_3"}
    refused = fault_of(send_file(http, specification, content), 422)
    assert refused["errors"][0]["code"] == "no-header"
    assert "`header`" in refused["detail"]
    job = train(content, label="column_3", header=False)
    dataset = job["request"]["data"]["dataset"]
    assert server.profiled(dataset)["rows"] == N
    shown = server.get(f"/datasets/{dataset}/rows")
    assert (shown["columns"], shown["rows"][0]["column_3"]) == (["column_1", "column_2", "column_3"], ROWS[0][1])
    job = server.post(f"/models/{name}/versions/1/batch", json={"data": {"dataset": dataset}})
    assert server.wait_for(job["id"])["result"]["rows"] == N


def test_an_upload_to_train_is_profiled_before_anybody_asks_for_it(server, http, train, name):
    content = "\n".join([f"x,{name},y", *(f"{x},{x / 8},{y}" for x, y in ROWS)]).encode()
    dataset = train(content)["request"]["data"]["dataset"]
    deadline = time.monotonic() + 60
    while [one["state"] for one in http.get("/datasets").json()["items"] if one["id"] == dataset] != ["ready"]:
        assert time.monotonic() < deadline, "nobody profiled the upload"
        time.sleep(0.05)


def test_each_ragged_line_is_an_error_of_its_own(http):
    refused = http.post("/datasets", content=b"a,b\n1,2\n1,2,3\n\n4\n", headers={"Content-Type": "text/csv"})
    errors = fault_of(refused, 422)["errors"]
    assert [(error["location"][-1], error["message"].split(",")[0]) for error in errors] == [
        (3, "Line 3 has 3 cells"),
        (5, "Line 5 has 1 cell"),
    ]


def test_each_wrong_value_is_an_error_of_its_own(http, name):
    values = ["1"] * 30 + ["unknown", "1x2", "unknown"]
    content = "\n".join(["x,y", *(f"{value},{'ab'[k % 2]}" for k, value in enumerate(values))]).encode()
    problem = fault_of(send_file(http, {"model": name, "label": "y"}, content), 422)
    assert [error["location"] for error in problem["errors"]] == [["body", "file", row, "x"] for row in (31, 30, 32)]
    assert [error["message"] for error in problem["errors"]] == [
        "'x' is a number column but has '1x2' in row 31",
        "'x' is a number column but has 'unknown' in row 30",
        "'x' is a number column but has 'unknown' in row 32",
    ]


def test_an_infinite_number_is_called_infinite(http, name):
    table = pa.table({"x": [1.0, float("inf"), *range(58)], "y": ["a", "b"] * 30})
    problem = fault_of(send_file(http, {"model": name, "label": "y"}, parquet_of(table), "t.parquet"), 422)
    assert "infinite" in problem["detail"]


@pytest.mark.parametrize("value", [5, 5.5, "a", True])
def test_a_constant_label_is_refused_whatever_its_type(http, name, value):
    rows = [{"x": k / 4, "y": value} for k in range(30)]
    answer = http.post("/train", json={"model": name, "label": "y", "data": {"rows": rows}})
    assert fault_of(answer, 422)["errors"][0]["location"] == ["body", "label"]


def test_a_label_in_the_other_case_and_a_part_called_data_are_suggested_right(http: httpx.Client, name):
    answer = send_file(http, {"model": name, "label": "y"}, b"x,Y\n1,a\n2,b\n")
    assert "Did you mean 'Y'?" in fault_of(answer, 422)["detail"]
    form = {"spec": (None, json.dumps({"model": name, "label": "y"})), "data": ("data.csv", b"x,y\n1,a\n2,b\n")}
    assert "Did you mean `file`?" in fault_of(http.post("/train", files=form), 422)["detail"]
