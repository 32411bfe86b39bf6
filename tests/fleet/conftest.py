"""A fleet on one PostgreSQL: two APIs and three workers, each a machine's worth of processes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import psutil
import pytest

from service.registry.database import Database
from service.registry.jobs import jobs
from tests.support import logs
from tests.support.launching import start_fleet
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


@pytest.fixture(scope="session")
def running_fleet(tmp_path_factory, postgresql_server) -> Iterator[Fleet]:
    with ExitStack() as cleanup:
        url = cleanup.enter_context(postgresql_server.database())
        folder = tmp_path_factory.mktemp("machines")
        service = start_fleet(folder / "data", url, apis=APIS, workers=WORKERS, lease_seconds=2)
        cleanup.callback(service.stop)
        addresses = [service.url, *(process.wait_ready() for process in service.processes[1:APIS])]
        apis = [cleanup.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False)) for url in addresses]
        database = Database(url)
        cleanup.callback(database.close)
        yield Fleet(service, apis, database)


@pytest.fixture
def fleet(running_fleet, request) -> Fleet:
    """Shared by the tests: use model names of your own. One of its workers may have been killed."""
    logs.watch(request.node, running_fleet.service)
    return running_fleet
