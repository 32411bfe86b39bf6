"""Fixtures that every test may use: real servers on real databases, and a real browser.

`server`, `http` and `train` run each test on SQLite and on PostgreSQL; `start_server` starts one with other settings.
`serving` is a server whose versions the test puts together by hand, without a training.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, sync_playwright

from service.registry.database import Database
from tests.support import chromium, logs, postgresql, strictness
from tests.support.launching import start_fleet, start_up
from tests.support.processes import FeedforwardProcess
from tests.support.service import Service
from tests.support.serving.server import Serving


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(strictness)
    config.pluginmanager.register(logs)


# The same examples in each CI run; no example is failed for being slow on a busy machine.
settings.register_profile("project", deadline=None, derandomize=strictness.IN_CI, print_blob=True)
settings.load_profile("project")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database. For one alone: `@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`."""
    return request.param


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.PostgreSQL]:
    with postgresql.running() as server:
        yield server


@pytest.fixture
def database_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database, this test's own."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'feedforward.db'}"
    else:
        with request.getfixturevalue("postgresql_server").database() as url:
            yield url


@pytest.fixture(scope="session")
def sqlite_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`feedforward up` with its default settings, one for the whole session."""
    service = start_up(tmp_path_factory.mktemp("up"))
    yield service
    service.stop()


@pytest.fixture(scope="session")
def fleet_service(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: postgresql.PostgreSQL
) -> Iterator[Service]:
    """`feedforward api` and `feedforward worker` on PostgreSQL, one of each for the whole session."""
    with postgresql_server.database() as url:
        service = start_fleet(tmp_path_factory.mktemp("fleet"), url)
        yield service
        service.stop()


@pytest.fixture
def server(database: str, request: pytest.FixtureRequest) -> Service:
    """A running service that tests share: use model names of your own, and change no settings."""
    service = request.getfixturevalue("sqlite_service" if database == "sqlite" else "fleet_service")
    logs.watch(request.node, service)
    return service


@pytest.fixture
def http(server: Service) -> httpx.Client:
    return server.http


@pytest.fixture
def train(server: Service) -> Callable[..., dict]:
    """`train(specification)` posts it, waits for the job to end and returns the job."""
    return server.train


@pytest.fixture
def start_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Service]]:
    """`start_server(workers=1, max_rows=5)` starts `feedforward up` on SQLite with these settings, as often as called.

    `data=` is a folder to start on, by default one of this test's own; the same one for each call.
    """
    with ExitStack() as cleanup:

        def start(data: Path = tmp_path / "data", **chosen: object) -> Service:
            service = start_up(data, **chosen)
            cleanup.callback(service.stop)
            logs.watch(request.node, service)
            return service

        yield start


@pytest.fixture
def start_fleet_server(
    tmp_path: Path, request: pytest.FixtureRequest, postgresql_server: postgresql.PostgreSQL
) -> Iterator[Callable[..., Service]]:
    """`start_fleet_server(apis=2, workers=1)` starts a fleet with these settings on a database of its own."""
    with ExitStack() as cleanup:
        url = cleanup.enter_context(postgresql_server.database())

        def start(**chosen: object) -> Service:
            service = start_fleet(tmp_path / "fleet", url, **chosen)
            cleanup.callback(service.stop)
            logs.watch(request.node, service)
            return service

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium. Not the session's: Playwright's event loop would be in the way of others."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a profile of its own. A request elsewhere, or an error on its console, fails the test."""
    with chromium.offline_page(browser) as page:
        yield page


@pytest.fixture
def name() -> str:
    """A name of this test's own, for a model or a dataset."""
    return f"m-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def start_serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Serving]]:
    """`start_serving(database_url=None, **settings)`: on SQLite where no address is given."""
    running: list[Callable[[], object]] = []

    def start(database_url: str | None = None, **settings: object) -> Serving:
        folder: Path = tmp_path_factory.mktemp("serving")
        if database_url is None:
            service = start_up(folder / "data", workers=0, **settings)
            database = Database(f"sqlite:///{folder / 'data' / 'feedforward.db'}")
            serving = Serving(service.url, service.http, database, service.process.process)
            running.extend([service.stop, serving.close])
            return serving
        process = FeedforwardProcess(
            ["api", "--port", "0"], folder / "api.log", database_url=database_url, data=folder / "data", **settings
        )
        running.append(process.stop)
        url = process.wait_ready().rstrip("/")
        http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        serving = Serving(url, http, Database(database_url), process.process)
        running.append(serving.close)
        return serving

    yield start
    for stop in reversed(running):
        stop()


@pytest.fixture(scope="session")
def serving(database: str, start_serving: Callable[..., Serving], request: pytest.FixtureRequest) -> Iterator[Serving]:
    """One server for each kind of database, shared by all tests: use models of your own."""
    if database == "sqlite":
        yield start_serving()
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        served = start_serving(url)
        yield served
        served.close()
