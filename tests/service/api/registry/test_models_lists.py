"""Lists: newest first, in pages that stay put while rows are added."""

import httpx
import pytest


def test_pages_hold_each_item_once_while_items_are_added(http: httpx.Client, name: str, add_versions):
    add_versions(name, 7)
    seen, cursor = [], {}
    while True:
        page = http.get(f"/models/{name}/versions", params={"limit": 3} | cursor).json()
        seen += [version["version"] for version in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        add_versions(name, 1)
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", ""])
def test_limits_are_one_to_two_hundred(http: httpx.Client, limit: str):
    told = http.get("/models", params={"limit": limit}).json()
    assert (told["status"], told["errors"][0]["location"]) == (422, ["query", "limit"])


@pytest.mark.parametrize("path", ["/models", "/jobs"])
@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "IlwwIg", "W10", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é", "InhcdTAwMDAi"]
)
def test_a_cursor_that_is_not_ours_is_told_so(http: httpx.Client, path: str, cursor: str):
    told = http.get(path, params={"cursor": cursor}).json()
    assert (told["status"], told["errors"][0]["location"]) == (422, ["query", "cursor"])


def test_models_are_found_by_a_part_of_their_name(http: httpx.Client, name: str, add_versions):
    add_versions(name)
    found = http.get("/models", params={"query": name[2:]}).json()["items"]
    assert [model["name"] for model in found] == [name]
    assert http.get("/models", params={"query": f"{name[:2]}%{name[4:]}"}).json()["items"] == []


def test_jobs_are_filtered_by_state_and_model(http: httpx.Client, name: str, running):
    found = http.get("/jobs", params={"model": name, "state": "running"}).json()["items"]
    assert [job["id"] for job in found] == [running.job]
    assert found[0]["request"] is None
    assert http.get("/jobs", params={"model": name, "state": "failed"}).json() == {"items": [], "next_cursor": None}
    assert http.get("/jobs", params={"state": "asleep"}).status_code == 422
