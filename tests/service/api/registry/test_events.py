"""The audit trail says who did what, when and from where, and nobody changes it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.registry.database import Database
from tests.support.receiver import register


@pytest.fixture
def registry(server):
    registry = Database(server.database_url)
    yield registry
    registry.close()


def test_an_event_tells_the_address_of_its_caller(server, registry, model):
    register(registry, model)
    server.http.put(f"/models/{model}/aliases/production", json={"version": 1})
    moved, registered, created = server.get(f"/models/{model}/events")["items"]
    assert (moved["action"], moved["actor"], moved["address"]) == ("alias-moved", "anonymous", "127.0.0.1")
    assert (moved["key"], moved["job"]) == (None, None)
    assert moved["subject"] == {"alias": "production", "before": None, "after": 1}
    assert (registered["actor"], registered["address"]) == ("test", None)
    assert created["model"] == model


def test_an_event_tells_what_was_before_and_after(server, registry, model):
    for _ in range(2):
        register(registry, model)
    here = f"/models/{model}"
    split = {"2": 0.5, "1": 0.5}
    for target in ({"version": 1}, {"version": 2, "shadow": 1}, {"version": 2, "split": split}):
        server.http.put(f"{here}/aliases/production", json=target)
    for sample in (0.5, 0.25):
        server.http.put(f"{here}/prediction-log", json={"sample": sample})
    logged, first_logged, *moves = [event["subject"] for event in server.get(f"{here}/events")["items"][:5]]
    assert (logged["before"]["sample"], logged["after"]["sample"]) == (0.5, 0.25)
    assert first_logged["before"] is None
    alias = {"alias": "production"}
    assert moves == [
        alias
        | {"before": 2, "after": 2}
        | {"split": {"before": None, "after": split}, "shadow": {"before": 1, "after": None}},
        alias | {"before": 1, "after": 2, "shadow": {"before": None, "after": 1}},
        alias | {"before": None, "after": 1},
    ]


def test_events_are_found_by_action_and_time(server, registry, model):
    for _ in range(3):
        register(registry, model)
    here = f"/models/{model}/events"
    newest, middle, oldest, _ = server.get(here)["items"]
    registered = server.get(here, params={"action": "version-registered", "limit": 2})
    assert registered["items"] == [newest, middle]
    rest = server.get(here, params={"action": "version-registered", "cursor": registered["next_cursor"]})
    assert rest["items"] == [oldest]
    assert server.get(here, params={"after": middle["at"]})["items"] == [newest]
    assert middle not in server.get(here, params={"before": middle["at"]})["items"]
    between = server.get("/events", params={"after": oldest["at"], "before": newest["at"]})["items"]
    assert middle in between
    assert newest not in between
    assert server.http.get(here, params={"action": "No-Action"}).status_code == 422
    assert server.http.get(here, params={"after": "yesterday"}).status_code == 422


@pytest.mark.parametrize("statement", ["UPDATE events SET actor = 'nobody'", "DELETE FROM events", "TRUNCATE events"])
def test_no_statement_changes_an_event(server, registry, model, statement):
    register(registry, model)
    before = server.get(f"/models/{model}/events")
    with registry.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))
    assert server.get(f"/models/{model}/events") == before
