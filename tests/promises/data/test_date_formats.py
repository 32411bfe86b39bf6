"""A format of dates that a training was given holds wherever rows of its version come in.

What is right is told by a twin: the same days, written as ISO 8601 has them, trained with the same seed.
"""

import io
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.support.service import Service

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAYS = [date(2021, 1, 1) + timedelta(days=3 * k) for k in range(100)]
ASKED = [date(2021, 4, 3), date(2021, 12, 11), date(2021, 6, 28)]
FORMATS = {"day-last": "%Y-%d-%m", "dotted": "%d.%m.%Y"}
CSV, NDJSON, ARROW = "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"


def written(date_format, days):
    return [day.strftime(date_format) for day in days]


def csv_of(date_format, days=DAYS):
    lines = [f"{text},{7 * day.toordinal() % 900}" for text, day in zip(written(date_format, days), days, strict=True)]
    return ("when,price\n" + "\n".join(lines) + "\n").encode()


def train(server, model, date_format):
    column = {"type": "date"} | ({} if date_format == "%Y-%m-%d" else {"format": date_format})
    chosen = {"epochs": 20, "seed": 5}
    specification = {"model": model, "label": "price", "columns": {"when": column}, "training": chosen}
    specification["task"] = "regression"
    files = {"file": (f"{model}.csv", csv_of(date_format))}
    job = server.post("/train", data={"spec": json.dumps(specification)}, files=files)
    return server.wait_for(job["id"])


@pytest.fixture(scope="module")
def _trained():
    """The addresses of the services on which all versions are trained already."""
    return set()


@pytest.fixture
def versions(server, _trained) -> Service:
    if server.url not in _trained:
        for model, date_format in {"twin": "%Y-%m-%d", **FORMATS}.items():
            train(server, model, date_format)
        _trained.add(server.url)
    return server


@pytest.fixture
def expected(versions):
    return values(versions.predict("twin", [{"when": day.isoformat()} for day in ASKED]))


def values(answer):
    return [one["value"] for one in answer["predictions"]]


def stream(table):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def bodies(texts):
    """The same rows in each form that a prediction takes, by media type."""
    yield "application/json", json.dumps({"inputs": [{"when": text} for text in texts]})
    yield "application/json", json.dumps({"inputs": [[text] for text in texts]})
    yield "application/json", json.dumps({"columns": {"when": texts}})
    yield CSV, "when\n" + "\n".join(texts) + "\n"
    yield NDJSON, "\n".join(json.dumps({"when": text}) for text in texts)
    yield ARROW, stream(pa.table({"when": texts}))
    yield ARROW, stream(pa.table({"when": ASKED}))  # dates already


@pytest.mark.parametrize("model", FORMATS)
def test_a_prediction_reads_dates_as_the_training_did_in_every_form(versions, expected, model):
    for media_type, content in bodies(written(FORMATS[model], ASKED)):
        headers = {"Content-Type": media_type, "Accept": "application/json"}
        answer = versions.http.post(f"/models/{model}/versions/1/predict", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        assert values(answer.json()) == pytest.approx(expected, rel=1e-6), media_type


@pytest.mark.parametrize("model", FORMATS)
def test_the_open_inference_protocol_reads_them_too(versions, expected, model):
    texts = written(FORMATS[model], ASKED)
    tensor = {"name": "when", "datatype": "BYTES", "shape": [3, 1], "data": texts}
    answer = versions.post(f"/v2/models/{model}/versions/1/infer", json={"inputs": [tensor]})
    assert answer["outputs"][0]["data"] == expected


def test_iso_is_read_beside_a_format_only_where_no_text_means_two_days(versions, expected):
    iso = [{"when": day.isoformat()} for day in ASKED]
    assert values(versions.predict("dotted", iso)) == expected
    refused = versions.http.post("/predict", json={"model": "day-last", "inputs": [{"when": "2021-06-28"}]})
    assert refused.status_code == 422
    assert "%Y-%d-%m" in refused.text


@pytest.mark.parametrize("model", FORMATS)
def test_a_version_says_how_its_dates_are_written_and_its_example_can_be_sent(versions, model):
    [feature] = versions.get(f"/models/{model}/versions/1")["signature"]["features"]
    assert feature["format"] == FORMATS[model]
    document = versions.get(f"/models/{model}/versions/1/openapi.json")
    example = document["paths"][f"/models/{model}/versions/1/predict"]["post"]["requestBody"]["content"]
    assert example["application/json"]["example"] == {"inputs": [{"when": date(2024, 2, 29).strftime(FORMATS[model])}]}
    assert FORMATS[model] in json.dumps(document["components"])
    versions.predict(model, example["application/json"]["example"]["inputs"])
    [iso] = versions.get("/models/twin/versions/1")["signature"]["features"]
    assert "format" not in iso


@pytest.mark.parametrize("model", FORMATS)
def test_batch_evaluate_and_reproduce_read_the_dataset_of_the_version(versions, model):
    def run(name, work):
        dataset = versions.get(f"/models/{name}/versions/1")["dataset"]
        job = versions.post(f"/models/{name}/versions/1/{work}", json={"data": {"dataset": dataset}})
        return versions.wait_for(job["id"])["result"]

    assert run(model, "evaluate")["metrics"] == run("twin", "evaluate")["metrics"]
    predicted = [predictions_of(versions, run(name, "batch")) for name in (model, "twin")]
    assert predicted[0] == predicted[1]
    assert len(predicted[0]) == len(DAYS)
    job = versions.post(f"/models/{model}/versions/1/reproduce")
    assert versions.wait_for(job["id"])["result"]["identical"] is True


def predictions_of(versions, result):
    lines = versions.http.get(result["links"]["content"]).text.splitlines()
    return [line.rsplit(",", 1)[1] for line in lines[1:]]


def test_versions_that_write_dates_differently_are_compared_on_dates_that_are_dates(versions, tmp_path):
    for date_format in FORMATS.values():
        train(versions, "mixed", date_format)
    sink = io.BytesIO()
    parquet.write_table(pa.table({"when": DAYS, "price": [7 * day.toordinal() % 900 for day in DAYS]}), sink)
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    dataset = versions.post("/datasets", content=sink.getvalue(), headers=headers)["id"]
    asked = {"versions": [1, 2], "data": {"dataset": dataset}}
    job = versions.wait_for(versions.post("/models/mixed/compare", json=asked)["id"])
    first, second = job["result"]["versions"]
    assert first["metrics"] == second["metrics"]


@pytest.mark.parametrize("model", FORMATS)
def test_the_exported_file_and_an_imported_version_read_them_too(versions, expected, model, tmp_path: Path):
    rows = [{"when": text} for text in written(FORMATS[model], ASKED)]
    file = tmp_path / "exported.py"
    file.write_bytes(versions.http.get(f"/models/{model}/versions/1/weights?format=python").content)
    told = subprocess.run(
        [sys.executable, "-I", file], input=json.dumps(rows), capture_output=True, text=True, check=True
    )
    assert [one["value"] for one in json.loads(told.stdout)] == pytest.approx(expected, rel=2e-6)
    exported = versions.http.get(f"/models/{model}/versions/1/export").content
    headers = {"Content-Type": "application/zip"}
    versions.post(f"/models/{model}-again/versions", content=exported, headers=headers)
    assert values(versions.predict(f"{model}-again", rows)) == expected


def test_logged_rows_are_compared_with_those_of_training(versions):
    versions.http.put("/models/day-last/prediction-log", json={"sample": 1}).raise_for_status()
    versions.predict("day-last", [{"when": text} for text in written("%Y-%d-%m", DAYS)])
    headers = {"Content-Type": ARROW, "Accept": "application/json"}
    answer = versions.http.post("/models/day-last/predict", content=stream(pa.table({"when": DAYS})), headers=headers)
    assert answer.status_code == 200, answer.text
    versions.wait_logged("day-last", 2 * len(DAYS))
    report = versions.get("/models/day-last/drift")
    [drift] = report["features"]
    assert (report["rows"], drift["state"], drift["ks"]["statistic"]) == (2 * len(DAYS), "stable", 0)
