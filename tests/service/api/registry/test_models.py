"""Models, their versions and their trail, as callers see them."""

import httpx
import pytest


def test_a_model_shows_its_versions_and_aliases(http: httpx.Client, name: str, add_versions, point):
    add_versions(name, 3)
    point(name, "production", 2)
    model = http.get(f"/models/{name}").json()
    assert (model["name"], model["latest"], model["versions"]) == (name, 3, 3)
    assert model["aliases"] == {"production": 2}
    assert http.get(model["links"]["versions"]).json()["items"][0]["version"] == 3


def test_an_unknown_model_is_told_the_nearest_name(http: httpx.Client, name: str, add_versions):
    add_versions(name)
    answer = http.get(f"/models/{name[:-1]}")
    assert answer.status_code == 404
    assert f"Did you mean `{name}`?" in answer.json()["detail"]


def test_a_description_changes_and_the_rest_stays(http: httpx.Client, name: str, add_versions):
    add_versions(name)
    http.patch(f"/models/{name}", json={"tags": {"team": "flowers"}})
    model = http.patch(f"/models/{name}", json={"description": "Irises"}).json()
    assert (model["description"], model["tags"]) == ("Irises", {"team": "flowers"})
    version = http.patch(f"/models/{name}/versions/1", json={"description": "The first", "tags": {"a": "b"}}).json()
    assert (version["description"], version["tags"], version["version"]) == ("The first", {"a": "b"}, 1)


def test_a_lost_race_is_told(http: httpx.Client, name: str, add_versions):
    add_versions(name)
    for path in (f"/models/{name}", f"/models/{name}/versions/1"):
        seen = http.get(path).headers["etag"]
        moved = http.patch(path, json={"description": "first"}, headers={"If-Match": seen})
        assert moved.status_code == 200
        assert moved.headers["etag"] != seen
        late = http.patch(path, json={"description": "second"}, headers={"If-Match": seen})
        assert (late.status_code, late.json()["type"]) == (412, "/problems/precondition-failed")
        assert http.delete(path, headers={"If-Match": seen}).status_code == 412
        assert http.patch(path, json={}, headers={"If-Match": '"not-ours"'}).status_code == 412
        assert http.get(path).json()["description"] == "first"
        assert http.patch(path, json={"description": "third"}, headers={"If-Match": "*"}).status_code == 200


def test_a_deleted_version_is_gone_and_its_number_stays_taken(http: httpx.Client, name: str, add_versions, point):
    add_versions(name, 2)
    point(name, "production", 1)
    assert http.delete(f"/models/{name}/versions/1").status_code == 409
    assert http.delete(f"/models/{name}/versions/2").status_code == 204
    assert http.get(f"/models/{name}/versions/2").status_code == 410
    assert http.get(f"/models/{name}/versions/latest").json()["version"] == 1
    assert (http.get(f"/models/{name}").json()["versions"], http.get(f"/models/{name}").json()["latest"]) == (1, 1)
    add_versions(name)
    assert http.get(f"/models/{name}/versions/latest").json()["version"] == 3


def test_a_deleted_model_goes_on_counting(http: httpx.Client, name: str, add_versions, point):
    add_versions(name, 2)
    point(name, "production", 1)
    assert http.delete(f"/models/{name}").status_code == 409
    http.delete(f"/models/{name}/aliases/production")
    assert http.delete(f"/models/{name}").status_code == 204
    assert http.get(f"/models/{name}").status_code == 404
    assert http.delete(f"/models/{name}").status_code == 404
    add_versions(name)
    told = http.get(f"/models/{name}").json()
    assert (told["latest"], told["versions"]) == (3, 1)
    assert http.get(f"/models/{name}/versions/1").status_code == 410


def test_a_version_is_found_by_number_alias_and_latest(http: httpx.Client, name: str, add_versions, point):
    add_versions(name, 3)
    point(name, "champion", 2)
    found = [http.get(f"/models/{name}/versions/{ref}").json()["version"] for ref in ("1", "champion", "latest")]
    assert found == [1, 2, 3]
    assert http.get(f"/models/{name}/versions/champion").json()["aliases"] == ["champion"]
    for unknown in ("4", "0", "99999999999999999999", "challenger"):
        assert http.get(f"/models/{name}/versions/{unknown}").status_code == 404


def test_lists_leave_the_request_out(http: httpx.Client, name: str, add_versions):
    add_versions(name, 1, request={"model": name})
    assert http.get(f"/models/{name}/versions").json()["items"][0]["request"] is None
    assert http.get(f"/models/{name}/versions/1").json()["request"] == {"model": name}


def test_the_trail_tells_who_did_what(http: httpx.Client, name: str, add_versions):
    add_versions(name)
    http.put(f"/models/{name}/aliases/production", json={"version": 1})
    http.patch(f"/models/{name}", json={"description": "Irises"})
    events = http.get(f"/models/{name}/events").json()["items"]
    actions = [event["action"] for event in events]
    assert actions == ["model-changed", "alias-moved", "version-registered", "model-created"]
    assert events[0]["actor"] == "anonymous"
    assert events[0]["subject"]["after"]["description"] == "Irises"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/models/UPPER", "name"),
        ("/models/a%00b", "name"),
        ("/models/m/aliases/123", "alias"),
        ("/models/m/aliases/latest", "alias"),
    ],
)
def test_names_that_can_not_be_are_refused_by_their_place(http: httpx.Client, path: str, field: str):
    answer = http.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["path", field])


def test_a_path_with_a_slash_in_a_name_is_another_address(http: httpx.Client):
    assert http.get("/models/..%2F").status_code == 404
