"""One registry, changed by many processes at once: nothing is lost or stuck, and nobody is told of a lock."""

import itertools
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.jobs import pruning
from service.problems import Conflict, Gone
from service.registry import audit
from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import NewJob
from service.registry.migrate import ensure_current
from service.registry.models import aliases, models, versions
from service.registry.models import retention as rules
from service.registry.models.search import TagCondition, VersionFilter
from service.registry.models.versions import NewVersion
from service.schemas.registry import AliasTarget, VersionChange
from service.schemas.retention import RetentionRule

PROCESSES = 4
TIMES = 25
MODEL = "shared"


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def many(pool: ProcessPoolExecutor, database_url: str):
    """`many(work)` runs `work(database_url, process)` in all processes at once and returns what each returned."""
    with closing(Database(database_url)) as database:
        ensure_current(database)

    def run(work: Callable[[str, int], object]) -> list:
        return list(pool.map(work, [database_url] * PROCESSES, range(PROCESSES), timeout=120))

    return run


def new_version(**chosen) -> NewVersion:
    signature = {"features": [], "outputs": []}
    metrics = {"training": None, "validation": {"r2": 0.5}}
    fields = {"task": "regression", "signature": signature, "metrics": metrics, "environment": {}} | chosen
    return NewVersion(weights=b"weights", **fields)


def register(url: str, process: int) -> list[int]:
    numbers = []
    with closing(Database(url)) as database:
        for _ in range(TIMES):
            with database.write() as session:
                numbers.append(versions.add(session, MODEL, new_version(), f"process-{process}"))
    return numbers


def move(url: str, process: int) -> None:
    with closing(Database(url)) as database:
        for turn in range(TIMES):
            with database.write() as session:
                target = AliasTarget(version=1 + (turn + process) % 5)
                aliases.move(session, MODEL, "production", target, f"process-{process}")


def delete(url: str, process: int) -> list[int]:
    """Try to delete every version; returns those that this process deleted."""
    deleted = []
    with closing(Database(url)) as database:
        for number in range(1, 21):
            try:
                with database.write() as session:
                    versions.delete_version(session, MODEL, str(number), f"process-{process}")
            except (Conflict, Gone):
                continue
            deleted.append(number)
    return deleted


def tag(url: str, process: int) -> None:
    with closing(Database(url)) as database:
        for turn in range(TIMES):
            with database.write() as session:
                change = VersionChange(tags={"turn": f"{process}-{turn}"})
                versions.change_version(session, MODEL, "1", change, f"process-{process}", None)


def prune(url: str, process: int) -> int:
    with closing(Database(url)) as database:
        until_tomorrow = timedelta(days=-1)
        return pruning.prune(database, until_tomorrow, rows_a_transaction=20)


def register_and_make_room(url: str, process: int) -> list[int]:
    numbers = []
    with closing(Database(url)) as database:
        for turn in range(TIMES):
            with database.write() as session:
                numbers.append(versions.add(session, MODEL, new_version(), f"process-{process}"))
                if turn % 5 == process:
                    aliases.move(session, MODEL, f"mine-{process}", AliasTarget(version=numbers[-1]), "test")
                rules.apply(session, MODEL)
            if turn % 10 == process:
                pruning.prune_versions(database)
    return numbers


def test_a_rule_keeps_what_it_promises_while_versions_come_and_aliases_move(many, database_url: str):
    with closing(Database(database_url)) as database:
        with database.write() as session:
            versions.add(session, MODEL, new_version(), "test")
            rules.set_rule(session, MODEL, RetentionRule(keep_last=3, keep_rollbacks=0), "test")
        many(register_and_make_room)
        with database.read() as session:
            kept = {version.version for version in versions.list_versions(session, MODEL, 200, None).items}
            model, _ = models.get_model(session, MODEL)
            deleted = audit.list_events(session, audit.EventFilter(action="version-deleted"), 200, None).items
    newest = 1 + PROCESSES * TIMES
    assert kept == {newest, newest - 1, newest - 2} | set(model.aliases.values())
    assert len(model.aliases) == PROCESSES
    assert model.versions == len(kept)
    assert sorted(event.subject["version"] for event in deleted) == sorted(set(range(1, newest + 1)) - kept)


def test_numbers_are_given_once_and_without_a_gap(many, database_url: str):
    given = sorted(number for numbers in many(register) for number in numbers)
    assert given == list(range(1, PROCESSES * TIMES + 1))
    with closing(Database(database_url)) as database, database.read() as session:
        model, _ = models.get_model(session, MODEL)
        assert (model.versions, model.latest) == (len(given), len(given))


def test_no_move_of_an_alias_is_lost(many, database_url: str):
    with closing(Database(database_url)) as database:
        with database.write() as session:
            for _ in range(5):
                versions.add(session, MODEL, new_version(), "test")
        many(move)
        with database.read() as session:
            history = aliases.history(session, MODEL, "production", 200, None).items
            current, _ = aliases.get_alias(session, MODEL, "production")
    assert history[0].version == current.version
    targets = [one.version for one in reversed(history)]
    assert all(first != second for first, second in itertools.pairwise(targets)), "a move changes something"
    assert len(targets) > PROCESSES


def test_each_version_is_deleted_once_and_never_under_an_alias(many, database_url: str):
    with closing(Database(database_url)) as database:
        with database.write() as session:
            for _ in range(20):
                versions.add(session, MODEL, new_version(), "test")
            aliases.move(session, MODEL, "production", AliasTarget(version=7), "test")
        deleted = sorted(number for numbers in many(delete) for number in numbers)
        with database.read() as session:
            model, _ = models.get_model(session, MODEL)
    assert deleted == [number for number in range(1, 21) if number != 7]
    assert (model.versions, model.latest) == (1, 7)


def test_the_tags_that_are_found_are_those_that_are_there(many, database_url: str):
    with closing(Database(database_url)) as database:
        with database.write() as session:
            versions.add(session, MODEL, new_version(tags={"turn": "none"}), "test")
        many(tag)
        with database.read() as session:
            version, revision = versions.get_version(session, MODEL, 1)
            found = versions.list_versions(
                session, MODEL, 5, None, VersionFilter(tags=[TagCondition("turn", version.tags["turn"])])
            )
            by_name = versions.list_versions(session, MODEL, 5, None, VersionFilter(tags=[TagCondition("turn", None)]))
    assert revision == 1 + PROCESSES * TIMES
    assert [one.version for one in found.items] == [one.version for one in by_name.items] == [1]


def test_each_old_job_is_forgotten_by_one_of_many_that_prune(many, database_url: str):
    with closing(Database(database_url)) as database:
        with database.write() as session:
            for _ in range(600):
                jobs.add(session, NewJob(kind="train", model=MODEL, request={}))
            session.execute(text("UPDATE jobs SET state = 'succeeded', finished_at = :now"), {"now": datetime.now(UTC)})
        assert sum(many(prune)) == 600
