"""From a request to a job: what is stored, what is told at once, and that nothing is stored of what is refused."""

import json
from hashlib import sha256

import pyarrow as pa
import pytest

from tests.support.table_files import ROWS, csv_of, fault_of, ndjson_of, parquet_of, send_file


def test_rows_become_a_job_and_a_dataset(http, inline):
    answer = http.post("/train", json=inline)
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert (job["kind"], job["state"], job["model"], job["attempt"]) == ("train", "queued", inline["model"], 0)
    dataset = job["request"]["data"]["dataset"]
    assert http.get(f"/datasets/{dataset}/content").content == ndjson_of(ROWS)


def test_the_request_is_stored_with_every_default_filled_in(http, inline):
    request = http.post("/train", json=inline).json()["request"]
    assert request["features"] == ["size"]
    assert request["task"] == "classification"
    assert request["network"]["activation"] == "relu"
    assert request["training"]["optimizer"]["name"]
    assert request["training"]["batch_size"] >= 1
    assert request["training"]["seed"] == 1
    assert request["training"]["threads"] == 1
    assert request["validation"]["method"] == "stratified"
    assert request["scaling"] == "standard"


def test_a_request_without_a_seed_can_be_repeated(http, inline):
    del inline["training"]["seed"]
    seeds = {http.post("/train", json=inline).json()["request"]["training"]["seed"] for _ in range(3)}
    assert seeds == {7}


def test_rows_columns_files_and_datasets_train_the_same_network(server, http, specification):
    columns = {"size": [row["size"] for row in ROWS], "color": [row["color"] for row in ROWS]}
    dataset = http.post("/datasets", content=csv_of(ROWS), headers={"Content-Type": "text/csv"}).json()["id"]
    inline = [{"rows": ROWS}, {"columns": columns}, {"dataset": dataset}]
    jobs = [http.post("/train", json={**specification, "data": data}).json() for data in inline]
    jobs.append(send_file(http, specification, csv_of(ROWS)).json())
    ended = [server.wait_for(job["id"]) for job in jobs]
    assert ended[0]["request"]["data"] == ended[1]["request"]["data"]
    assert ended[2]["request"]["data"] == ended[3]["request"]["data"]
    versions = [http.get(f"/models/{job['model']}/versions/{job['version']}").json() for job in ended]
    assert len({version["weights_sha256"] for version in versions}) == 1


def test_an_alias_tags_and_a_description_go_with_the_job(server, http, inline):
    extra = {"alias": "production", "tags": {"team": "a"}, "description": "First try.", "priority": 3}
    job = server.wait_for(http.post("/train", json=inline | extra).json()["id"])
    version = http.get(f"/models/{inline['model']}/versions/production").json()
    assert (version["version"], version["tags"], version["description"]) == (
        job["version"],
        {"team": "a"},
        "First try.",
    )
    assert job["priority"] == 3


def test_a_job_waits_for_its_time(http, inline):
    job = http.post("/train", json=inline | {"not_before": "2999-01-01T00:00:00Z"}).json()
    assert job["not_before"] == "2999-01-01T00:00:00.000000Z"
    assert http.get(f"/jobs/{job['id']}").json()["state"] == "queued"


def test_prefer_wait_answers_with_the_finished_job(http, inline):
    answer = http.post("/train", json=inline, headers={"Prefer": "respond-async, wait=60"})
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")


def test_prefer_wait_answers_202_when_the_time_is_over(http, inline):
    later = inline | {"not_before": "2999-01-01T00:00:00Z"}
    answer = http.post("/train", json=later, headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


def test_a_dry_run_says_everything_and_starts_nothing(http, inline):
    answer = http.post("/train?dry_run=true", json=inline)
    found = answer.json()
    assert answer.status_code == 200
    assert found["task"] == "classification"
    assert found["columns"] == [
        {"name": "size", "type": "number", "missing": 0},
        {"name": "color", "type": "category", "missing": 0},
    ]
    assert found["n_parameters"] == (1 * 4 + 4) + (4 * 3 + 3)
    assert http.get(f"/jobs?model={inline['model']}").json()["items"] == []


def test_a_dry_run_stores_no_data(http, specification, name):
    rows = [{"size": index, "color": f"{name}-{index % 2}"} for index in range(20)]
    found = http.post("/train?dry_run=true", json=specification | {"data": {"rows": rows}}).json()
    assert http.get(f"/datasets/{found['request']['data']['dataset']}").status_code == 404


@pytest.mark.parametrize("size", ["small", "large"])
def test_faults_in_rows_are_told_with_their_places(http, specification, size):
    rows = [{"size": float(index), "color": "red" if index % 2 else "blue"} for index in range(20_000)]
    rows = rows[:100] if size == "small" else rows
    rows[7]["size"] = "big"
    problem = fault_of(http.post("/train", json=specification | {"data": {"rows": rows}}), 422)
    assert problem["errors"][0]["location"] == ["body", "data", "rows", 7, "size"]
    assert "'size'" in problem["detail"]


def test_faults_in_columns_are_told_with_their_places(http, specification):
    columns = {"size": [1, 2, "x", *range(50)], "color": ["a", "b", "a"] + ["b"] * 50}
    problem = fault_of(http.post("/train", json=specification | {"data": {"columns": columns}}), 422)
    assert problem["errors"][0]["location"] == ["body", "data", "columns", "size", 2]


def test_faults_in_files_are_told_with_their_places(http, specification):
    content = csv_of(ROWS) + b"oops,red\n"
    problem = fault_of(send_file(http, specification, content), 422)
    assert problem["errors"][0]["location"] == ["body", "file", 60, "size"]
    ragged = fault_of(send_file(http, specification, csv_of(ROWS) + b"1\n"), 422)
    assert ragged["errors"][0]["location"] == ["body", "file", 62]


@pytest.mark.parametrize(
    ("change", "location", "code"),
    [
        ({"label": "colour"}, ["label"], "unknown-column"),
        ({"features": ["size", "sise"]}, ["features", 1], "unknown-column"),
        ({"netwrok": {}}, ["netwrok"], "unknown"),
        ({"model": "Iris"}, ["model"], "string_pattern_mismatch"),
        ({"model": "latest"}, ["model"], "invalid"),
        ({"alias": "12"}, ["alias"], "invalid"),
        ({"network": {"hidden": [True]}}, ["network", "hidden", 0], "int_type"),
        ({"network": {"activation": "rlu"}}, ["network", "activation"], "literal_error"),
        ({"network": {"hidden": [5000]}}, ["network", "hidden", 0], "limit"),
        ({"network": {"hidden": [4] * 17}}, ["network", "hidden"], "limit"),
        ({"training": {"epochs": 1_000_001}}, ["training", "epochs"], "limit"),
        ({"training": {"seed": 2**63}}, ["training", "seed"], "limit"),
        ({"training": {"optimizer": "adm"}}, ["training", "optimizer"], "literal_error"),
        ({"training": {"early_stopping": {"patince": 3}}}, ["training", "early_stopping", "patince"], "unknown"),
        ({"training": {"early_stopping": {"list": 3}}}, ["training", "early_stopping", "list"], "unknown"),
        ({"training": {"optimizer": {"Adam": 1}}}, ["training", "optimizer"], "literal_error"),
        ({"training": {"optimizer": {"name": "adam", "beta": 1}}}, ["training", "optimizer", "beta"], "unknown"),
        ({"training": {"class_weight": {"dict": "x"}}}, ["training", "class_weight", "dict"], "float_type"),
        ({"threshold": "f2"}, ["threshold"], "literal_error"),
        ({"label": []}, ["label"], "too_short"),
        ({"network": {"dropout": [0.1, "x"]}}, ["network", "dropout", 1], "float_type"),
        ({"search": {"space": {"list": {"choice": 1}}}}, ["search", "space", "list", "choice"], "tuple_type"),
        ({"scaling": {"size": {"shft": 1}}}, ["scaling", "size", "shft"], "unknown"),
        ({"scaling": {"str": 1}}, ["scaling", "str"], "object_type"),
        ({"promote_if": {"metric": "loss", "better_than": "production"}}, [], "invalid"),
        ({"not_before": "tomorrow"}, ["not_before"], "datetime_parsing"),
        ({"not_before": "0001-01-01T00:00:00+10:00"}, ["not_before"], "invalid"),
        ({"data": None}, ["data"], "missing"),
        ({"data": {}}, ["data"], "invalid"),
        ({"data": {"rows": []}}, ["data", "rows"], "too_short"),
        ({"data": {"rows": [{}]}}, ["data", "rows"], "too_short"),
        ({"data": {"rows": [1]}}, ["data", "rows", 0], "object_type"),
        ({"data": {"rows": [{"color": {}, "size": 1}]}}, ["data", "rows", 0, "color"], "bad-value"),
        ({"data": {"columns": {"a": [1], "color": [1, 2]}}}, ["data", "columns", "color"], "uneven"),
        ({"data": {"columns": {"a": 1}}}, ["data", "columns", "a"], "list_type"),
        ({"data": {"dataset": "No Name"}}, ["data", "dataset"], "invalid"),
    ],
)
def test_each_fault_of_a_specification_is_told_with_its_place(http, inline, change, location, code):
    problem = fault_of(http.post("/train", json=inline | change), 422)
    assert (problem["errors"][0]["location"], problem["errors"][0]["code"]) == (["body", *location], code)
    assert len(json.dumps(problem)) < 8192


def test_a_near_name_is_offered(http, inline):
    assert "color" in fault_of(http.post("/train", json=inline | {"label": "colr"}), 422)["detail"]
    assert "`patience`" in str(
        fault_of(http.post("/train", json=inline | {"training": {"early_stopping": {"patince": 3}}}), 422)
    )
    assert "`adam`" in str(fault_of(http.post("/train", json=inline | {"training": {"optimizer": "adm"}}), 422))


def test_a_label_with_one_class_is_refused(http, specification):
    rows = [{"size": index, "color": "red"} for index in range(10)]
    problem = fault_of(http.post("/train", json=specification | {"data": {"rows": rows}}), 422)
    assert problem["errors"][0]["location"] == ["body", "label"]


def test_more_parameters_than_allowed_are_refused(http, inline):
    problem = fault_of(http.post("/train", json=inline | {"network": {"hidden": [4096] * 5}}), 422)
    assert "50,000,000" in problem["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"dataset": "not-there"}},
        {"data": {"dataset": "sha256:" + "0" * 64}},
        {"validation": {"dataset": "not-there"}},
        {"training": {"warm_start": {"model": "not-there", "version": 1}}},
    ],
)
def test_what_is_referred_to_must_be_there(http, inline, change):
    fault_of(http.post("/train", json=inline | change), 404)


@pytest.mark.parametrize("body", [b"", b"{", b'{"model": NaN}', b"\xff\xfe", b'{"a":1e400}', b"[" * 70 + b"]" * 70])
def test_a_body_that_is_no_json_is_refused(http, body):
    fault_of(http.post("/train", content=body, headers={"Content-Type": "application/json"}), 400)


def test_a_large_body_that_is_no_json_is_refused(http):
    body = b'{"data": {"rows": [' + b'{"a": 1},' * 40_000
    fault_of(http.post("/train", content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("parameter", ["dry_rn=true", "dry_run=maybe"])
def test_query_parameters_are_checked(http, inline, parameter):
    fault_of(http.post(f"/train?{parameter}", json=inline), 422)


def test_a_refused_request_leaves_no_dataset(http, specification, name):
    rows = [{"size": index, "color": name} for index in range(10)]
    fault_of(http.post("/train", json=specification | {"data": {"rows": rows}}), 422)
    assert http.get(f"/datasets/sha256:{sha256(ndjson_of(rows)).hexdigest()}").status_code == 404


def test_a_parquet_file_trains(server, http, specification):
    job = send_file(http, specification, parquet_of(pa.Table.from_pylist(ROWS)), "rows.parquet").json()
    assert server.wait_for(job["id"])["version"] == 1


def test_a_dataset_of_its_own_validates(server, http, specification):
    held_out = http.post("/datasets", content=csv_of(ROWS[:30]), headers={"Content-Type": "text/csv"}).json()["id"]
    chosen = specification | {"data": {"rows": ROWS}, "validation": {"dataset": held_out}}
    job = server.wait_for(http.post("/train", json=chosen).json()["id"])
    assert job["request"]["validation"]["dataset"] == held_out
    version = http.get(f"/models/{job['model']}/versions/{job['version']}").json()
    assert version["metrics"]["validation"] is not None


def test_a_training_goes_on_from_a_version(server, http, inline):
    first = server.wait_for(http.post("/train", json=inline | {"alias": "production"}).json()["id"])
    start = {"model": first["model"], "version": "production"}
    second = inline | {"training": inline["training"] | {"warm_start": start}}
    job = server.wait_for(http.post("/train", json=second).json()["id"])
    assert job["request"]["training"]["warm_start"] == {"model": first["model"], "version": first["version"]}


def test_a_version_that_does_not_fit_is_no_start(server, http, inline):
    first = server.wait_for(http.post("/train", json=inline).json()["id"])
    start = {"model": first["model"], "version": first["version"]}
    other = inline | {"network": {"hidden": [5]}, "training": inline["training"] | {"warm_start": start}}
    fault_of(http.post("/train", json=other), 422)
