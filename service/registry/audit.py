"""The audit trail: who did what and when, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from service.registry.origin import current_origin
from service.registry.outbox import announce
from service.registry.pagination import page_of
from service.registry.tables import EventRow
from service.schemas.events import Event
from service.schemas.strict import Page

# The channel on PostgreSQL that processes listen to: a model, version or alias they may have cached has changed.
CHANGED_CHANNEL = "feedforward_changed"
SERVICE = "feedforward"  # the actor of changes that the service makes by itself


@dataclass(frozen=True)
class Change:
    """What somebody did: an action of the trail, and to what; without a model for a dataset or a webhook."""

    action: str
    model: str | None
    subject: dict[str, Any]


_changes: WeakKeyDictionary[Session, list[Change]] = WeakKeyDictionary()


def record(session: Session, actor: str, action: str, model: str | None, **subject: Any) -> None:
    """Record a change: `actor` did `action` to something of `model`. Webhooks that subscribe to it get an event."""
    now, origin = datetime.now(UTC), current_origin()
    event = EventRow(at=now, actor=actor, action=action, model=model, subject=subject, **vars(origin))
    session.add(event)
    _changes.setdefault(session, []).append(Change(action, model, subject))
    if session.get_bind().dialect.name == "postgresql":  # on SQLite the other processes see it by themselves
        session.execute(text(f"NOTIFY {CHANGED_CHANNEL}"))
    announce(session, event)


def changes_of(session: Session) -> Sequence[Change]:
    """What the session's transaction has recorded."""
    return _changes.get(session, ())


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Which events to list; None matches any. A model's events outlive the model."""

    model: str | None = None
    action: str | None = None
    after: datetime | None = None
    before: datetime | None = None


def list_events(session: Session, event_filter: EventFilter, limit: int, cursor: str | None) -> Page[Event]:
    rows, next_cursor = page_of(session, _query(event_filter), EventRow.id, limit, cursor)
    return Page(items=[_event(row) for row in rows], next_cursor=next_cursor)


def _query(event_filter: EventFilter) -> Select[EventRow]:
    query = select(EventRow)
    if event_filter.model is not None:
        query = query.where(EventRow.model == event_filter.model)
    if event_filter.action is not None:
        query = query.where(EventRow.action == event_filter.action)
    if event_filter.after is not None:
        query = query.where(EventRow.at > event_filter.after)
    if event_filter.before is not None:
        query = query.where(EventRow.at < event_filter.before)
    return query


def _event(row: EventRow) -> Event:
    return Event.model_validate({name: getattr(row, name) for name in Event.model_fields})
