"""Webhooks are made, changed and deleted; their secret is told once."""

import time

import pytest

NEW = {"url": "https://receiver.invalid/secret-path", "events": ["alias.moved", "job.ended"], "description": "for us"}


def test_the_secret_is_told_once(server):
    made = server.post("/webhooks", json=NEW)
    here = made["links"]["self"]
    assert made["secret"].startswith("whsec_")
    assert made["events"] == NEW["events"]
    assert made["enabled"]
    known = {name: value for name, value in made.items() if name != "secret"}
    assert server.get(here) == known
    assert known in server.get("/webhooks")["items"]
    for path in (here, "/webhooks", "/events", f"{here}/deliveries"):
        assert made["secret"] not in server.http.get(path).text
    assert made["secret"] not in server.read_logs()


def test_events_tell_of_changes_but_not_the_whole_address(server):
    made = server.post("/webhooks", json=NEW)
    server.http.patch(made["links"]["self"], json={"description": "for them"})
    server.http.delete(made["links"]["self"])
    found = [event for event in server.get("/events")["items"] if event["subject"].get("webhook") == made["id"]]
    assert [event["action"] for event in found] == ["webhook-deleted", "webhook-changed", "webhook-created"]
    changed = found[1]["subject"]
    assert (changed["before"]["description"], changed["after"]["description"]) == ("for us", "for them")
    assert changed["after"]["host"] == "receiver.invalid"
    assert "secret-path" not in str(found)


def test_what_is_left_out_of_a_change_stays(http):
    made = http.post("/webhooks", json=NEW | {"models": ["iris"]}).json()
    changed = http.patch(made["links"]["self"], json={"events": ["*"]}).json()
    assert (changed["events"], changed["models"], changed["url"]) == (["*"], ["iris"], NEW["url"])
    assert http.patch(made["links"]["self"], json={"models": None}).json()["models"] is None


def test_a_lost_race_is_told(http):
    made = http.post("/webhooks", json=NEW)
    assert made.status_code == 201
    here, seen = made.json()["links"]["self"], {"If-Match": made.headers["ETag"]}
    changed = http.patch(here, json={"description": "mine"}, headers=seen)
    assert changed.status_code == 200
    assert changed.headers["ETag"] == http.get(here).headers["ETag"] != made.headers["ETag"]
    assert http.patch(here, json={"description": "theirs"}, headers=seen).status_code == 412
    assert http.post(f"{here}/rotate", headers=seen).status_code == 412
    assert http.delete(here, headers=seen).status_code == 412
    assert http.delete(here, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    assert http.get(here).status_code == 404


def test_a_list_comes_in_pages(server):
    made = [server.post("/webhooks", json=NEW)["id"] for _ in range(3)]
    first = server.get("/webhooks", params={"limit": 2})
    second = server.get("/webhooks", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [item["id"] for item in (first["items"] + second["items"])[:3]] == made[::-1]


@pytest.mark.parametrize(
    ("wrong", "location"),
    [
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "http://receiver.invalid/"}, "url"),
        ({"url": "https://receiver.invalid/\r\nHost: x"}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["alias.move"]}, "events"),
        ({"models": ["No Name"]}, "models"),
        ({"urll": "https://receiver.invalid/"}, "urll"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_can_not_work_is_refused_with_its_place(http, wrong, location):
    refused = http.post("/webhooks", json=NEW | wrong)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["location"][:2] == ["body", location]


@pytest.mark.parametrize("path", ["/webhooks/x", "/webhooks/01980a2b-6c1e-7cc3-98c4-dc0c0c07398f", "/webhooks/%00"])
def test_what_is_not_there_is_404(http, path):
    delivery = f"{path}/deliveries/msg_01980a2b6c1e7cc398c4dc0c0c07398f"
    assert http.get(path).status_code == 404
    assert http.patch(path, json={"enabled": True}).status_code == 404
    assert http.delete(path).status_code == 404
    assert http.get(delivery).status_code == 404
    for action in (f"{path}/test", f"{path}/rotate", f"{delivery}/redeliver"):
        assert http.post(action).status_code == 404


def test_an_old_secret_is_forgotten_at_once_where_it_is_not_to_be_kept(server):
    made = server.post("/webhooks", json=NEW)
    rotated = server.post(f"{made['links']['self']}/rotate", json={"keep_hours": 0})
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] is None


def test_a_training_tells_of_its_version_its_alias_and_its_end(server):
    model = f"m-{time.monotonic_ns()}"
    webhook = server.post("/webhooks", json=NEW | {"events": ["*"], "models": [model]})
    rows = [{"x": x, "y": 2 * x} for x in range(12)]
    specification = {"model": model, "data": {"rows": rows}, "label": "y", "training": {"epochs": 1}}
    job = server.train(specification | {"alias": "production"})
    version = server.get(f"/models/{model}/versions/1")
    told = [delivery["payload"] for delivery in server.get(webhook["links"]["deliveries"])["items"]]
    assert {payload["type"]: payload["data"] for payload in told} == {
        "version.registered": {
            "model": model,
            "version": 1,
            "weights_sha256": version["weights_sha256"],
            "metrics": version["metrics"],
            "job": job["id"],
            "by": "anonymous",
        },
        "alias.moved": {"model": model, "alias": "production", "before": None, "after": 1, "by": "anonymous"},
        "job.ended": {
            "id": job["id"],
            "kind": "train",
            "model": model,
            "state": "succeeded",
            "version": 1,
            "error": None,
        },
    }
    found = server.get(f"/models/{model}/events")["items"]
    assert [event["action"] for event in found] == ["alias-moved", "version-registered", "model-created"]
    assert {event["job"] for event in found} == {job["id"]}
    server.http.delete(webhook["links"]["self"])
