"""Sends queued deliveries while the application runs. Each API process has a sender; no two send one at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import structlog

from service.registry.database import Database, delete_in_batches
from service.registry.webhooks import deliveries
from service.registry.webhooks import settings as webhook_settings
from service.registry.webhooks.deliveries import Message
from service.schemas.webhooks import TEST_EVENT, Delivery, WebhookTest
from service.settings import Settings
from service.webhooks.allowed_targets import AllowedHosts
from service.webhooks.delivery import Outcome, attempt, new_client
from service.webhooks.schedule import seconds_to_next

logger = structlog.get_logger()
SECONDS_BETWEEN_PRUNINGS = 3600.0
KEEP = timedelta(days=30)
MOST_KEPT_PER_WEBHOOK = 10_000
ROWS_A_TRANSACTION = 1_000
SECONDS_TO_FINISH = 5.0
# A receiver that hangs occupies this many attempts, and none of another webhook's.
MOST_AT_ONCE = 4
# How much longer than an attempt its claim lasts; after that the sender is taken to be dead.
LEASE_MARGIN_SECONDS = 15.0
GONE = 410


class Sender:
    """Polls for due deliveries, and again as soon as an attempt ends."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.hosts = AllowedHosts(settings.webhook_hosts)
        self._database = database
        self._poll_seconds = settings.seconds_between_webhook_looks
        self._waits = settings.webhook_retry_seconds
        self._timeout_seconds = settings.webhook_timeout_seconds
        self._lease_seconds = settings.webhook_timeout_seconds + LEASE_MARGIN_SECONDS
        self._sending: dict[asyncio.Task[None], str] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._client: httpx.AsyncClient | None = None
        self._next_pruning = time.monotonic()

    @asynccontextmanager
    async def running(self, _app: object) -> AsyncIterator[None]:
        poller = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._stopping = True
            self._wake.set()
            await asyncio.wait([poller], timeout=SECONDS_TO_FINISH)
            poller.cancel()
            await self._finish()

    async def test(self, webhook: str) -> WebhookTest:
        """Send a test event now, once. Raises NotFound."""
        message = await asyncio.to_thread(self._begin_test, webhook)
        outcome = await self._attempt(message)
        await asyncio.to_thread(self._note, message, outcome)
        delivery = await asyncio.to_thread(self._get_delivery, message)
        answer = None if outcome.response is None else outcome.response.beginning.decode("utf-8", "replace")
        return WebhookTest(delivery=delivery, answer=answer)

    def _begin_test(self, webhook: str) -> Message:
        with self._database.write() as session:
            return deliveries.begin_test(session, webhook, self._lease_seconds)

    def _get_delivery(self, message: Message) -> Delivery:
        with self._database.read() as session:
            return deliveries.get_delivery(session, message.webhook, message.id)

    async def _poll(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                await self._send_due()
            except Exception as error:  # whatever it is, the next poll may succeed
                logger.warning("webhooks could not be sent", why=str(error)[:200])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._poll_seconds)

    async def _send_due(self) -> None:
        if time.monotonic() >= self._next_pruning:
            self._next_pruning = time.monotonic() + SECONDS_BETWEEN_PRUNINGS
            await asyncio.to_thread(prune_deliveries, self._database)
        busy = Counter(self._sending.values())
        for message in await asyncio.to_thread(self._claim_due, busy):
            task = asyncio.create_task(self._deliver(message))
            self._sending[task] = message.webhook
            task.add_done_callback(self._end_attempt)

    def _claim_due(self, busy: Mapping[str, int]) -> list[Message]:
        """Claim due deliveries. Writes nothing if none is due."""
        with self._database.read() as session:
            due = deliveries.list_due(session)
        free_attempts = {webhook: MOST_AT_ONCE - busy.get(webhook, 0) for webhook in due}
        messages: list[Message] = []
        for webhook, count in free_attempts.items():
            if count > 0:
                with self._database.write() as session:
                    messages += deliveries.claim(session, webhook, count, self._lease_seconds)
        return messages

    async def _deliver(self, message: Message) -> None:
        try:
            outcome = await self._attempt(message)
        except asyncio.CancelledError:
            await asyncio.to_thread(self._release, message)
            raise
        await asyncio.to_thread(self._note, message, outcome)

    async def _attempt(self, message: Message) -> Outcome:
        if self._client is None:
            self._client = await asyncio.to_thread(new_client)
        return await attempt(self._client, self.hosts, message, self._timeout_seconds)

    def _note(self, message: Message, outcome: Outcome) -> None:
        waits = [] if message.type == TEST_EVENT else self._waits
        retry_after = outcome.response.retry_after if outcome.response else 0
        wait = seconds_to_next(waits, message.tries, random.random(), retry_after)
        with self._database.write() as session:
            if outcome.attempt.error is None:
                deliveries.note(session, message, outcome.attempt, "delivered")
            elif outcome.attempt.status == GONE or wait is None:
                deliveries.note(session, message, outcome.attempt, "failed")
            else:
                deliveries.note(session, message, outcome.attempt, "queued", wait)
            if outcome.attempt.status == GONE:
                webhook_settings.disable_gone(session, message.webhook)

    def _release(self, message: Message) -> None:
        with self._database.write() as session:
            deliveries.release(session, message)

    def _end_attempt(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            logger.warning("a delivery's outcome could not be recorded", why=str(error)[:200])

    async def _finish(self) -> None:
        """Let running attempts finish; those that take too long are released, for the next sender to send again."""
        if self._sending:
            _, slow = await asyncio.wait(list(self._sending), timeout=SECONDS_TO_FINISH)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()


def prune_deliveries(
    database: Database,
    keep: timedelta = KEEP,
    most: int = MOST_KEPT_PER_WEBHOOK,
    rows_a_transaction: int = ROWS_A_TRANSACTION,
) -> int:
    """Delete the ended deliveries that are older than `keep`, or beyond the `most` newest of their webhook."""
    prune = partial(deliveries.prune, created_before=datetime.now(UTC) - keep, keep=most, limit=rows_a_transaction)
    with database.read() as session:
        webhooks = deliveries.list_webhooks(session)
    return sum(delete_in_batches(database, partial(prune, webhook=webhook), rows_a_transaction) for webhook in webhooks)
