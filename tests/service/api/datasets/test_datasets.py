"""Datasets from outside: stored once, profiled, previewed, downloaded, named, kept while they are needed."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from tests.support.table_files import csv_of, fault_of

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def content(name) -> bytes:
    """A table that no other test has."""
    return csv_of(
        [{"id": f"{name}-{index}", "size": index / 4, "color": "red" if index % 3 else ""} for index in range(40)]
    )


def upload(http: httpx.Client, content: bytes, query: str = "", headers: dict | None = None) -> httpx.Response:
    """POST /datasets; where the profile took longer, the dataset once it is there."""
    answer = http.post(f"/datasets{query}", content=content, headers=headers or CSV)
    if answer.status_code == 202:
        deadline = time.monotonic() + 60
        while http.get(answer.headers["location"]).json()["state"] == "profiling":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    return answer


def test_an_upload_is_known_by_the_digest_of_its_bytes(http, content):
    answer = upload(http, content)
    dataset = f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert answer.status_code in (201, 202)
    assert answer.headers["location"] == f"/datasets/{dataset}"
    found = http.get(f"/datasets/{dataset}").json()
    assert (found["id"], found["state"], found["rows"], found["bytes"]) == (dataset, "ready", 40, len(content))
    assert [column["name"] for column in found["columns"]] == ["id", "size", "color"]


def test_the_same_bytes_twice_are_one_dataset(http, content):
    first, second = upload(http, content), upload(http, content)
    assert second.status_code == 200
    assert first.json()["id"] == second.json()["id"]


def test_a_profile_has_the_figures_of_numpy(http, name):
    numbers = np.random.default_rng(5).normal(3, 2, 1000).round(6)
    content = csv_of([{"tag": name, "x": number} for number in numbers])
    column = http.get(f"/datasets/{upload(http, content).json()['id']}").json()["columns"][1]
    assert (column["type"], column["missing"], column["distinct"]) == ("number", 0, len(set(numbers)))
    assert (column["minimum"], column["maximum"]) == (numbers.min(), numbers.max())
    assert column["mean"] == pytest.approx(numbers.mean(), rel=1e-12)
    assert column["standard_deviation"] == pytest.approx(numbers.std(ddof=1), rel=1e-12)
    shares = [float(share) for share in column["quantiles"]]
    np.testing.assert_allclose(list(column["quantiles"].values()), np.quantile(numbers, shares), rtol=1e-12)
    counts, edges = np.histogram(numbers, bins=len(column["histogram"]["counts"]))
    assert column["histogram"]["counts"] == counts.tolist()
    np.testing.assert_allclose(column["histogram"]["edges"], edges, rtol=1e-12)
    assert column["approximate"] == []


def test_a_profile_counts_texts_booleans_and_missing_values(http, name):
    cells = ["a"] * 5 + ["b"] * 3 + [""] * 2
    flags = ["true"] * 4 + ["false"] * 5 + ["NA"]
    content = csv_of([{name: cell, "flag": flag} for cell, flag in zip(cells, flags, strict=True)])
    text, flag = http.get(f"/datasets/{upload(http, content).json()['id']}").json()["columns"]
    assert (text["type"], text["missing"], text["distinct"]) == ("category", 2, 2)
    assert text["top_values"] == [{"value": "a", "count": 5}, {"value": "b", "count": 3}]
    assert (flag["type"], flag["missing"]) == ("boolean", 1)
    assert flag["top_values"] == [{"value": False, "count": 5}, {"value": True, "count": 4}]


def test_numbers_among_texts_are_warned_of_with_their_row(http, name):
    content = csv_of([{name: cell} for cell in [*range(20), "oops", 3]])
    [warning] = http.get(f"/datasets/{upload(http, content).json()['id']}").json()["warnings"]
    assert warning["code"] == "mixed-column"
    assert "'oops' in row 20" in warning["message"]


def test_an_encoding_that_was_guessed_is_warned_of(http, name):
    content = f"{name}\ncafé\nthé\n".encode("latin-1")
    warnings = http.get(f"/datasets/{upload(http, content).json()['id']}").json()["warnings"]
    assert [warning["code"] for warning in warnings] == ["encoding"]


@pytest.mark.parametrize(
    ("content", "code"), [("{0};y\n1,5;a\n2,5;b\n", "numbers-as-text"), ("{0} y\nred a\n", "one-column")]
)
def test_what_is_read_as_something_else_is_warned_of(http, name, content, code):
    warnings = http.get(f"/datasets/{upload(http, content.format(name).encode()).json()['id']}").json()["warnings"]
    assert [warning["code"] for warning in warnings] == [code]


def test_rows_are_previewed_page_by_page(http, name, content):
    dataset = upload(http, content).json()["id"]
    http.get(f"/datasets/{dataset}")
    page = http.get(f"/datasets/{dataset}/rows?offset=38&limit=5").json()
    assert (page["columns"], page["offset"], page["total"]) == (["id", "size", "color"], 38, 40)
    assert page["rows"] == [
        {"id": f"{name}-38", "size": 9.5, "color": "red"},
        {"id": f"{name}-39", "size": 9.75, "color": None},
    ]
    assert http.get(f"/datasets/{dataset}/rows?offset=40").json()["rows"] == []


def test_content_comes_back_byte_by_byte(http, content):
    answer = http.get(f"/datasets/{upload(http, content).json()['id']}/content")
    assert answer.content == content
    assert answer.headers["content-type"] == "text/csv"
    assert int(answer.headers["content-length"]) == len(content)


def test_a_form_may_bring_the_file(http, content):
    answer = http.post("/datasets", files={"file": ("people.csv", content)})
    assert answer.json()["id"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_names_are_given_used_changed_and_taken_away(http, name, content):
    dataset = upload(http, content, f"?name={name}").json()["id"]
    assert http.get(f"/datasets/{name}").json()["id"] == dataset
    assert http.patch(f"/datasets/{name}", json={"name": f"{name}-b"}).json()["name"] == f"{name}-b"
    fault_of(http.get(f"/datasets/{name}"), 404)
    assert http.patch(f"/datasets/{dataset}", json={"name": None}).json()["name"] is None


def test_a_name_is_changed_only_to_the_dataset_that_was_seen(http, name, content):
    dataset = upload(http, content, f"?name={name}").json()["id"]
    seen = {"If-Match": http.get(f"/datasets/{dataset}").headers["etag"]}
    renamed = http.patch(f"/datasets/{dataset}", json={"name": f"{name}-b"}, headers=seen)
    assert renamed.headers["etag"] != seen["If-Match"]
    fault_of(http.patch(f"/datasets/{dataset}", json={"name": f"{name}-c"}, headers=seen), 412)
    fault_of(http.delete(f"/datasets/{dataset}", headers=seen), 412)
    assert http.delete(f"/datasets/{dataset}", headers={"If-Match": renamed.headers["etag"]}).status_code == 204


def test_a_taken_name_is_a_conflict(http, name, content):
    upload(http, content, f"?name={name}")
    fault_of(http.post(f"/datasets?name={name}", content=content + b"x,1,y\n", headers=CSV), 409)
    fault_of(http.post(f"/datasets?name={name}-2", content=content, headers=CSV), 409)
    missing = f"sha256:{hashlib.sha256(content + b'x,1,y' + bytes([10])).hexdigest()}"
    fault_of(http.get(f"/datasets/{missing}"), 404)


def test_a_list_comes_newest_first_in_pages(http, name, content):
    ids = [upload(http, content + f"{name},{index},z\n".encode()).json()["id"] for index in range(3)]
    found, cursor = [], ""
    while len(found) < 3:
        page = http.get(f"/datasets?limit=1{cursor}").json()
        found.append(page["items"][0]["id"])
        cursor = f"&cursor={page['next_cursor']}"
    assert found == ids[::-1]
    fault_of(http.get("/datasets?cursor=WyJ4Il0"), 422)


def test_an_unused_dataset_can_be_deleted(http, content):
    dataset = upload(http, content).json()["id"]
    assert http.delete(f"/datasets/{dataset}").status_code == 204
    fault_of(http.get(f"/datasets/{dataset}"), 404)
    fault_of(http.get(f"/datasets/{dataset}/content"), 404)
    assert upload(http, content).status_code in (201, 202)
    assert http.get(f"/datasets/{dataset}/content").content == content


def test_a_dataset_is_kept_while_a_job_needs_it_and_while_a_version_came_from_it(server, http, content, specification):
    dataset = upload(http, content).json()["id"]
    waiting = specification | {"label": "size", "data": {"dataset": dataset}, "not_before": "2999-01-01T00:00:00Z"}
    job = http.post("/train", json=waiting).json()
    assert job["id"] in fault_of(http.delete(f"/datasets/{dataset}"), 409)["detail"]
    http.post(f"/jobs/{job['id']}/cancel")
    del waiting["not_before"]
    server.wait_for(http.post("/train", json=waiting).json()["id"])
    fault_of(http.delete(f"/datasets/{dataset}"), 409)


def test_a_dataset_that_a_waiting_job_validates_on_is_kept(http, content, inline):
    dataset = upload(
        http, csv_of([{"size": index, "color": "red", "note": content.decode()[-12:-8]} for index in range(9)])
    )
    later = inline | {"validation": {"dataset": dataset.json()["id"]}, "not_before": "2999-01-01T00:00:00Z"}
    job = http.post("/train", json=later).json()
    assert job["id"] in fault_of(http.delete(f"/datasets/{dataset.json()['id']}"), 409)["detail"]


def test_a_dataset_of_a_cancelled_job_can_be_deleted(http, content, specification):
    dataset = upload(http, content).json()["id"]
    waiting = specification | {"label": "size", "data": {"dataset": dataset}, "not_before": "2999-01-01T00:00:00Z"}
    job = http.post("/train", json=waiting).json()
    http.post(f"/jobs/{job['id']}/cancel")
    assert http.delete(f"/datasets/{dataset}").status_code == 204
    assert http.get(f"/jobs/{job['id']}").json()["state"] == "cancelled"


def test_rows_sent_to_train_become_a_dataset_with_a_profile(http, inline):
    dataset = http.post("/train", json=inline).json()["request"]["data"]["dataset"]
    found = http.get(f"/datasets/{dataset}").json()
    assert (found["format"], found["rows"], found["state"]) == ("ndjson", 60, "ready")


def test_a_file_that_is_no_table_is_refused_and_not_kept(http, name):
    content = f"{name},b\n1\n".encode()
    problem = fault_of(http.post("/datasets", content=content, headers=CSV), 422)
    assert problem["errors"][0]["location"] == ["body", 2]
    fault_of(http.get(f"/datasets/sha256:{hashlib.sha256(content).hexdigest()}"), 404)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "text/csv", 422),
        (b"x", "application/pdf", 415),
        (b"PK\x03\x04", "application/octet-stream", 415),
        (b"PAR1 but no more", "application/vnd.apache.parquet", 400),
        (b'{"a": NaN}\n', "application/x-ndjson", 400),
        (b'{"a": [1]}\n', "application/x-ndjson", 422),
    ],
)
def test_bytes_that_are_no_table_are_refused(http, content, content_type, status):
    fault_of(http.post("/datasets", content=content, headers={"Content-Type": content_type}), status)


def test_uploads_of_the_same_bytes_at_the_same_time_make_one_dataset(server, content):
    def send(_: int) -> httpx.Response:
        return httpx.post(f"{server.url}/datasets", content=content, headers=CSV, timeout=60, trust_env=False)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_uploads_and_deletions_at_the_same_time_leave_no_row_without_its_bytes(server, content):
    dataset = f"sha256:{hashlib.sha256(content).hexdigest()}"

    def act(turn: int) -> int:
        if turn % 2:
            return httpx.delete(f"{server.url}/datasets/{dataset}", timeout=60, trust_env=False).status_code
        url = f"{server.url}/datasets"
        return httpx.post(url, content=content, headers=CSV, timeout=60, trust_env=False).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(act, range(60)))
    assert statuses <= {200, 201, 202, 204, 404}, statuses
    answer = server.http.get(f"/datasets/{dataset}/content")
    assert answer.status_code == 404 or answer.content == content


def test_json_written_in_many_lines_is_taken(http, name):
    content = json.dumps([{name: 1, "b": "x"}, {name: 2, "b": "y"}], indent=2).encode()
    answer = http.post("/datasets", content=content, headers={"Content-Type": "application/json"})
    assert http.get(answer.headers["location"]).json()["rows"] == 2
