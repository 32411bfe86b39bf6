"""Webhooks: which events go to which address. A change is an event too, without secrets and the whole address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import uuid_utils
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service.problems import Conflict, NotFound
from service.registry import audit, revisions
from service.registry.pagination import page_of
from service.registry.tables import WebhookDeliveryRow, WebhookRow
from service.schemas.strict import Page, write_time
from service.schemas.webhooks import NewWebhook, Webhook, WebhookChange

MOST_WEBHOOKS = 100


def add(session: Session, new: NewWebhook, secret: str, actor: str) -> tuple[Webhook, int]:
    """Add a webhook; returns it and its revision. Raises Conflict when there are too many."""
    if (session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= MOST_WEBHOOKS:
        raise Conflict(f"There are {MOST_WEBHOOKS} webhooks already. Delete one that is no longer used.")
    now = datetime.now(UTC)
    row = WebhookRow(id=str(uuid_utils.uuid7()), **new.model_dump(), secret=secret, enabled=True, revision=1)
    row.created_at, row.created_by, row.updated_at = now, actor, now
    session.add(row)
    session.flush()
    audit.record(session, actor, "webhook-created", None, webhook=row.id, after=_public_fields(row))
    return as_webhook(row), row.revision


def get_row(session: Session, webhook: str) -> WebhookRow:
    """Raises NotFound."""
    row = session.get(WebhookRow, webhook)
    if row is None:
        raise NotFound(f"There is no webhook `{webhook[:50]}`.")
    return row


def get_webhook(session: Session, webhook: str) -> tuple[Webhook, int]:
    """The webhook and its revision. Raises NotFound."""
    row = get_row(session, webhook)
    return as_webhook(row), row.revision


def list_webhooks(session: Session, limit: int, cursor: str | None) -> Page[Webhook]:
    rows, next_cursor = page_of(session, select(WebhookRow), WebhookRow.id, limit, cursor)
    return Page(items=[as_webhook(row) for row in rows], next_cursor=next_cursor)


def change(
    session: Session, webhook: str, changes: WebhookChange, actor: str, expected: int | None
) -> tuple[Webhook, int]:
    """Change the given fields; disabling fails the queued deliveries. Raises NotFound and PreconditionFailed."""
    row = _get_locked_row(session, webhook, expected)
    before = _public_fields(row)
    for name in changes.model_fields_set:
        value = getattr(changes, name)
        if value is not None or name == "models":
            setattr(row, name, value)
    if row.enabled:
        row.disabled_because = None
    elif before["enabled"]:
        _disable(session, row, f"{actor} disabled it")
    _note_change(session, row, "webhook-changed", actor, before)
    return as_webhook(row), row.revision


def rotate(
    session: Session, webhook: str, secret: str, keep: timedelta, actor: str, expected: int | None
) -> tuple[Webhook, int]:
    """Sign with a new secret, and for as long as `keep` with the old one too. Raises what `change` raises."""
    row = _get_locked_row(session, webhook, expected)
    row.old_secret, row.old_secret_until = (row.secret, datetime.now(UTC) + keep) if keep else (None, None)
    row.secret = secret
    _note_change(session, row, "webhook-secret-rotated", actor, _public_fields(row))
    return as_webhook(row), row.revision


def delete_webhook(session: Session, webhook: str, actor: str, expected: int | None) -> None:
    """Delete the webhook, its queued deliveries and its log. Raises what `change` raises."""
    row = _get_locked_row(session, webhook, expected)
    session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook == webhook))
    session.delete(row)
    audit.record(session, actor, "webhook-deleted", None, webhook=webhook, before=_public_fields(row))


def disable_gone(session: Session, webhook: str) -> None:
    """Disable a webhook whose receiver responded that it is gone for good."""
    row = session.get(WebhookRow, webhook, with_for_update=True)
    if row is not None and row.enabled:
        before, row.enabled = _public_fields(row), False
        _disable(session, row, "the receiver returned 410 Gone")
        _note_change(session, row, "webhook-disabled", audit.SERVICE, before)


def _disable(session: Session, row: WebhookRow, why: str) -> None:
    row.disabled_because = why
    queued = (WebhookDeliveryRow.webhook == row.id) & (WebhookDeliveryRow.state == "queued")
    session.execute(update(WebhookDeliveryRow).where(queued).values(state="failed", ended_at=datetime.now(UTC)))


def _get_locked_row(session: Session, webhook: str, expected: int | None) -> WebhookRow:
    row = get_row(session, webhook)
    session.refresh(row, with_for_update=True)
    revisions.check_revision(row.revision, expected)
    return row


def _note_change(session: Session, row: WebhookRow, action: str, actor: str, before: dict[str, Any]) -> None:
    row.revision, row.updated_at = row.revision + 1, datetime.now(UTC)
    session.flush()
    audit.record(session, actor, action, None, webhook=row.id, before=before, after=_public_fields(row))


def _public_fields(row: WebhookRow) -> dict[str, Any]:
    """The fields of a webhook that events contain: of its address only the host, since the rest may be a secret."""
    until = None if row.old_secret_until is None else write_time(row.old_secret_until)
    fields = {name: getattr(row, name) for name in ("events", "models", "description", "enabled", "disabled_because")}
    return fields | {"host": urlsplit(row.url).hostname, "old_secret_until": until}


def as_webhook(row: WebhookRow) -> Webhook:
    path = f"/webhooks/{row.id}"
    names = Webhook.model_fields.keys() - {"links"}
    links = {"self": path, "deliveries": f"{path}/deliveries", "test": f"{path}/test"}
    return Webhook.model_validate({name: getattr(row, name) for name in names} | {"links": links})
