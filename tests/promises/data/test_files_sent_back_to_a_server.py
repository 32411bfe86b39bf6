"""The file of a training, sent back to a running service as it is: every form gives the answers of the batch job."""

import csv
import gzip
import io
import json
import uuid
from pathlib import Path

import pytest

from tests.support.service import Service

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CHOSEN = {"task": "regression", "training": {"epochs": 3, "seed": 1}, "network": {"hidden": [4]}}
NAMES = ["straße", "preis", "tag", "plz", "y"]


def german_table() -> list[list[str]]:
    """Decimal commas, grouped thousands, days first, `k.A.` for no number, postal codes."""
    rows = []
    for row in range(60):
        day, code = f"{1 + row % 28:02}.{1 + row % 12:02}.2023", f"0{1067 + row % 3}"
        price = "k.A." if row % 7 == 3 else f"{1 + row % 5}.{100 + 13 * row % 900},{row % 10}0"
        rows.append([f"Weg {row}", price, day, code, f"{row},5"])
    return rows


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([NAMES, *rows])
    return text.getvalue().encode("cp1252")


@pytest.fixture(scope="module")
def _trained() -> dict[str, str]:
    return {}


@pytest.fixture
def model(server: Service, _trained: dict[str, str], tmp_path: Path) -> str:
    """A version trained on the table as a compressed file."""
    if server.url not in _trained:
        name = f"m-{uuid.uuid4().hex[:12]}"
        file = tmp_path / "tabelle.csv.gz"
        file.write_bytes(gzip.compress(as_csv(german_table())))
        columns = {"preis": {"type": "number", "decimal": ",", "thousands": ".", "missing_values": ["k.A."]}}
        server.train_file(CHOSEN | {"model": name, "label": "y", "columns": columns}, file)
        _trained[server.url] = name
    return _trained[server.url]


def batch_answers(server: Service, model: str) -> list[float]:
    dataset = server.get(f"/models/{model}/versions/1")["dataset"]
    job = server.post(f"/models/{model}/versions/1/batch", json={"data": {"dataset": dataset}})
    content = server.http.get(server.wait_for(job["id"])["result"]["links"]["content"]).text
    return [float(row["prediction"]) for row in csv.DictReader(io.StringIO(content))]


def answers(server: Service, model: str, kind: str, content: bytes) -> list[float]:
    headers = {"Content-Type": kind, "Accept": "application/json"}
    response = server.http.post(f"/models/{model}/predict", content=content, headers=headers)
    assert response.status_code == 200, response.text
    return [prediction["value"] for prediction in response.json()["predictions"]]


def test_every_form_gives_the_answers_of_the_batch(server, model):
    rows = german_table()
    objects = [dict(zip(NAMES, row, strict=True)) for row in rows]
    expected = pytest.approx(batch_answers(server, model), rel=1e-5, abs=1e-6)
    assert answers(server, model, "text/csv", as_csv(rows)) == expected
    assert answers(server, model, "text/csv", gzip.compress(as_csv(rows))) == expected
    assert answers(server, model, "application/json", json.dumps({"inputs": objects}).encode()) == expected
    columns = {name: [row[name] for row in objects] for name in NAMES}
    assert answers(server, model, "application/json", json.dumps({"columns": columns}).encode()) == expected
    assert answers(server, model, "application/x-ndjson", "\n".join(map(json.dumps, objects)).encode()) == expected


def test_evaluate_reads_labels_and_features_as_the_training_did(server, model):
    version = server.get(f"/models/{model}/versions/1")
    job = server.post(f"/models/{model}/versions/1/evaluate", json={"data": {"dataset": version["dataset"]}})
    assert server.wait_for(job["id"])["result"]["metrics"]["rows"] == 60


def test_the_version_shows_how_its_table_is_written(server, model):
    example = server.get(f"/models/{model}/versions/1/example")
    [row] = example["inputs"]
    assert "," in row["preis"] or "." in row["preis"]
    assert row["tag"] == "29.02.2024"
    assert row["plz"] == "01067"
    server.predict(model, example["inputs"])
    described = json.dumps(server.get(f"/models/{model}/versions/1/openapi.json"))
    assert "Numbers are written like 1.234,5." in described
    assert "Numbers are written like" not in json.dumps(server.get("/openapi.json"))
    page = server.http.get(f"/dashboard/prediction?of={model}/1").text
    assert "written as 1.234,5" in page
    assert f'value="{row["preis"]}"' in page


def test_the_log_has_what_was_read_and_feedback_takes_labels_as_they_are_written(server, model):
    server.http.put(f"/models/{model}/prediction-log", json={"sample": 1}).raise_for_status()
    row = dict(zip(NAMES, german_table()[5], strict=True)) | {"new": 1}
    assert row["preis"] == "1.165,50"
    body = {"inputs": [row], "include": ["explanations"]}
    response = server.http.post(f"/models/{model}/predict?extra_columns=ignore", json=body)
    assert response.status_code == 200, response.text
    [prediction] = response.json()["predictions"]
    assert {"preis", "tag", "plz"} <= prediction["explanation"]["outputs"]["y"]["contributions"].keys()
    server.wait_logged(model, 1)
    item = {"request": response.headers["X-Request-ID"], "label": "105,5"}
    assert server.post(f"/models/{model}/feedback", json={"items": [item]})["matched"] == 1
    [logged] = server.get(f"/models/{model}/predictions")["items"]
    assert logged["label"] == 105.5
    assert (logged["inputs"]["preis"], logged["inputs"]["plz"]) == (1165.5, row["plz"])
    wrong = server.http.post(f"/models/{model}/feedback", json={"items": [item | {"label": "viel"}]})
    assert wrong.status_code == 422


def test_a_wrong_text_in_a_file_is_named_with_row_and_value(server, model):
    rows = german_table()
    rows[40][1], rows[41][1] = "1,2,3", "drei"
    headers = {"Content-Type": "text/csv"}
    response = server.http.post(f"/models/{model}/predict", content=as_csv(rows), headers=headers)
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert [error["location"] for error in errors] == [["body", 40, "preis"], ["body", 41, "preis"]]
    assert "'1,2,3'" in errors[0]["message"]
    assert "'drei'" in errors[1]["message"]
