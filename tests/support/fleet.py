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
    """The processes of a fleet, a client for each API, and their database."""

    service: Service
    apis: list[httpx.Client]
    database: Database

    @property
    def workers(self) -> list[FeedforwardProcess]:
        return self.service.processes[APIS:]

    def machine_of(self, job: str) -> FeedforwardProcess:
        """The worker command that holds a job: a process of it has the name that claimed the job as an argument."""
        with self.database.read() as session:
            name = jobs.get_row(session, job).worker
        [machine] = [worker for worker in self.workers if name in arguments_below(worker)]
        return machine


def arguments_below(command: FeedforwardProcess) -> set[str]:
    """The arguments of all child processes of a command."""
    if command.process.poll() is not None:
        return set()
    return {word for child in psutil.Process(command.pid).children() for word in child.cmdline()}
