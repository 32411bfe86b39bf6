"""A fleet's processes, clients and database."""

from dataclasses import dataclass

import httpx
import psutil

from service.registry.database import Database
from service.registry.jobs import jobs
from tests.support.processes import FeedforwardProcess
from tests.support.service import Service

APIS, WORKERS = 2, 3


@dataclass(frozen=True)
class Fleet:
    """All its processes, a client for each API, and the database between them."""

    service: Service
    apis: list[httpx.Client]
    database: Database

    @property
    def workers(self) -> list[FeedforwardProcess]:
        return self.service.processes[APIS:]

    def machine_of(self, job: str) -> FeedforwardProcess:
        """The worker command whose trainer holds a job: trainers carry the name under which they claim."""
        with self.database.read() as session:
            name = jobs.get_row(session, job).worker
        [machine] = [worker for worker in self.workers if name in words_below(worker)]
        return machine


def words_below(command: FeedforwardProcess) -> set[str]:
    """All words of the command lines of a command's processes."""
    if command.process.poll() is not None:
        return set()
    return {word for child in psutil.Process(command.pid).children() for word in child.cmdline()}
