"""Rules that keep some versions of a model and delete the others."""

import contextlib
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.jobs.pruning import prune_versions
from service.registry.database import Database
from service.registry.models import aliases, retention
from service.schemas.registry import AliasTarget
from service.schemas.retention import RetentionRule


def live(http, name: str) -> list[int]:
    return [version["version"] for version in http.get(f"/models/{name}/versions?limit=200").json()["items"]]


def keep(http, name: str, **rule) -> dict:
    answer = http.put(f"/models/{name}/retention", json=rule)
    assert answer.is_success, answer.text
    return answer.json()


def test_the_newest_and_what_aliases_need_are_kept(http, name, add_versions, registry):
    add_versions(name, 10)
    with registry.write() as session:
        aliases.move(session, name, "production", AliasTarget(version=1), "test")
        aliases.move(session, name, "production", AliasTarget(version=2), "test")
        aliases.move(session, name, "production", AliasTarget(version=4), "test")
        aliases.move(session, name, "canary", AliasTarget(version=5, split={"5": 0.9, "6": 0.1}, shadow=3), "test")
    seen = http.get(f"/models/{name}/retention/preview?keep_last=2").json()
    assert seen == {"count": 3, "versions": [1, 7, 8], "kept": 7}
    assert live(http, name) == list(range(10, 0, -1))
    rule = keep(http, name, keep_last=2)
    assert (rule["keep_last"], rule["keep_rollbacks"], rule["to_delete"]) == (2, 1, 0)
    assert live(http, name) == [10, 9, 6, 5, 4, 3, 2]
    assert http.get(f"/models/{name}").json()["versions"] == 7
    assert http.get(f"/models/{name}/versions/7").status_code == 410
    assert http.post(f"/models/{name}/versions/7/predict", json={"inputs": [[1.0]]}).status_code == 410
    assert http.post(f"/models/{name}/aliases/production/rollback", json={}).json()["version"] == 2


def test_a_training_and_an_import_make_room_for_the_version_that_they_register(server, http, name, add_versions):
    add_versions(name, 3)
    keep(http, name, keep_last=3)
    rows = [{"x": float(k), "y": 2.0 * k} for k in range(20)]
    specification = {"model": name, "data": {"rows": rows}, "label": "y", "training": {"epochs": 2}}
    server.train(specification | {"alias": "production"})
    assert live(http, name) == [4, 3, 2]
    exported = http.get(f"/models/{name}/versions/4/export").content
    posted = http.post(f"/models/{name}/versions", content=exported, headers={"Content-Type": "application/zip"})
    assert posted.status_code == 201, posted.text
    assert live(http, name) == [5, 4, 3]
    events = http.get(f"/models/{name}/events?action=version-deleted").json()["items"]
    assert [(event["actor"], event["subject"]["version"]) for event in events] == [("retention", 2), ("retention", 1)]
    assert events[0]["subject"]["rule"]["keep_last"] == 3


def test_young_versions_are_kept_and_the_sweep_takes_them_when_they_have_aged(http, name, add_versions, registry):
    add_versions(name, 4)
    assert keep(http, name, keep_last=1, keep_days=1)["to_delete"] == 0
    assert live(http, name) == [4, 3, 2, 1]
    age = 0.5 / 86_400  # half a second
    time.sleep(0.6)
    preview = http.get(f"/models/{name}/retention/preview", params={"keep_last": 1, "keep_days": f"{age:.9f}"})
    assert preview.json()["count"] == 3
    assert keep(http, name, keep_last=1, keep_days=age)["to_delete"] == 0
    assert live(http, name) == [4]
    add_versions(name, 2)
    assert prune_versions(registry) >= 1
    assert live(http, name) == [6, 5]


def test_more_than_a_hundred_go_with_the_hourly_sweep(http, name, add_versions, registry):
    add_versions(name, 250)
    assert keep(http, name, keep_last=5)["to_delete"] == 145
    assert http.get(f"/models/{name}/retention").json()["to_delete"] == 145
    assert prune_versions(registry) >= 145  # other tests' models have rules too
    assert live(http, name) == [250, 249, 248, 247, 246]
    assert http.get(f"/models/{name}/retention").json()["to_delete"] == 0


def test_a_rule_is_set_read_and_lifted_with_its_etag(http, name, add_versions):
    add_versions(name, 2)
    none = http.get(f"/models/{name}/retention")
    assert (none.status_code, "keep_last" in none.json()["detail"]) == (404, True)
    new = http.put(f"/models/{name}/retention", json={"keep_last": 3})
    assert new.status_code == 201
    assert http.get(f"/models/{name}/retention").headers["ETag"] == new.headers["ETag"]
    stale = {"If-Match": new.headers["ETag"]}
    assert http.put(f"/models/{name}/retention", json={"keep_last": 4}, headers=stale).status_code == 200
    assert http.put(f"/models/{name}/retention", json={"keep_last": 5}, headers=stale).status_code == 412
    assert http.delete(f"/models/{name}/retention", headers=stale).status_code == 412
    assert http.delete(f"/models/{name}/retention").status_code == 204
    assert http.delete(f"/models/{name}/retention").status_code == 404
    actions = [event["action"] for event in http.get(f"/models/{name}/events").json()["items"]]
    assert actions[:3] == ["retention-deleted", "retention-set", "retention-set"]


@pytest.mark.parametrize(
    "rule", [{}, {"keep_last": 0}, {"keep_last": 1, "keep_days": 0}, {"keep_last": "3"}, {"all": 1}]
)
def test_a_rule_that_is_none_is_refused(http, name, add_versions, rule):
    add_versions(name)
    assert http.put(f"/models/{name}/retention", json=rule).status_code == 422
    assert http.put(f"/models/{name}x/retention", json={"keep_last": 1}).status_code == 404


def test_a_model_made_again_has_no_rule(http, name, add_versions):
    add_versions(name, 2)
    keep(http, name, keep_last=1)
    assert http.delete(f"/models/{name}").status_code == 204
    add_versions(name, 2)
    assert http.get(f"/models/{name}/retention").status_code == 404
    assert live(http, name) == [4, 3]


def weights_of(registry: Database, name: str) -> list[int]:
    query = (
        "SELECT number FROM weights JOIN versions ON versions.id = version_id "
        "JOIN models ON models.id = model_id WHERE name = :name ORDER BY number"
    )
    with registry.read() as session:
        return list(session.execute(text(query), {"name": name}).scalars())


def test_weights_go_with_their_version_and_no_sooner(http, name, add_versions, registry):
    add_versions(name, 3)
    of_model = "(SELECT versions.id FROM versions JOIN models ON models.id = model_id WHERE name = :name)"
    with pytest.raises(DBAPIError, match="kept until it is deleted"), registry.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM weights WHERE version_id IN {of_model}"), {"name": name})
    assert http.delete(f"/models/{name}/versions/2").status_code == 204
    assert weights_of(registry, name) == [1, 3]
    with pytest.raises(DBAPIError), registry.engine.begin() as connection:
        connection.execute(text(f"UPDATE versions SET deleted_at = NULL WHERE id IN {of_model}"), {"name": name})
    assert http.delete(f"/models/{name}").status_code == 204
    assert weights_of(registry, name) == []


def test_a_rule_and_what_it_deletes_come_in_one_transaction(registry, name, add_versions, http):
    add_versions(name, 5)
    with contextlib.suppress(KeyboardInterrupt), registry.write() as session:
        retention.set_rule(session, name, RetentionRule(keep_last=1), "test")
        raise KeyboardInterrupt
    assert live(http, name) == [5, 4, 3, 2, 1]
    assert http.get(f"/models/{name}/retention").status_code == 404
