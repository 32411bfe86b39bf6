"""Clocks that are wrong, or jump: leases only say when to look for another worker, the attempt says who may write."""

from datetime import UTC, datetime, timedelta

import pytest

from service.jobs import recovery
from service.registry import dialects
from service.registry.jobs import jobs, progress
from service.registry.jobs.jobs import Claim, ClaimLost
from service.registry.models import versions
from tests.support.registry_rows import new_version

DAY = timedelta(days=1)


def test_a_clock_that_jumps_ahead_lets_no_two_attempts_write(registry, running):
    first = running()
    with registry.write() as session:
        assert recovery.recover_expired(session, now=datetime.now(UTC) + DAY) == [first.job]
        row = jobs.claim(session, first.job, "another", lease_seconds=30)
        second = Claim(row.id, row.attempt)
    with pytest.raises(ClaimLost), registry.write() as session:
        progress.write_checkpoint(session, first, 1, b"state", [])
    with registry.write() as session:
        number = versions.add(session, "iris", new_version(job=second.job), "me")
        assert jobs.end(session, second, "succeeded", version=number).version == 1


def test_a_clock_that_jumps_back_delays_no_more_than_the_noticing(registry, running):
    held = running()
    with registry.write() as session:
        assert recovery.recover_expired(session, now=datetime.now(UTC) - DAY) == []
        assert progress.heartbeat(session, held, 30) is None
        assert recovery.recover_expired(session, now=datetime.now(UTC) + timedelta(seconds=31)) == [held.job]


class Tomorrow(datetime):
    """The clock of a machine that is a day ahead."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + DAY


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_fleet_goes_by_its_databases_clock(registry, running, monkeypatch):
    running()
    monkeypatch.setattr(dialects, "datetime", Tomorrow)
    with registry.write() as session:
        assert recovery.recover_expired(session) == []
