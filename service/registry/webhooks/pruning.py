"""Forgetting deliveries to webhooks that ended: those that are old, and those that are too many."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from service.registry.dialects import PRUNING, advisory_lock
from service.registry.tables import WebhookDeliveryRow, WebhookRow


def list_all(session: Session) -> list[str]:
    return list(session.scalars(select(WebhookRow.id)))


def prune(session: Session, webhook: str, made_before: datetime, keep: int, limit: int) -> int:
    """Delete at most `limit` that were made before a moment or are not among the newest; returns how many."""
    advisory_lock(session, PRUNING)
    row = WebhookDeliveryRow
    of_webhook = select(row.id).where(row.webhook == webhook)
    first_kept = session.scalar(of_webhook.order_by(row.id.desc()).offset(keep - 1).limit(1))
    is_old = or_(row.created_at < made_before, row.id < func.coalesce(first_kept, ""))
    old = of_webhook.where(row.state != "queued", is_old).order_by(row.id).limit(limit)
    ids = session.scalars(old).all()
    session.execute(delete(row).where(row.id.in_(ids)))
    return len(ids)
