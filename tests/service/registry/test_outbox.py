"""What a transaction changes and what it tells are one: neither without the other, whoever dies when."""

import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from service.registry import outbox
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.monitoring import alerts
from service.registry.monitoring.alerts import Verdict
from service.registry.webhooks import deliveries, settings
from service.schemas.monitoring import AlertRules
from service.schemas.webhooks import Attempt, NewWebhook
from service.webhooks.sender import prune_deliveries
from tests.support.receiver import SETTINGS, Answer, register, wait_ended, wait_tried

ATTEMPT = Attempt(at="2026-11-25T08:00:00Z", seconds=0.1, status=204, error=None)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def registry(database_url: str):
    """An empty database that no service looks at."""
    registry = Database(database_url)
    ensure_current(registry)
    yield registry
    registry.close()


@pytest.fixture
def webhook(registry: Database) -> str:
    with registry.write() as session:
        new = NewWebhook(url="https://example.com/", events=["*"])
        return settings.add(session, new, SECRET, "test")[0].id


def queued(registry: Database, webhook: str) -> list[tuple[str, dict]]:
    with registry.read() as session:
        found = deliveries.list_deliveries(session, webhook, state="queued", event_type=None, limit=200, cursor=None)
    return [(delivery.type, delivery.payload["data"]) for delivery in found.items]


def test_what_is_rolled_back_is_not_told(registry, webhook):
    class Stop(Exception):
        pass

    def change_and_stop() -> None:
        with registry.write() as session:
            outbox.queue(session, "model.drifted", "iris", {})
            assert outbox.list_listeners(session, "model.drifted", "iris") == [webhook]
            raise Stop

    with pytest.raises(Stop):
        change_and_stop()
    assert queued(registry, webhook) == []
    register(registry, "iris")
    assert [kind for kind, _ in queued(registry, webhook)] == ["version.registered"]


def test_an_alarm_about_live_predictions_is_told(registry, webhook):
    register(registry, "iris")
    verdict = Verdict(version=1, rule="psi", alarm=True, sentence="`x` has drifted.")
    with registry.write() as session:
        alerts.set_alerts(session, "iris", AlertRules(psi=0.25), "test")
        alerts.note(session, "iris", [verdict], {1}, datetime(2026, 11, 25, tzinfo=UTC))
    told = {"model": "iris", "version": 1, "rule": "psi", "sentence": "`x` has drifted.", "by": "feedforward"}
    assert queued(registry, webhook)[0] == ("model.drifted", told)


def test_of_many_senders_one_claims_each_delivery(registry, webhook):
    for _ in range(12):
        register(registry, "iris")
    claimed: list[str] = []

    def claim() -> None:
        with registry.write() as session:
            claimed.extend(message.id for message in deliveries.claim(session, webhook, 3, lease_seconds=60))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(claimed)) == len(claimed)
    with registry.write() as session:
        rest = deliveries.claim(session, webhook, 100, lease_seconds=60)
    assert len(claimed) + len(rest) == 12


def test_what_a_dead_sender_held_is_sent_by_another(registry, webhook):
    register(registry, "iris")
    with registry.write() as session:
        [held] = deliveries.claim(session, webhook, 1, lease_seconds=0)
    with registry.write() as session:
        [again] = deliveries.claim(session, webhook, 1, lease_seconds=60)
        assert (again.id, again.claim) == (held.id, held.claim + 1)
        deliveries.note(session, held, ATTEMPT, "delivered")  # it was not dead after all: too late
        assert deliveries.get_delivery(session, webhook, held.id).state == "queued"


def test_the_log_forgets_what_is_old_or_too_much_but_nothing_that_is_to_be_sent(registry, webhook):
    for _ in range(9):
        register(registry, "iris")
    with registry.write() as session:
        for message in deliveries.claim(session, webhook, 8, lease_seconds=60):
            deliveries.note(session, message, ATTEMPT, "delivered")
    assert prune_deliveries(registry) == 0
    assert prune_deliveries(registry, most=6, rows_a_transaction=2) == 3
    assert prune_deliveries(registry, keep=timedelta(0)) == 5
    assert len(queued(registry, webhook)) == 1


def test_a_kill_of_everything_loses_no_event(start_server, receiver):
    """After a first attempt that failed all processes are killed, and a change is made while none runs."""
    service = start_server(workers=0, **SETTINGS)
    webhook = service.post("/webhooks", json={"url": receiver.url, "events": ["version.registered"]})
    receiver.answers = [Answer(503, {"Retry-After": "1"})]
    live = Database(service.database_url)
    register(live, "iris")
    wait_tried(service, webhook)
    service.process.kill_group()
    register(live, "iris")
    live.close()
    again = start_server(workers=0, **SETTINGS)
    delivered = wait_ended(again, webhook, 2)
    assert {delivery["state"] for delivery in delivered} == {"delivered"}
    assert {one.payload["data"]["version"] for one in receiver.received} == {1, 2}
    assert len({one.id for one in receiver.received}) == 2


def test_what_is_being_sent_arrives_when_the_server_is_stopped(start_server, receiver):
    service = start_server(workers=0, **SETTINGS)
    webhook = service.post("/webhooks", json={"url": receiver.url, "events": ["version.registered"]})
    is_stopping = threading.Event()
    receiver.answers = [Answer(after=is_stopping)]
    live = Database(service.database_url)
    register(live, "iris")
    receiver.wait(1)
    service.process.process.terminate()
    while _answers(service.url):
        pass  # it is not stopping yet
    is_stopping.set()
    assert service.process.wait() == 0
    with live.read() as session:
        [delivery] = deliveries.list_deliveries(
            session, webhook["id"], state=None, event_type=None, limit=9, cursor=None
        ).items
    live.close()
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [204])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", trust_env=False).is_success
    except httpx.HTTPError:
        return False
