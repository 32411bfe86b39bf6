"""What several folders share: an empty registry, specifications, logged versions, a receiver of webhooks."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs.jobs import Claim
from service.registry.migrate import ensure_current
from tests.support.launching import start_up
from tests.support.receiver import Receiver
from tests.support.registry_rows import new_job
from tests.support.service import Service
from tests.support.serving.live import Live
from tests.support.table_files import ROWS


@pytest.fixture
def registry(database_url: str) -> Iterator[Database]:
    registry = Database(database_url)
    ensure_current(registry)
    yield registry
    registry.close()


@pytest.fixture
def running(registry: Database) -> Callable[..., Claim]:
    """`running(model="a")` queues a job and claims it."""

    def start(worker: str = "worker", **chosen) -> Claim:
        with registry.write() as session:
            row = jobs.claim(session, jobs.add(session, new_job(**chosen)).id, worker, lease_seconds=30)
            return Claim(row.id, row.attempt)

    return start


@pytest.fixture
def live(server: Service) -> Iterator[Live]:
    registry = Database(server.database_url)
    yield Live(server.http, registry)
    registry.close()


@pytest.fixture(scope="session")
def watchful_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One on SQLite that checks its alerts all the time, and whose database the tests may hurt."""
    service = start_up(tmp_path_factory.mktemp("watchful"), workers=0, seconds_between_alert_checks=0.5)
    yield service
    service.stop()


@pytest.fixture
def watchful(watchful_service: Service) -> Iterator[Live]:
    registry = Database(watchful_service.database_url)
    yield Live(watchful_service.http, registry)
    registry.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def model() -> str:
    """A name of this test's own."""
    return f"m-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def specification(name: str) -> dict:
    """Two epochs on small rows."""
    return {"model": name, "label": "color", "network": {"hidden": [4]}, "training": {"epochs": 2, "seed": 1}}


@pytest.fixture
def inline(specification: dict) -> dict:
    return {**specification, "data": {"rows": ROWS}}
