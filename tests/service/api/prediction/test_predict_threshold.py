"""A version with a threshold tells its second class from that probability on, in whatever form it is asked."""

import io
import json
import math

import pyarrow as pa
import pytest

from tests.support.serving import networks
from tests.support.serving.shadows import compared_requests

# P(true) of these is 1/4 and 3/4 and 1/10.
QUARTER, THREE_QUARTERS, TENTH = -math.log(3), math.log(3), -math.log(9)
ROWS = [[QUARTER], [THREE_QUARTERS], [TENTH]]
TOLD = [True, True, False]


@pytest.fixture(scope="module")
def model(serving) -> str:
    """Version 1 tells true from 0.2 on, version 2 from a half on."""
    model = serving.register(networks.yes_or_no(threshold=0.2))
    return serving.register(networks.yes_or_no(), model)


def labels(predictions: list) -> list:
    return [one["label"] for one in predictions]


def test_json_in_every_form(serving, model):
    assert labels(serving.predict(model, ROWS, version=1)) == TOLD
    assert labels(serving.predict(model, [{"x": row[0]} for row in ROWS], version=1)) == TOLD
    assert labels(serving.predict(model, ROWS, version=2)) == [False, True, False]
    assert labels(serving.predict(model, [ROWS[0]], version=1)) == [True]
    columns = serving.ask({"model": model, "version": 1, "columns": {"x": [row[0] for row in ROWS]}}).json()
    assert labels(columns["predictions"]) == TOLD
    assert labels(serving.predict(model, ROWS, version=1, include=["logits"])) == TOLD
    assert labels(serving.predict(model, ROWS, version=1, top_k=1)) == TOLD


def test_tables(serving, model):
    content = "x\n" + "".join(f"{row[0]}\n" for row in ROWS)
    headers = {"Content-Type": "text/csv"}
    path = f"/models/{model}/versions/1/predict"
    as_csv = serving.http.post(path, content=content, headers=headers).text.splitlines()[1:]
    assert [line.split(",")[0] for line in as_csv] == ["true", "true", "false"]
    lines = serving.http.post(path, content=content, headers=headers | {"Accept": "application/x-ndjson"}).text
    assert labels([json.loads(line) for line in lines.splitlines()]) == TOLD
    arrow = serving.http.post(
        path, content=content, headers=headers | {"Accept": "application/vnd.apache.arrow.stream"}
    ).content
    assert pa.ipc.open_stream(io.BytesIO(arrow)).read_all()["label"].to_pylist() == TOLD


def test_the_open_inference_protocol(serving, model):
    tensor = {"name": "inputs", "datatype": "FP64", "shape": [3, 1], "data": [row[0] for row in ROWS]}
    answer = serving.http.post(f"/v2/models/{model}/versions/1/infer", json={"inputs": [tensor]}).json()
    [told] = [output for output in answer["outputs"] if output["name"] == "label"]
    assert told["data"] == ["true", "true", "false"]
    [described] = [
        output
        for output in serving.http.get(f"/v2/models/{model}/versions/1").json()["outputs"]
        if output["name"] == "label"
    ]
    assert described["parameters"] == {"threshold": 0.2}


def test_the_signature_tells_it(serving, model):
    told = [serving.http.get(f"/models/{model}/versions/{k}").json()["signature"]["outputs"][0] for k in (1, 2)]
    assert [one["threshold"] for one in told] == [0.2, None]
    document = serving.http.get(f"/models/{model}/versions/1/openapi.json").json()
    label = document["components"]["schemas"]["Answer"]["properties"]["predictions"]["items"]["properties"]["label"]
    assert "from a probability of 0.2 on" in label["description"]
    assert "yes from the probability 0.2 on" in serving.http.get(f"/models/{model}/versions/1/card").text


def test_a_shadow_that_decides_elsewhere_agrees_where_both_tell_the_same(serving, model):
    serving.move(model, "production", 1, shadow=2)
    serving.predict(model, ROWS)
    compared = compared_requests(serving, model, 1)
    assert (compared["rows"], compared["mean_difference"]) == (3, 0.0)
    assert compared["agreement"] == pytest.approx(2 / 3)
