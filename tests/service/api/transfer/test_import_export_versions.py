"""Versions go to another server and predict the same bits there; networks come in from elsewhere."""

import hashlib
import json
import uuid
import zipfile

import pytest

from models.formats import network_json, safetensors
from service.schemas.network_file import NetworkFile
from tests.support.archives import IRIS, ZIP, archive_of, fault_of, files_of, summed
from tests.support.training.tables import FEATURES, mixed_raw

KINDS = ("classes", "two classes", "number", "numbers", "counts", "labels")


def rows(count=12):
    raw = mixed_raw(count, seed=5)
    return [dict(zip(FEATURES, row, strict=True)) for row in zip(*(raw[name] for name in FEATURES), strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_predicts_the_same_bits_on_the_other_database(server, elsewhere, name, send, networks, kind):
    made = send(safetensors.dumps(networks[kind]), "application/vnd.safetensors")
    assert made.status_code == 201, made.text
    archive = server.http.get(f"/models/{name}/versions/1/export").content
    moved = elsewhere.post(f"/models/{name}/versions", content=archive, headers=ZIP)
    assert moved["weights_sha256"] == made.json()["weights_sha256"]
    for chosen in ({}, {"include": ["explanations"]}, {"include": ["intervals"], "coverage": 0.8}):
        if kind == "labels" and chosen.get("coverage"):
            continue  # yes-or-no labels have no intervals
        request = {"model": name, "inputs": rows(), **chosen}
        here, there = (one.http.post("/predict", json=request) for one in (server, elsewhere))
        assert here.status_code == 200, here.text
        assert here.content == there.content


def test_what_was_told_of_the_version_is_kept(http, exported, send, name):
    made = send(exported)
    assert made.headers["location"] == f"/models/{name}/versions/1"
    version, original = made.json(), http.get("/models/moved/versions/1").json()
    own = {"model", "version", "created_at", "aliases", "links", "job", "origin"}
    assert {key: version[key] for key in version if key not in own} == {
        key: original[key] for key in original if key not in own
    }
    assert version["job"] is None
    assert version["origin"] == {
        "form": "zip", "model": "moved", "version": 1, "created_at": original["created_at"],
    }  # fmt: skip
    assert version == http.get(made.headers["location"]).json()
    assert http.get(f"/models/{name}/versions/1/curve").json() == http.get("/models/moved/versions/1/curve").json()
    event = http.get(f"/models/{name}/events").json()["items"][0]
    assert (event["action"], event["subject"]["origin"]["model"]) == ("version-registered", "moved")


SEARCH = {"method": "grid", "space": {"network.hidden": {"choice": [[2], [3]]}}}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "chosen",
    [
        {"validation": {"folds": 2}},
        {"validation": {"fraction": 0}},
        {"search": SEARCH},
        {"label": ["sepal_length", "sepal_width"], "scaling": "minmax"},
        {"label": "petal_length", "alias": "best", "promote_if": {"metric": "validation_rmse", "better_than": "best"}},
    ],
)
def test_whatever_was_trained_is_taken(server, send, name, chosen):
    trained = f"{name}-trained"
    server.train_file({"model": trained, "label": "species", "training": {"epochs": 2}} | chosen, IRIS)
    made = send(server.http.get(f"/models/{trained}/versions/1/export").content)
    assert made.status_code == 201, made.text
    original = server.get(f"/models/{trained}/versions/1")
    for told in ("metrics", "request", "split", "seed", "warnings"):
        assert made.json()[told] == original[told]
    assert server.http.get(f"/models/{name}/versions/1/card").status_code == 200


def test_where_its_data_are_it_is_trained_again_and_judged(server, exported, send, name):
    send(exported)
    job = server.wait_for(server.post(f"/models/{name}/versions/1/reproduce")["id"])
    assert job["result"]["identical"] is True
    assert job["result"]["environment_differences"] == []
    data = {"data": {"dataset": server.get(f"/models/{name}/versions/1")["dataset"]}}
    judged = server.wait_for(server.post(f"/models/{name}/versions/1/evaluate", json=data)["id"])
    assert judged["result"]["metrics"]["rows"] == 150


def test_where_its_data_are_not_it_says_so(http, exported, send, name):
    files = files_of(exported)
    record = json.loads(files["version.json"])
    record["version"]["dataset"] = record["version"]["request"]["data"]["dataset"] = "sha256:" + "0" * 64
    files["version.json"] = json.dumps(record).encode()
    files.pop("SHA256SUMS")
    made = send(archive_of(summed(files), zipfile.ZIP_DEFLATED)).json()
    assert made["dataset"] is None
    assert made["request"]["data"]["dataset"] == "sha256:" + "0" * 64
    assert http.post(f"/models/{name}/versions/1/reproduce").status_code == 409


def test_every_form_of_a_network_is_stored_as_the_same_bytes(send, networks):
    network = networks["labels"]
    stored, as_json = safetensors.dumps(network), network_json.dumps(network)
    typed = [
        (stored, "application/vnd.safetensors"), (stored, "application/octet-stream"),
        (as_json, "application/json"), (as_json, "application/octet-stream"),
    ]  # fmt: skip
    made = [send(content, kind).json() for content, kind in typed]
    assert {version["weights_sha256"] for version in made} == {hashlib.sha256(stored).hexdigest()}
    assert [version["version"] for version in made] == [1, 2, 3, 4]
    assert [version["origin"]["form"] for version in made] == ["safetensors", "safetensors", "json", "json"]
    assert send(b"{ }", "application/octet-stream").status_code == 422


def test_an_archive_is_known_by_its_first_bytes(exported, send):
    assert send(exported, "application/octet-stream").json()["origin"]["form"] == "zip"


def test_the_example_of_the_documentation_is_taken(server, http, send, name):
    document = http.get("/openapi.json").json()
    body = document["paths"]["/models/{name}/versions"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/NetworkFile"}
    [example] = document["components"]["schemas"]["NetworkFile"]["examples"]
    assert send(json.dumps(example).encode(), "application/json").status_code == 201
    assert server.predict(name, [{"x": 3}])["predictions"] == [{"value": 7.0}]


def test_an_alias_may_be_pointed_at_it_at_once(http, exported, name):
    made = http.post(f"/models/{name}/versions?alias=production", content=exported, headers=ZIP)
    assert made.json()["aliases"] == ["production"]


def test_other_types_are_told_which_are_taken(send):
    for kind in ("text/csv", "application/x-www-form-urlencoded"):
        refused = send(b"a,b\n", kind)
        assert refused.status_code == 415
        assert "application/zip" in refused.json()["detail"]
    assert send(b"a,b\n", "application/octet-stream").status_code == 415


def test_a_key_makes_one_version_of_one_body(http, send, weights, exported, name):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first, second = (send(weights, "application/vnd.safetensors", **key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert fault_of(send(exported, **key), 422)["location"] == ["header", "Idempotency-Key"]
    elsewhere = http.post(f"/models/{name}-2/versions", content=weights, headers=key)
    assert fault_of(elsewhere, 422)["location"] == ["header", "Idempotency-Key"]
    with_rows = {"model": name, "label": "y", "data": {"rows": [{"x": k, "y": 2 * k} for k in range(20)]}}
    assert http.post("/train", json=with_rows, headers=key).status_code == 422


def test_a_refused_import_uses_no_key_up(send, weights):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    assert send(weights[:-1], "application/vnd.safetensors", **key).status_code == 422
    assert send(weights, "application/vnd.safetensors", **key).status_code == 201


def test_an_imported_version_is_exported_as_it_came(http, exported, send, name):
    send(exported)
    again = files_of(http.get(f"/models/{name}/versions/1/export").content)
    assert again["weights.safetensors"] == files_of(exported)["weights.safetensors"]
    record, first = json.loads(again["version.json"]), json.loads(files_of(exported)["version.json"])
    assert record["curve"] == first["curve"]
    assert record["version"]["metrics"] == first["version"]["metrics"]
    assert record["version"]["origin"]["model"] == "moved"


def test_a_warm_start_goes_on_from_an_imported_network(server, exported, send, name):
    send(exported)
    training = {"epochs": 1, "warm_start": {"model": name, "version": 1}}
    job = server.train_file({"model": f"{name}-on", "label": "species", "training": training}, IRIS)
    assert job["version"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_the_documentation_is_that_of_the_files(networks, kind):
    NetworkFile.model_validate_json(network_json.dumps(networks[kind]))
