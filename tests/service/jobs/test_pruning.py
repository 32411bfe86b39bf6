"""Jobs that ended long ago are forgotten, and nothing else is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text, update

from feedforward.command_line import main
from service.jobs import pruning
from service.problems import NotFound
from service.registry.idempotency import Idempotency, remember
from service.registry.jobs import jobs
from service.registry.models import curves, retention, versions
from service.registry.monitoring import prediction_log
from service.registry.tables import (
    IdempotencyRow,
    JobCurveRow,
    JobEventRow,
    JobRow,
    LoggedPredictionRow,
    ModelRow,
    VersionRow,
)
from service.schemas.monitoring import PredictionLogSettings
from service.schemas.retention import RetentionRule
from tests.support.registry_rows import new_job, new_version

MONTH = timedelta(days=30)


def age(registry, job, days, **values):
    """Make a job look as if it had been queued, and had ended, that long ago; returns its id from then."""
    then = datetime.now(UTC) - timedelta(days=days)
    milliseconds = f"{int(then.timestamp() * 1000):012x}"  # what a UUID of version 7 begins with
    id_then = f"{milliseconds[:8]}-{milliseconds[8:]}{job[13:]}"
    with registry.write() as session:
        for table in (JobEventRow, JobCurveRow):  # written anew below the id from then
            session.execute(table.__table__.delete().where(table.job == job))
        session.execute(update(JobRow).where(JobRow.id == job).values(id=id_then, created_at=then, **values))
        session.add(JobEventRow(job=id_then, number=1, event="state", data={}))
        session.add(JobCurveRow(job=id_then, first_epoch=1, points=[]))
        session.execute(update(IdempotencyRow).where(IdempotencyRow.job == job).values(job=id_then, created_at=then))
    return id_then


@pytest.fixture
def ended(registry, running):
    """`ended(days=40)` is the id of a job that ended so long ago, with a version and an Idempotency-Key."""

    def end(days: float) -> str:
        held = running()
        with registry.write() as session:
            versions.add(session, "iris", new_version(weights=str(days).encode()), "me")
            remember(session, Idempotency(f"key-{days}", "fingerprint"), job=held.job)
            jobs.end(session, held, "succeeded", version=1)
        return age(registry, held.job, days, finished_at=datetime.now(UTC) - timedelta(days=days))

    return end


def count(registry, table):
    with registry.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_old_jobs_go_with_all_that_is_theirs_and_their_versions_stay(registry, ended):
    old, young = ended(days=40), ended(days=20)
    assert pruning.prune(registry, MONTH) == 1
    with registry.read() as session:
        assert jobs.get_job(session, young).state == "succeeded"
        with pytest.raises(NotFound):
            jobs.get_job(session, old)
        with pytest.raises(NotFound):
            curves.get_of_job(session, old)
        assert versions.get_weights(session, "iris", "1")[1] == b"40"
    assert [count(registry, table) for table in (JobRow, JobEventRow, JobCurveRow, IdempotencyRow)] == [1, 1, 1, 1]


def add_unwanted(registry, ended):
    """An old job, and of another model two logged predictions and two versions where one of each is to stay."""
    ended(days=40)
    with registry.write() as session:
        for weights in (b"first", b"second"):
            versions.add(session, "roses", new_version(weights=weights), "me")
        retention.set_rule(session, "roses", RetentionRule(keep_last=1), "me")
        versions.add(session, "roses", new_version(weights=b"third"), "me")
        model = session.scalars(select(ModelRow.id).where(ModelRow.name == "roses")).one()
        log = PredictionLogSettings(sample=1, keep_rows=1)
        prediction_log.set_log(session, "roses", log, "me")
        for row in range(2):
            values = {"request": "r", "inputs": [], "outputs": [], "label": None, "labelled_at": None}
            session.add(LoggedPredictionRow(model_id=model, version=2, at=datetime.now(UTC), row=row, **values))


async def prune_until_nothing_is_left(registry, is_done):
    pruner = asyncio.create_task(pruning.prune_forever(registry, keep_days=30))
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(is_done):
            assert not pruner.done(), pruner.exception()
            await asyncio.sleep(0.02)
    pruner.cancel()


def test_a_running_service_prunes_predictions_versions_and_jobs(registry, ended):
    add_unwanted(registry, ended)

    def is_done() -> bool:
        with registry.read() as session:
            roses = session.scalars(select(ModelRow.id).where(ModelRow.name == "roses")).one()
            kept = select(func.count()).select_from(VersionRow).where(VersionRow.model_id == roses)
            n_versions = session.scalar(kept.where(VersionRow.deleted_at.is_(None)))
        return [count(registry, LoggedPredictionRow), n_versions, count(registry, JobRow)] == [1, 1, 0]

    asyncio.run(prune_until_nothing_is_left(registry, is_done))


def test_a_sweep_that_fails_does_not_end_the_others(registry, ended):
    """Without the table of retention rules no version can be pruned; jobs, whose turn comes later, still are."""
    ended(days=40)
    with registry.write() as session:
        session.execute(text("ALTER TABLE retention_rules RENAME TO hidden"))
    asyncio.run(prune_until_nothing_is_left(registry, lambda: count(registry, JobRow) == 0))


def test_a_key_that_made_no_job_goes_when_it_is_as_old(registry):
    with registry.write() as session:
        for name in ("old", "young"):
            remember(session, Idempotency(name, "fingerprint"), dataset="sha256:0")
        then = datetime.now(UTC) - timedelta(days=40)
        session.execute(update(IdempotencyRow).where(IdempotencyRow.key == "old").values(created_at=then))
    pruning.prune(registry, MONTH)
    with registry.read() as session:
        assert session.scalars(select(IdempotencyRow.key)).all() == ["young"]


def test_a_job_that_has_waited_or_run_for_long_is_kept(registry, running):
    with registry.write() as session:
        waiting = jobs.add(session, new_job()).id
    kept = [age(registry, waiting, 40), age(registry, running().job, 50)]
    assert pruning.prune(registry, MONTH) == 0
    with registry.read() as session:
        assert {jobs.get_job(session, job).state for job in kept} == {"queued", "running"}


def test_what_does_not_fit_in_one_transaction_goes_in_the_next(registry, ended):
    for days in (31, 32, 33, 34, 35):
        ended(days)
    kept = ended(days=1)
    assert pruning.prune(registry, MONTH, rows_a_transaction=2) == 5
    with registry.read() as session:
        assert session.scalars(select(JobRow.id)).all() == [kept]


def test_an_operator_prunes_from_the_command_line(registry, database_url, ended):
    ended(days=40)
    arguments = ["jobs", "prune", "--database-url", database_url, "--older-than"]
    assert CliRunner().invoke(main, [*arguments, "50d"]).output == "0 jobs deleted.\n"
    assert CliRunner().invoke(main, [*arguments, "30d"]).output == "1 job deleted.\n"
    assert CliRunner().invoke(main, [*arguments, "30d", "--json"]).output == '{"deleted":0}\n'
    refused = CliRunner().invoke(main, [*arguments, "a month"])
    assert refused.exit_code == 2
    assert "30d" in refused.output
