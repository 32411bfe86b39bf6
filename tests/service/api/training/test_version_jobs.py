"""Work on a version that is a job: training it again, judging it on other data."""

import csv
import io

import pytest

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"


@pytest.fixture(scope="module")
def trained():
    """The model's name on each service; trained once for all tests of this file."""
    return {}


@pytest.fixture
def iris(server, trained) -> str:
    name = "judged"
    if server.url not in trained:
        specification = {"model": name, "label": "species", "training": {"epochs": 60}}
        trained[server.url] = server.train_file(specification, IRIS)
    return name


def test_a_version_is_reproduced_to_the_bit(server, iris):
    job = server.wait_for(server.post(f"/models/{iris}/versions/1/reproduce")["id"])
    assert job["kind"] == "reproduce"
    assert job["result"]["identical"] is True
    assert job["result"]["first_difference"] is None
    assert job["result"]["environment_differences"] == []
    assert job["version"] is None
    assert len(server.get(f"/models/{iris}/versions")["items"]) == 1


def test_a_version_is_judged_on_a_stored_dataset(server, iris):
    dataset = server.post("/datasets", content=IRIS.read_bytes(), headers={"Content-Type": "text/csv"})["id"]
    job = server.wait_for(
        server.post(f"/models/{iris}/versions/latest/evaluate", json={"data": {"dataset": dataset}})["id"]
    )
    metrics = job["result"]["metrics"]
    assert job["result"]["version"] == 1
    assert metrics["rows"] == 150
    right = sum(metrics["confusion_matrix"][k][k] for k in range(3))
    assert metrics["accuracy"] == right / 150 > 0.9


def test_a_version_is_judged_on_rows_and_on_a_file(server, iris):
    lines = [line.split(",") for line in IRIS.read_text().split()]
    rows = [dict(zip(lines[0], map(_value, line), strict=True)) for line in lines[1:]]
    prefer = {"Prefer": "wait=30"}
    by_rows = server.post(f"/models/{iris}/versions/1/evaluate", json={"data": {"rows": rows}}, headers=prefer)
    files = {"file": ("iris.csv", IRIS.read_bytes())}
    by_file = server.post(f"/models/{iris}/versions/1/evaluate", data={"spec": "{}"}, files=files, headers=prefer)
    assert by_rows["result"]["metrics"] == by_file["result"]["metrics"]
    assert by_rows["result"]["metrics"]["rows"] == 150


def _value(cell: str) -> float | str:
    return float(cell) if cell[0].isdigit() else cell


def test_a_dataset_is_predicted_whole(server, iris):
    dataset = server.post("/datasets", content=IRIS.read_bytes(), headers={"Content-Type": "text/csv"})["id"]
    asked = {"data": {"dataset": dataset}}
    job = server.post(f"/models/{iris}/versions/1/batch", json=asked, headers={"Prefer": "wait=30"})
    assert (job["kind"], job["result"]["version"], job["result"]["rows"]) == ("batch", 1, 150)
    told = list(csv.DictReader(io.StringIO(server.http.get(job["result"]["links"]["content"]).text)))
    plain = server.http.post(
        f"/models/{iris}/versions/1/predict",
        content=IRIS.read_bytes(),
        headers={"Content-Type": "text/csv", "Accept": "text/csv"},
    )
    expected = list(csv.DictReader(io.StringIO(plain.text)))
    assert [row["prediction"] for row in told] == [row["label"] for row in expected]
    assert [row["species"] for row in told] == [line.split(",")[-1] for line in IRIS.read_text().split()[1:]]
    for row, other in zip(told, expected, strict=True):
        assert float(row["probability_setosa"]) == pytest.approx(float(other["probability_setosa"]), rel=1e-6)
    again = server.post(f"/models/{iris}/versions/1/batch", json=asked, headers={"Prefer": "wait=30"})
    assert again["result"]["dataset"] == job["result"]["dataset"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"sepal_length": 5.1}], "sepal_width"),
        (
            [{"sepal_length": 1, "sepal_width": 1, "petal_length": 1, "petal_width": "wide"}],
            "petal_width",
        ),
        ([{"sepal_length": 1, "sepal_width": 1, "petal_length": 1, "petal_width": 1, "prediction": 1}], "prediction"),
    ],
)
def test_a_batch_of_unfit_rows_fails_and_says_why(server, iris, rows, told):
    job = server.post(f"/models/{iris}/versions/1/batch", json={"data": {"rows": rows}})
    assert told in server.wait_for(job["id"], state="failed")["error"]["detail"]


def test_an_evaluation_takes_data_and_nothing_else(http, iris):
    answer = http.post(f"/models/{iris}/versions/1/evaluate", json={"data": {"rows": [{"a": 1}]}, "metric": "f1"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == ["body", "metric"]


def test_rows_without_the_label_cannot_judge(server, iris):
    rows = b'{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}\n'
    dataset = server.post("/datasets", content=rows, headers={"Content-Type": "application/x-ndjson"})["id"]
    asked = server.post(f"/models/{iris}/versions/1/evaluate", json={"data": {"dataset": dataset}})
    job = server.wait_for(asked["id"], state="failed")
    assert "species" in job["error"]["detail"]


def test_rows_without_a_label_are_left_out_of_an_evaluation(server, iris):
    rows = [{"sepal_length": 5, "sepal_width": 3, "petal_length": 1.4, "petal_width": 0.2, "species": "setosa"}] * 3
    data = {"rows": [*rows, rows[0] | {"species": None}]}
    prefer = {"Prefer": "wait=30"}
    evaluation = server.post(f"/models/{iris}/versions/1/evaluate", json={"data": data}, headers=prefer)
    assert evaluation["result"]["metrics"]["rows"] == 3
    unlabelled = {"rows": [row | {"species": None} for row in rows]}
    job = server.post(f"/models/{iris}/versions/1/evaluate", json={"data": unlabelled}, headers=prefer)
    assert (job["state"], job["error"]["errors"][0]["location"]) == ("failed", ["body", "label"])


def test_a_dataset_or_version_that_is_not_there_is_told_at_once(http, iris):
    absent = {"data": {"dataset": "sha256:" + "0" * 64}}
    assert http.post(f"/models/{iris}/versions/1/evaluate", json=absent).status_code == 404
    assert http.post(f"/models/{iris}/versions/9/reproduce").status_code == 404
