"""A threshold through the service: chosen in a training, moved by a retraining, kept by all that judges a version."""

import math

import pytest

ROWS = [{"x": k / 30, "rare": k % 10 == 0 or (k > 250 and k % 3 == 0)} for k in range(300)]


@pytest.fixture(scope="module")
def trained():
    return set()


@pytest.fixture
def rare(server, trained) -> str:
    """A model that tells a rare class, trained once on each service with a threshold that held-out rows choose."""
    if server.url not in trained:
        training = {"epochs": 30, "seed": 5}
        specification = {"model": "rare", "label": "rare", "network": {"hidden": [4]}, "training": training}
        server.train(specification | {"threshold": "f1", "data": {"rows": ROWS}})
        trained.add(server.url)
    return "/models/rare/versions/1"


def threshold_of(server, version: str) -> float:
    return server.get(version)["signature"]["outputs"][0]["threshold"]


def test_a_chosen_threshold_is_on_record(server, rare):
    version = server.get(rare)
    chosen = threshold_of(server, rare)
    assert 0 < chosen < 0.5
    assert version["request"]["threshold"] == "f1"
    assert version["metrics"]["validation"]["classes"][1]["recall"] > 0
    answer = server.post(f"{rare}/predict", json={"inputs": [{"x": row["x"]} for row in ROWS[::7]]})
    for prediction in answer["predictions"]:
        assert prediction["label"] == (prediction["probabilities"]["true"] >= chosen)


def test_a_retraining_moves_it_and_changes_no_other_number(server, rare):
    job = server.post(f"{rare}/retrain", json={"threshold": 0.05}, headers={"Prefer": "wait=30"})
    moved = f"/models/rare/versions/{job['version']}"
    assert threshold_of(server, moved) == 0.05
    rows = {"inputs": [{"x": row["x"]} for row in ROWS[:20]]}
    first, second = (server.post(f"{one}/predict", json=rows)["predictions"] for one in (rare, moved))
    assert [one["probabilities"] for one in first] == [one["probabilities"] for one in second]
    compared = server.post(
        "/models/rare/compare",
        json={"versions": [1, job["version"]], "data": {"rows": ROWS}},
        headers={"Prefer": "wait=30"},
    )
    assert compared["result"]["disagreements"]["rows"] > 0
    assert [one["verdict"] for one in compared["result"]["differences"][0]["metrics"]][1] == "not clear"


def test_evaluations_batches_and_reproductions_keep_it(server, rare):
    chosen = threshold_of(server, rare)
    judged = server.post(f"{rare}/evaluate", json={"data": {"rows": ROWS}}, headers={"Prefer": "wait=30"})
    batch = server.post(f"{rare}/batch", json={"data": {"rows": ROWS}}, headers={"Prefer": "wait=30"})
    rows = server.get(f"/datasets/{batch['result']['dataset']}/rows?limit=200")["rows"]
    assert rows
    assert all(row["prediction"] == (row["probability_true"] >= chosen) for row in rows)
    matrix = judged["result"]["metrics"]["confusion_matrix"]
    assert matrix[0][1] + matrix[1][1] > 0
    again = server.wait_for(server.post(f"{rare}/reproduce")["id"])
    assert again["result"]["identical"] is True


def test_a_moved_version_keeps_it(server, rare):
    content = server.http.get(f"{rare}/export").content
    moved = server.http.post(
        "/models/rare-moved/versions", content=content, headers={"Content-Type": "application/zip"}
    )
    assert moved.json()["signature"]["outputs"][0]["threshold"] == pytest.approx(threshold_of(server, rare), abs=0)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"threshold": 1}, ["body", "threshold"]),
        ({"threshold": "recall"}, ["body", "threshold"]),
        ({"threshold": 0.5, "task": "regression", "label": "x", "features": ["y"]}, ["body", "threshold"]),
        ({"threshold": "f1", "validation": {"fraction": 0}}, ["body", "threshold"]),
    ],
)
def test_what_is_no_threshold_is_told(server, fields, place):
    rows = [row | {"y": math.sqrt(row["x"])} for row in ROWS]
    body = {"model": "refused", "label": "rare", "features": ["x"], "data": {"rows": rows}} | fields
    answer = server.http.post("/train", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["location"] == place
