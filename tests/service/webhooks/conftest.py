"""Services that send webhooks to this machine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.registry.database import Database
from tests.support import logs, postgresql
from tests.support.launching import start_fleet, start_up
from tests.support.receiver import SETTINGS, Receiver
from tests.support.service import Service


@pytest.fixture(scope="module")
def sqlite_sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = start_up(tmp_path_factory.mktemp("webhooks"), api_processes=2, workers=0, **SETTINGS)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def fleet_sender(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: postgresql.PostgreSQL
) -> Iterator[Service]:
    with postgresql_server.database() as url:
        folder = tmp_path_factory.mktemp("webhook-fleet")
        service = start_fleet(folder, url, workers=0, api_processes=2, **SETTINGS)
        yield service
        service.stop()


@pytest.fixture
def sender(database: str, request: pytest.FixtureRequest) -> Service:
    """A service with two API processes that may send to this machine; shared, so use models of your own."""
    service = request.getfixturevalue("sqlite_sender" if database == "sqlite" else "fleet_sender")
    logs.watch(request.node, service)
    return service


@pytest.fixture
def registry(sender: Service) -> Iterator[Database]:
    """The database of the service, changed by this test as a worker would."""
    registry = Database(sender.database_url)
    yield registry
    registry.close()


@pytest.fixture
def listen(sender: Service, receiver: Receiver, model: str) -> Iterator[Callable[..., dict[str, Any]]]:
    """`listen(events=["job.ended"])` makes a webhook for the test's model that leads to the receiver."""
    made = []

    def add(**chosen: Any) -> dict[str, Any]:
        made.append(sender.post("/webhooks", json={"url": receiver.url, "events": ["*"], "models": [model]} | chosen))
        return made[-1]

    yield add
    for webhook in made:
        sender.http.delete(webhook["links"]["self"])
