"""Deliveries to webhooks: claimed by one sender at a time, tried until they arrive, kept as a log, pruned when old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ColumnElement, delete, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from service.problems import Conflict, NotFound
from service.registry import outbox
from service.registry.dialects import PRUNING, advisory_lock, moment
from service.registry.pagination import page_of
from service.registry.tables import WebhookDeliveryRow, WebhookRow
from service.registry.webhooks import settings
from service.schemas.strict import Page
from service.schemas.webhooks import TEST_EVENT, Attempt, Delivery, DeliveryState

MOST_ATTEMPTS_KEPT = 50
# A literal, so that the databases see that the index of queued deliveries is enough.
IS_QUEUED = WebhookDeliveryRow.state == literal_column("'queued'")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A claimed delivery and what is needed to send it. Only the sender with this claim may record its outcome."""

    id: str
    claim: int
    webhook: str
    type: str
    tries: int
    url: str
    body: str
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Message({self.id})"  # secrets and the address stay out of logs


def list_due(session: Session) -> list[str]:
    """The webhooks with deliveries to send now: one step of an index for each."""
    due = exists().where(WebhookDeliveryRow.webhook == WebhookRow.id, _is_due(moment(session)))
    return list(session.scalars(select(WebhookRow.id).where(WebhookRow.enabled, due)))


def claim(session: Session, webhook: str, limit: int, lease_seconds: float) -> list[Message]:
    """Claim a webhook's due deliveries, the oldest first: no other sender gets them until the lease ends."""
    now = moment(session)
    due = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook == webhook, _is_due(now))
    ordered = due.order_by(WebhookDeliveryRow.due_at, WebhookDeliveryRow.id).limit(limit)
    rows = session.scalars(ordered.with_for_update(skip_locked=True)).all()
    owner = session.get(WebhookRow, webhook)
    if owner is None or not owner.enabled:
        return []
    return [_claim(owner, row, now, lease_seconds) for row in rows]


def begin_test(session: Session, webhook: str, lease_seconds: float) -> Message:
    """Create a test event, claimed from the start. Raises NotFound."""
    owner = settings.get_row(session, webhook)
    row = outbox.add_delivery(session, webhook, TEST_EVENT, None, {"webhook": webhook})
    return _claim(owner, row, moment(session), lease_seconds)


def _claim(owner: WebhookRow, row: WebhookDeliveryRow, now: datetime, lease_seconds: float) -> Message:
    row.claims += 1
    row.lease_expires_at = now + timedelta(seconds=lease_seconds)
    is_old_valid = owner.old_secret_until is not None and owner.old_secret_until > now
    secrets = (owner.secret, owner.old_secret) if is_old_valid else (owner.secret,)
    return Message(
        id=row.id,
        claim=row.claims,
        webhook=owner.id,
        type=row.type,
        tries=row.tries,
        url=owner.url,
        body=row.body,
        secrets=tuple(secret for secret in secrets if secret is not None),
    )


def note(session: Session, message: Message, attempt: Attempt, state: DeliveryState, wait_seconds: float = 0) -> None:
    """Record an attempt and the state it leads to, unless another sender holds the delivery by now or it is gone."""
    row = _find_claimed(session, message)
    if row is None:
        return
    now = moment(session)
    row.attempts = [*row.attempts, attempt.model_dump(mode="json")][-MOST_ATTEMPTS_KEPT:]
    row.tries, row.lease_expires_at = row.tries + 1, None
    if row.state == "queued":  # else its webhook was disabled in the meantime
        row.state, row.due_at = state, now + timedelta(seconds=wait_seconds)
    row.ended_at = None if row.state == "queued" else now


def release(session: Session, message: Message) -> None:
    """Give up the claim of a delivery that was not sent, or may not have been."""
    row = _find_claimed(session, message)
    if row is not None:
        row.lease_expires_at = None


def _find_claimed(session: Session, message: Message) -> WebhookDeliveryRow | None:
    is_held = (WebhookDeliveryRow.id == message.id) & (WebhookDeliveryRow.claims == message.claim)
    return session.scalars(select(WebhookDeliveryRow).where(is_held).with_for_update()).one_or_none()


def list_deliveries(
    session: Session, webhook: str, *, state: str | None, event_type: str | None, limit: int, cursor: str | None
) -> Page[Delivery]:
    """A webhook's deliveries, sent and queued, newest first. Raises NotFound."""
    settings.get_row(session, webhook)
    query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook == webhook)
    if state is not None:
        query = query.where(WebhookDeliveryRow.state == state)
    if event_type is not None:
        query = query.where(WebhookDeliveryRow.type == event_type)
    rows, next_cursor = page_of(session, query, WebhookDeliveryRow.id, limit, cursor)
    return Page(items=[_delivery(row) for row in rows], next_cursor=next_cursor)


def get_delivery(session: Session, webhook: str, delivery: str) -> Delivery:
    """Raises NotFound."""
    return _delivery(_get_row(session, webhook, delivery))


def redeliver(session: Session, webhook: str, delivery: str) -> Delivery:
    """Queue a delivery again, under the same id.

    Raises NotFound, and Conflict while it is being sent or its webhook is disabled.
    """
    row = _get_row(session, webhook, delivery)
    session.refresh(row, with_for_update=True)
    if not settings.get_row(session, webhook).enabled:
        raise Conflict("The webhook is disabled. Enable it first.")
    now = moment(session)
    if row.lease_expires_at is not None and row.lease_expires_at > now:
        raise Conflict("It is being sent right now. Check its attempts in a few seconds.")
    row.state, row.due_at, row.tries, row.ended_at = "queued", now, 0, None
    return _delivery(row)


def list_webhooks(session: Session) -> list[str]:
    return list(session.scalars(select(WebhookRow.id)))


def prune(session: Session, webhook: str, created_before: datetime, keep: int, limit: int) -> int:
    """Delete at most `limit` ended deliveries that are older than a moment or beyond the newest `keep`.

    Returns how many.
    """
    advisory_lock(session, PRUNING)
    row = WebhookDeliveryRow
    of_webhook = select(row.id).where(row.webhook == webhook)
    first_kept = session.scalar(of_webhook.order_by(row.id.desc()).offset(keep - 1).limit(1))
    is_old = or_(row.created_at < created_before, row.id < func.coalesce(first_kept, ""))
    old = of_webhook.where(row.state != "queued", is_old).order_by(row.id).limit(limit)
    ids = session.scalars(old).all()
    session.execute(delete(row).where(row.id.in_(ids)))
    return len(ids)


def _get_row(session: Session, webhook: str, delivery: str) -> WebhookDeliveryRow:
    settings.get_row(session, webhook)
    row = session.get(WebhookDeliveryRow, delivery)
    if row is None or row.webhook != webhook:
        raise NotFound(f"There is no delivery `{delivery[:50]}` to this webhook.")
    return row


def _is_due(now: datetime) -> ColumnElement[bool]:
    leased_until = WebhookDeliveryRow.lease_expires_at
    return IS_QUEUED & (WebhookDeliveryRow.due_at <= now) & or_(leased_until.is_(None), leased_until < now)


def _delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        webhook=row.webhook,
        type=row.type,
        model=row.model,
        state=row.state,
        created_at=row.created_at,
        due_at=row.due_at if row.state == "queued" else None,
        ended_at=row.ended_at,
        attempts=_attempts(row),
        payload=orjson.loads(row.body),
    )


def _attempts(row: WebhookDeliveryRow) -> Sequence[Attempt]:
    return [Attempt.model_validate(attempt) for attempt in row.attempts]
