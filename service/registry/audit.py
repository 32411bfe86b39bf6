"""The audit trail: who did what and when, written in the transaction of the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from service.registry.origin import current_origin
from service.registry.outbox import announce
from service.registry.pagination import page_of
from service.registry.tables import EventRow
from service.schemas.events import Event
from service.schemas.strict import Page

# What processes on PostgreSQL listen to: a model, a version or an alias that they may know has changed.
CHANGED_CHANNEL = "feedforward_changed"
_announcing: WeakSet[Session] = WeakSet()


def record(session: Session, actor: str, action: str, model: str | None, **subject: Any) -> None:
    """Note a change: `actor` did `action` to something of `model`. Webhooks that ask for it are told."""
    now, origin = datetime.now(UTC), current_origin()
    event = EventRow(at=now, actor=actor, action=action, model=model, subject=subject, **vars(origin))
    session.add(event)
    announce_change(session)
    announce(session, event)


def announce_change(session: Session) -> None:
    """Tell the other processes when this is committed; on SQLite they see it by themselves."""
    _announcing.add(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANGED_CHANNEL}"))


def is_announcing(session: Session) -> bool:
    """Whether the session's commit changes a model, a version or an alias."""
    return session in _announcing


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Which events a caller asks for; None is any. A model's stay when the model is deleted."""

    model: str | None = None
    action: str | None = None
    after: datetime | None = None
    before: datetime | None = None


def list_events(session: Session, wanted: EventFilter, limit: int, cursor: str | None) -> Page[Event]:
    rows, next_cursor = page_of(session, _query(wanted), EventRow.id, limit, cursor)
    return Page(items=[_event(row) for row in rows], next_cursor=next_cursor)


def _query(wanted: EventFilter) -> Select[EventRow]:
    query = select(EventRow)
    if wanted.model is not None:
        query = query.where(EventRow.model == wanted.model)
    if wanted.action is not None:
        query = query.where(EventRow.action == wanted.action)
    if wanted.after is not None:
        query = query.where(EventRow.at > wanted.after)
    if wanted.before is not None:
        query = query.where(EventRow.at < wanted.before)
    return query


def _event(row: EventRow) -> Event:
    return Event.model_validate({name: getattr(row, name) for name in Event.model_fields})
