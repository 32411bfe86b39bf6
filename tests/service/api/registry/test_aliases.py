"""Aliases: moved, moved back, compared before they are set."""

from datetime import UTC, datetime

import httpx
import pytest


@pytest.fixture
def alias(name: str, add_versions) -> str:
    """The address of an alias that is not there yet, of a model with three versions."""
    add_versions(name, 3)
    return f"/models/{name}/aliases/production"


def test_a_put_makes_moves_and_leaves_alone(http: httpx.Client, alias: str):
    made = http.put(alias, json={"version": 1})
    moved = http.put(alias, json={"version": 2})
    same = http.put(alias, json={"version": 2})
    assert [answer.status_code for answer in (made, moved, same)] == [201, 200, 200]
    assert made.headers["etag"] != moved.headers["etag"] == same.headers["etag"]
    assert same.json() == moved.json() == http.get(alias).json()
    assert len(http.get(f"{alias}/history").json()["items"]) == 2


def test_an_alias_tells_all_about_itself(http: httpx.Client, alias: str, name: str):
    told = http.put(alias, json={"version": 1, "split": {"1": 0.75, "2": 0.25}, "shadow": 3}).json()
    moment = datetime.fromisoformat(told.pop("updated_at"))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert told == {
        "model": name,
        "alias": "production",
        "version": 1,
        "split": {"1": 0.75, "2": 0.25},
        "shadow": 3,
        "updated_by": "anonymous",
    }


def test_a_split_alone_points_at_its_heaviest_version(http: httpx.Client, alias: str):
    told = http.put(alias, json={"split": {"1": 0.01, "2": 0.99}}).json()
    assert (told["version"], told["split"]) == (2, {"1": 0.01, "2": 0.99})


def test_times_are_written_with_six_decimals_in_utc(http: httpx.Client, alias: str):
    assert len(http.put(alias, json={"version": 1}).json()["updated_at"]) == len("2026-01-01T00:00:00.000000Z")
    assert http.get(alias).json()["updated_at"].endswith("Z")


def test_a_move_is_compare_and_set(http: httpx.Client, alias: str):
    assert http.put(alias, json={"version": 1}, headers={"If-None-Match": "*"}).status_code == 201
    assert http.put(alias, json={"version": 2}, headers={"If-None-Match": "*"}).status_code == 412
    seen = http.get(alias).headers["etag"]
    assert http.put(alias, json={"version": 2}, headers={"If-Match": seen}).status_code == 200
    assert http.put(alias, json={"version": 3}, headers={"If-Match": seen}).status_code == 412
    assert http.post(f"{alias}/rollback", headers={"If-Match": seen}).status_code == 412
    assert http.delete(alias, headers={"If-Match": seen}).status_code == 412
    assert http.get(alias).json()["version"] == 2


def test_an_old_etag_never_fits_an_alias_made_again(http: httpx.Client, alias: str):
    seen = http.put(alias, json={"version": 1}).headers["etag"]
    assert http.delete(alias).status_code == 204
    assert http.put(alias, json={"version": 2}, headers={"If-Match": seen}).status_code == 412
    http.put(alias, json={"version": 1})
    assert http.put(alias, json={"version": 2}, headers={"If-Match": seen}).status_code == 412


def test_a_rollback_goes_back_and_is_a_move_too(http: httpx.Client, alias: str):
    for version in (1, 2, 3):
        http.put(alias, json={"version": version})
    assert http.post(f"{alias}/rollback").json()["version"] == 2
    assert http.post(f"{alias}/rollback", json={"steps": 3}).json()["version"] == 1
    assert [move["version"] for move in http.get(f"{alias}/history").json()["items"]] == [1, 2, 3, 2, 1]
    assert http.post(f"{alias}/rollback", json={"steps": 5}).status_code == 409
    assert http.post(f"{alias}/rollback", json={"steps": 0}).status_code == 422


def test_the_past_can_be_asked_for(http: httpx.Client, alias: str):
    before = datetime.now(UTC).isoformat()
    http.put(alias, json={"version": 1})
    first = http.get(alias).json()["updated_at"]
    http.put(alias, json={"version": 2})
    held = http.get(f"{alias}/history", params={"at": first}).json()["items"]
    assert [move["version"] for move in held] == [1]
    assert http.get(f"{alias}/history", params={"at": before}).status_code == 404
    assert http.get(f"{alias}/history", params={"at": "yesterday"}).status_code == 422


def test_the_history_outlives_the_alias(http: httpx.Client, alias: str):
    http.put(alias, json={"version": 1})
    http.delete(alias)
    assert http.get(alias).status_code == 404
    assert [move["version"] for move in http.get(f"{alias}/history").json()["items"]] == [None, 1]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ({"version": 9}, 404),
        ({"version": 1, "split": {"1": 0.5, "2": 0.4}}, 422),
        ({"version": 1, "split": {"2": 1.0}}, 422),
        ({"version": 1, "split": {"one": 1.0}}, 422),
        ({"version": 1, "shadow": 9}, 404),
        ({"split": {}}, 422),
        ({"split": {"9": 1.0}}, 404),
        ({"split": {"9" * 5000: 1.0}}, 422),
        ({"shadow": 1}, 422),
        ({}, 422),
        ([], 422),
    ],
)
def test_a_target_must_be_one(http: httpx.Client, alias: str, target: object, status: int):
    assert http.put(alias, json=target).status_code == status
    assert http.get(alias).status_code == 404


def test_aliases_are_listed(http: httpx.Client, alias: str, name: str):
    http.put(alias, json={"version": 1})
    http.put(f"/models/{name}/aliases/canary", json={"version": 2})
    listed = http.get(f"/models/{name}/aliases").json()["items"]
    assert [(found["alias"], found["version"]) for found in listed] == [("canary", 2), ("production", 1)]
