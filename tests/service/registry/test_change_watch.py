"""The watch says yes after each change of models, versions and aliases, and no while nothing of them changes."""

import time

import pytest

from service.registry.change_watch import open_watch
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import aliases, versions
from service.schemas.registry import AliasTarget


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


def add_version(database) -> None:
    new = versions.NewVersion(task="regression", signature={}, metrics={}, weights=b"w", environment={})
    with database.write() as session:
        versions.add(session, "model", new, "test")


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
