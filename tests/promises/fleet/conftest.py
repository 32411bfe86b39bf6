"""A fleet on one PostgreSQL: two APIs and three workers, each a machine's worth of processes."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from service.registry.database import Database
from tests.support import logs
from tests.support.fleet import APIS, WORKERS, Fleet
from tests.support.launching import start_fleet


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
