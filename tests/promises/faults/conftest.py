"""Services of a test's own, to be killed and started again, and what an undisturbed one gives."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support import logs
from tests.support.launching import start_fleet, start_up
from tests.support.long_trainings import digest, training
from tests.support.service import Service


@pytest.fixture
def own_database_url(database, tmp_path, request) -> Iterator[str]:
    """The database on which `start` starts."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'feedforward.db'}"
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        yield url


@pytest.fixture
def start(database, own_database_url, tmp_path, request) -> Iterator[Callable[..., Service]]:
    """`start(workers=1)` starts the service on this test's own database; called again, on the same one."""
    with ExitStack() as cleanup:

        def start_again(**chosen) -> Service:
            data = tmp_path / "data"
            service = (
                start_up(data, **chosen) if database == "sqlite" else start_fleet(data, own_database_url, **chosen)
            )
            cleanup.callback(service.stop)
            logs.watch(request.node, service)
            return service

        yield start_again


@pytest.fixture(scope="session")
def calm_digest(tmp_path_factory) -> str:
    """The weights of an undisturbed run of `training()`."""
    service = start_up(tmp_path_factory.mktemp("calm"))
    try:
        return digest(service, service.train(training()))
    finally:
        service.stop()
