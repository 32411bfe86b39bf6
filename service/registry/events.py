"""The audit trail: who did what and when, written in the transaction of the change itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.registry.announcements import announce
from service.registry.cursors import page_of
from service.registry.origin import current_origin
from service.registry.tables import EventRow
from service.schemas.events import Event
from service.schemas.strict import Page

# What processes on PostgreSQL listen to: a model, a version or an alias that they may know has changed.
CHANGED_CHANNEL = "feedforward_changed"


def record(session: Session, actor: str, action: str, model: str | None, **subject: Any) -> None:
    """Note a change: `actor` did `action` to something of `model`. Webhooks that ask for it are told."""
    now, origin = datetime.now(UTC), current_origin()
    event = EventRow(at=now, actor=actor, action=action, model=model, subject=subject, **vars(origin))
    session.add(event)
    announce_change(session)
    announce(session, event)


def announce_change(session: Session) -> None:
    """Tell the other processes when this is committed; on SQLite they see it by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANGED_CHANNEL}"))


def list_events(session: Session, model: str, limit: int, cursor: str | None) -> Page[Event]:
    query = select(EventRow).where(EventRow.model == model)
    rows, next_cursor = page_of(session, query, EventRow.id, limit, cursor)
    events = [Event(id=row.id, at=row.at, actor=row.actor, action=row.action, subject=row.subject) for row in rows]
    return Page(items=events, next_cursor=next_cursor)
