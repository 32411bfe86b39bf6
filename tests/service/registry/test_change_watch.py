"""The watch says yes after each change of models, versions and aliases, and no while nothing of them changes."""

import time
from dataclasses import replace

import pytest

from service.registry.change_watch import open_watch
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import aliases, models, versions
from service.registry.monitoring import prediction_log
from service.registry.serving_routes import get_route
from service.schemas.monitoring import PredictionLogSettings
from service.schemas.registry import AliasTarget, Description, VersionChange


@pytest.fixture
def database_here(database_url):
    opened = Database(database_url)
    ensure_current(opened)
    yield opened
    opened.close()


@pytest.fixture
def watch(database_here):
    opened = open_watch(database_here)
    yield opened
    opened.close()


NEW = versions.NewVersion(task="regression", signature={}, metrics={}, weights=b"w", environment={})


def add_version(database) -> None:
    with database.write() as session:
        versions.add(session, "model", NEW, "test")


def becomes_quiet(watch) -> bool:
    """On PostgreSQL the first connection and the poll say yes by themselves; between them it is quiet."""
    return any(not watch.moved() for _ in range(1000))


def test_the_first_answer_is_yes(watch):
    assert watch.moved()


def test_nothing_changed_is_no(watch):
    assert becomes_quiet(watch)


def test_a_change_of_this_process_is_seen_at_once(watch, database_here):
    for change in (add_version, point, delete):
        assert becomes_quiet(watch)
        change(database_here)
        assert watch.moved()


def point(database) -> None:
    with database.write() as session:
        aliases.move(session, "model", "production", AliasTarget(version=1), "test")


def delete(database) -> None:
    with database.write() as session:
        aliases.delete_alias(session, "model", "production", "test")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_a_commit_that_changes_no_name_is_no_change(watch, database_here):
    add_version(database_here)
    assert watch.moved()
    with database_here.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE something_else (x)")
    assert not watch.moved()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_a_change_of_another_process_is_heard(watch, database_here, database_url):
    other = Database(database_url)
    add_version(other)
    watch.moved()
    begun = time.monotonic()
    heard = 0
    while heard < 3:  # by NOTIFY, or by the poll that comes each second
        heard += watch.moved()
    assert time.monotonic() - begun < 30
    other.close()


NAMES = ["1", "2", "latest", "production", "staging", None]


def set_tags(session) -> None:
    models.change_model(session, "model", Description(tags={"team": "north"}), "test", None)
    versions.change_version(session, "model", "1", VersionChange(notes="a note"), "test", None)


def move_production(session) -> None:
    aliases.move(session, "model", "production", AliasTarget(version=2), "test")


def register(session) -> None:
    versions.add(session, "model", NEW, "test")


def delete_newest(session) -> None:
    versions.delete_version(session, "model", "2", "test")


def log_predictions(session) -> None:
    prediction_log.set_log(session, "model", PredictionLogSettings(sample=1.0), "test")


CHANGES = [
    (set_tags, []),
    (move_production, ["production", None]),
    (register, ["latest"]),
    (delete_newest, ["2", "latest"]),
    (log_predictions, NAMES),
]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("change", "altered"), CHANGES)
def test_on_postgresql_a_change_of_this_process_forgets_what_it_may_alter_and_no_more(
    watch, database_here, change, altered
):
    for _ in range(2):
        add_version(database_here)
    with database_here.write() as session:
        for alias in ("production", "staging"):
            aliases.move(session, "model", alias, AliasTarget(version=1), "test")
    with database_here.read() as session:
        routes = {("model", name): get_route(session, "model", name) for name in NAMES}
        routes |= {("other", name): replace(route, model="other") for (_, name), route in routes.items()}
    watch.still_usable({})
    with database_here.write() as session:
        change(session)
    assert watch.still_usable(routes).keys() == routes.keys() - {("model", name) for name in altered}
