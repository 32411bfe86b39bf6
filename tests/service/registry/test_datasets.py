"""Datasets in the registry: whose name, whose bytes, and who still needs them."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text, update

from service.problems import Conflict, NotFound, PreconditionFailed
from service.registry import audit, datasets
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim
from service.registry.models import versions
from service.registry.tables import DatasetPartRow, DatasetRow, JobRow
from tests.support.registry_rows import new_job, new_version

# Those who wait for a lock of this session.
WAITERS = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
FIRST, SECOND, THIRD = (f"sha256:{digit * 64}" for digit in "123")


@pytest.fixture(autouse=True)
def stored(session):
    """Three datasets, stored at the same moment."""
    for digest in (FIRST, SECOND, THIRD):
        datasets.add(session, datasets.NewDataset(id=digest, format="csv", bytes=3))
    session.execute(update(DatasetRow).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))


def ended_job(session, dataset: str, state: str) -> str:
    job = jobs.add(session, new_job(dataset=dataset)).id
    row = jobs.claim(session, job, "worker", lease_seconds=30)
    jobs.end(session, Claim(row.id, row.attempt), state)
    return job


def test_the_same_content_twice_is_one_dataset(session):
    assert not datasets.add(session, datasets.NewDataset(id=FIRST, format="csv", bytes=3))
    assert session.scalar(select(func.count()).select_from(DatasetRow)) == 3


def test_bytes_are_read_in_the_order_of_their_storing_to_the_end(session):
    datasets.add_parts(session, FIRST, [b"one", b"two"])
    datasets.add_parts(session, SECOND, [b"three"])
    assert list(datasets.read_parts(session, FIRST)) == [b"one", b"two"]
    assert (datasets.find_part(session, FIRST, 1), datasets.find_part(session, FIRST, 2)) == (b"two", None)


def test_a_deletion_takes_the_bytes_and_leaves_those_of_others(session):
    datasets.add_parts(session, FIRST, [b"one", b"two"])
    datasets.add_parts(session, SECOND, [b"three"])
    assert datasets.delete_dataset(session, FIRST, "ada") == (FIRST, None)
    assert session.scalars(select(DatasetPartRow.content)).all() == [b"three"]


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_an_ended_job_forgets_its_deleted_dataset_and_no_other_job_does(session, state):
    ended, other = ended_job(session, FIRST, state), ended_job(session, SECOND, state)
    datasets.delete_dataset(session, FIRST, "ada")
    session.expire_all()
    assert (session.get(JobRow, ended).dataset, session.get(JobRow, other).dataset) == (None, SECOND)


def test_a_dataset_is_kept_for_jobs_that_have_not_ended_and_only_for_its_own(session):
    job = jobs.add(session, new_job(dataset=SECOND)).id
    with pytest.raises(Conflict, match=job):
        datasets.delete_dataset(session, SECOND, "ada")
    datasets.delete_dataset(session, FIRST, "ada")


def test_a_dataset_is_kept_for_its_versions_which_are_counted(session):
    versions.add(session, "iris", new_version(dataset=FIRST), "ada")
    with pytest.raises(Conflict, match=r"^1 version came from"):
        datasets.delete_dataset(session, FIRST, "ada")
    versions.add(session, "iris", new_version(dataset=FIRST), "ada")
    with pytest.raises(Conflict, match=r"^2 versions came from"):
        datasets.delete_dataset(session, FIRST, "ada")


def test_each_new_name_is_a_revision_and_an_event_and_the_same_name_is_neither(session):
    for name in ("irises", "irises", "flowers", None):
        datasets.set_name(session, FIRST, name, "ada")
    assert datasets.get_row(session, FIRST).revision == 1 + 3
    events = audit.list_events(session, audit.EventFilter(), 10, None).items
    changes = [(event.subject["before"], event.subject["after"]) for event in reversed(events)]
    assert changes == [(None, "irises"), ("irises", "flowers"), ("flowers", None)]
    assert {(event.action, event.actor) for event in events} == {("dataset-named", "ada")}


def test_the_name_of_another_dataset_is_refused_and_two_may_have_none(session):
    datasets.set_name(session, FIRST, "irises", "ada")
    with pytest.raises(Conflict, match="`irises`"):
        datasets.set_name(session, SECOND, "irises", "ada")
    datasets.set_name(session, SECOND, "flowers", "ada")
    for digest in (FIRST, SECOND):
        datasets.set_name(session, digest, None, "ada")
    assert [datasets.get_row(session, digest).name for digest in (FIRST, SECOND)] == [None, None]


def test_a_change_or_deletion_of_another_revision_is_refused(session):
    with pytest.raises(PreconditionFailed):
        datasets.set_name(session, FIRST, "irises", "ada", expected=2)
    with pytest.raises(PreconditionFailed):
        datasets.delete_dataset(session, FIRST, "ada", expected=2)
    datasets.set_name(session, FIRST, "irises", "ada", expected=1)
    datasets.delete_dataset(session, FIRST, "ada", expected=2)


def test_an_unknown_name_is_refused_with_the_nearest(session):
    datasets.set_name(session, FIRST, "irises", "ada")
    with pytest.raises(NotFound, match=r"`irisess`\. Did you mean `irises`\?"):
        datasets.get_row(session, "irisess")


@pytest.mark.parametrize(("limit", "pages"), [(1, [[THIRD], [SECOND], [FIRST]]), (2, [[THIRD, SECOND], [FIRST]])])
def test_pages_hold_each_dataset_once_though_all_came_at_one_moment(session, limit, pages):
    page = datasets.list_datasets(session, limit, None)
    contents = [page.items]
    while page.next_cursor is not None:
        page = datasets.list_datasets(session, limit, page.next_cursor)
        contents.append(page.items)
    assert [[dataset.id for dataset in items] for items in contents] == pages


def test_a_full_last_page_is_the_last(session):
    assert datasets.list_datasets(session, 3, None).next_cursor is None


def test_a_dataset_has_progress_until_it_is_profiled_and_keeps_its_warnings(session):
    warning = {"code": "guessed-encoding", "message": "Read as Latin-1."}
    datasets.set_progress(session, FIRST, 0.25)
    profiling = datasets.get_dataset(session, FIRST)[0]
    datasets.finish_profile(session, FIRST, 2, [], [warning])
    session.expire_all()
    ready, other = (datasets.get_dataset(session, digest)[0] for digest in (FIRST, SECOND))
    assert (profiling.state, profiling.progress, profiling.columns, profiling.warnings) == ("profiling", 0.25, None, [])
    assert (ready.state, ready.progress, ready.rows, ready.columns) == ("ready", None, 2, [])
    assert [stored.model_dump() for stored in ready.warnings] == [warning]
    assert (other.state, other.progress) == ("profiling", None)


def test_a_dataset_that_is_gone_cannot_be_held(session):
    datasets.hold(session, FIRST)
    with pytest.raises(NotFound, match="deleted in the meantime"):
        datasets.hold(session, f"sha256:{'9' * 64}")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_dataset_that_another_deletes_in_the_meantime_is_not_found(registry):
    """The second waits for the first's lock on the row, and then the row is gone."""
    problems = []

    def rename() -> None:
        try:
            with registry.write() as session:
                datasets.set_name(session, FIRST, "irises", "ada")
        except NotFound as problem:
            problems.append(problem.detail)

    with registry.write() as session:
        datasets.add(session, datasets.NewDataset(id=FIRST, format="csv", bytes=3))
    second = threading.Thread(target=rename)
    with registry.write() as session:
        datasets.delete_dataset(session, FIRST, "ada")
        second.start()
        while second.is_alive() and not session.scalar(WAITERS):
            pass
    second.join()
    assert len(problems) == 1
    assert "deleted in the meantime" in problems[0]
