"""Kills of any process at random instants. The seed is printed with a failure and may be given again:

FEEDFORWARD_KILL_SEED=123 pytest tests/promises/faults/test_random_kills.py.
FEEDFORWARD_NIGHTLY=1 kills 200 times, not 6.
"""

import os
import random
import signal
import time
import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import func, select

from service.registry.database import Database
from service.registry.tables import CheckpointRow, JobEventRow, JobRow
from service.schemas.job import TERMINAL
from tests.support.long_trainings import digest, end_quietly, only_version, running_module, training, wait_until
from tests.support.service import Service

KILLS = 200 if os.environ.get("FEEDFORWARD_NIGHTLY") == "1" else 6
JOBS_AT_ONCE = 2
MODULES = ("service.jobs.worker.process", "feedforward.processes.api_process")
LONGEST_CALM_SECONDS = 0.7


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("FEEDFORWARD_KILL_SEED", uuid.uuid4().int % 2**32))
    print(f"FEEDFORWARD_KILL_SEED={seed}")
    return random.Random(seed)


class Target:
    """A service under fire: started again where it can't do that by itself, asked again where it did not answer."""

    def __init__(self, start: Callable[[], Service]) -> None:
        self._start = start
        self.service = start()
        self.jobs: list[str] = []

    def submit(self) -> None:
        """Queue one more training under an Idempotency-Key, as often as it takes to be told that it was taken."""
        model = f"spirals-{len(self.jobs)}"
        headers = {"Idempotency-Key": model}

        def accepted() -> httpx.Response | None:
            try:
                answer = self.service.http.post("/train", json=training(model), headers=headers)
            except httpx.TransportError:
                return None
            return answer if answer.is_success else None

        self.jobs.append(wait_until(accepted, "a job to be accepted").json()["id"])

    def unfinished(self) -> int:
        return len([job for job in self.jobs if self._state(job) not in TERMINAL])

    def kill_one(self, chance: random.Random) -> None:
        """Kill a trainer, an API process, or one of the commands that an operator started."""
        kind = chance.choice([*MODULES, "command"])
        if kind == "command":
            self._kill_commands(chance)
            return
        found = running_module(self.service, kind)
        if found:
            end_quietly(chance.choice(found), signal.SIGKILL)

    def _kill_commands(self, chance: random.Random) -> None:
        """Those that an operator started, one after the other; what is below them must end by itself."""
        for process in chance.sample(self.service.processes, len(self.service.processes)):
            process.kill()
        self.service = self._start()

    def _state(self, job: str) -> str | None:
        try:
            return self.service.http.get(f"/jobs/{job}").json()["state"]
        except httpx.TransportError:
            return None


def test_after_kills_at_random_instants_each_job_has_ended_once_with_the_same_bits(
    start, own_database_url, chance, calm_digest
):
    target = Target(lambda: start(workers=2, lease_seconds=2, max_attempts=1000))
    for _ in range(KILLS):
        while target.unfinished() < JOBS_AT_ONCE:
            target.submit()
        time.sleep(chance.uniform(0, LONGEST_CALM_SECONDS))
        target.kill_one(chance)
    wait_until(lambda: target.unfinished() == 0, "the end of all jobs")
    for job in target.jobs:
        ended = target.service.wait_for(job)
        assert digest(target.service, ended) == calm_digest
        only_version(target.service, ended["model"])
    nothing_is_left(own_database_url, target.jobs)


def nothing_is_left(url: str, accepted: list[str]) -> None:
    """No job but those accepted, none running, no checkpoint, and the end of each told once."""
    database = Database(url)
    with database.read() as session:
        assert sorted(session.scalars(select(JobRow.id))) == sorted(accepted)
        assert session.scalar(select(func.count()).where(JobRow.state == "running")) == 0
        assert session.scalar(select(func.count()).select_from(CheckpointRow)) == 0
        told = session.scalars(select(JobEventRow).where(JobEventRow.event == "state")).all()
        assert sorted(event.job for event in told if event.data["state"] in TERMINAL) == sorted(accepted)
    database.close()
