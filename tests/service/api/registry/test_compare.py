"""Versions side by side: from what is stored of them, and judged on the same rows."""

import csv
import random

import pytest

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"
WAIT = {"Prefer": "wait=30"}


@pytest.fixture(scope="module")
def trained():
    """The services that have the two versions already."""
    return set()


@pytest.fixture
def iris(server, trained) -> str:
    """A model whose version 1 hardly learnt anything and whose version 2 did."""
    name = "compared-on-rows"
    if server.url not in trained:
        for epochs in (1, 60):
            training = {"epochs": epochs, "batch_size": 64, "optimizer": {"name": "sgd", "learning_rate": 0.05}}
            network = {"hidden": [8], "activation": "tanh"}
            server.train_file({"model": name, "label": "species", "network": network, "training": training}, IRIS)
        trained.add(server.url)
    return name


def shuffled() -> list[dict]:
    rows = list(csv.DictReader(IRIS.read_text().splitlines()))
    rows = [{name: value if name == "species" else float(value) for name, value in row.items()} for row in rows]
    random.Random(5).shuffle(rows)
    return rows


def test_what_is_stored_is_told_side_by_side(server, iris):
    told = server.get(f"/models/{iris}/compare?versions=1,latest")
    assert [one["version"] for one in told["versions"]] == [1, 2]
    assert [len(one["curve"]) for one in told["versions"]] == [1, 60]
    assert told["same_dataset"] is True
    stored = [server.get(f"/models/{iris}/versions/{number}") for number in (1, 2)]
    loss = next(one for one in told["metrics"] if (one["part"], one["metric"]) == ("training", "log_loss"))
    assert loss["values"] == [version["metrics"]["training"]["log_loss"] for version in stored]
    assert loss["best"] == 2, "the smaller loss"
    accuracy = next(one for one in told["metrics"] if (one["part"], one["metric"]) == ("training", "accuracy"))
    assert accuracy["best"] == 2, "the larger share"
    differing = {one["setting"]: one["values"] for one in told["settings"] if one["differs"]}
    assert differing == {"training.epochs": [1, 60]}
    assert {"setting": "network.hidden", "values": [[8], [8]], "differs": False} in told["settings"]


def test_the_better_version_is_told_with_its_interval(server, iris):
    asked = {"versions": [1, "latest"], "data": {"rows": shuffled()}}
    job = server.post(f"/models/{iris}/compare", json=asked, headers=WAIT)
    assert (job["kind"], job["state"]) == ("compare", "succeeded")
    result = job["result"]
    first, second = (one["metrics"] for one in result["versions"])
    (difference,) = result["differences"]
    assert (difference["version"], difference["against"]) == (2, 1)
    found = {one["metric"]: one for one in difference["metrics"]}
    assert found["accuracy"]["difference"] == pytest.approx(second["accuracy"] - first["accuracy"])
    assert found["log_loss"]["difference"] == pytest.approx(second["log_loss"] - first["log_loss"], abs=1e-6)
    assert [one["verdict"] for one in found.values()] == ["better", "better"]
    for one in found.values():
        assert one["low"] <= one["difference"] <= one["high"]
        assert not one["low"] <= 0 <= one["high"]


def test_the_rows_on_which_they_disagree_are_shown(server, iris):
    rows = shuffled()
    asked = {"versions": [2, 1], "data": {"rows": rows}}
    told = server.post(f"/models/{iris}/compare", json=asked, headers=WAIT)["result"]["disagreements"]
    inputs = [{name: value for name, value in row.items() if name != "species"} for row in rows]
    labels = {k: [one["label"] for one in _predict(server, iris, k, inputs)] for k in (1, 2)}
    differing = [k for k in range(len(rows)) if labels[1][k] != labels[2][k]]
    assert told["rows"] == len(differing) > 0
    assert [one["row"] for one in told["examples"]] == differing[:20]
    shown = told["examples"][0]
    assert shown["truth"] == [rows[shown["row"]]["species"]]
    assert shown["predictions"] == {str(k): [labels[k][shown["row"]]] for k in (1, 2)}


def _predict(server, model, version, inputs):
    return server.post(f"/models/{model}/versions/{version}/predict", json={"inputs": inputs})["predictions"]


def test_rows_that_a_version_was_trained_on_are_told(server, iris):
    dataset = server.get(f"/models/{iris}/versions/1")["dataset"]
    files = {"file": ("iris.csv", IRIS.read_bytes())}
    spec = {"spec": '{"versions": [1, 2]}'}
    job = server.post(f"/models/{iris}/compare", data=spec, files=files, headers=WAIT)
    assert job["result"]["dataset"] == dataset
    assert "version 1, 2" in job["result"]["notes"][0]


def test_numbers_are_compared_by_their_errors(server):
    rows = [{"x": k / 50 - 1, "y": 3.0 * (k / 50 - 1) + k % 3 / 100} for k in range(100)]
    for epochs in (1, 80):
        asked = {"model": "line", "label": "y", "data": {"rows": rows}, "training": {"epochs": epochs}}
        server.wait_for(server.post("/train", json=asked)["id"])
    job = server.post("/models/line/compare", json={"versions": [1, 2], "data": {"rows": rows}}, headers=WAIT)
    found = {one["metric"]: one["verdict"] for one in job["result"]["differences"][0]["metrics"]}
    assert found == {"mse": "better", "mae": "better"}
    assert job["result"]["disagreements"] == {"rows": None, "examples": []}


def test_versions_that_predict_something_else_are_not_compared(server):
    for label in ("left", "right"):
        rows = [{"x": k, "left": k % 2 == 0, "right": ["a", "b", "c"][k % 3]} for k in range(60)]
        asked = {"model": "torn", "label": label, "features": ["x"], "data": {"rows": rows}, "training": {"epochs": 2}}
        server.wait_for(server.post("/train", json=asked)["id"])
    job = server.post("/models/torn/compare", json={"versions": [1, 2], "data": {"rows": rows}})
    assert "something different" in server.wait_for(job["id"], state="failed")["error"]["detail"]


@pytest.mark.parametrize(
    ("body", "status", "location"),
    [
        ({"versions": [1]}, 422, ["body", "versions"]),
        ({"versions": [1, "latest", 2]}, 422, ["body", "versions"]),
        ({"versions": [1, 9]}, 404, None),
        ({"versions": [1, 2], "metric": "f1"}, 422, ["body", "metric"]),
    ],
)
def test_what_cannot_be_compared_is_told_at_once(http, iris, body, status, location):
    answer = http.post(f"/models/{iris}/compare", json=body | {"data": {"rows": [{"a": 1}]}})
    assert answer.status_code == status
    assert location is None or answer.json()["errors"][0]["location"] == location


@pytest.mark.parametrize(
    ("versions", "status"), [("1", 422), ("1,1", 422), ("2,latest", 422), ("1,9", 404), ("1,", 422)]
)
def test_a_list_of_versions_must_name_two_or_more(http, iris, versions, status):
    assert http.get(f"/models/{iris}/compare", params={"versions": versions}).status_code == status
