"""The audit trail: who did what and when, and from where."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, Limit, ReadSession
from service.api.http.routing import resource_router
from service.registry import audit
from service.registry.audit import EventFilter
from service.schemas.events import Event
from service.schemas.names import Name
from service.schemas.strict import Moment, Page

router = resource_router("Events")


async def _filters(
    action: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z]+(-[a-z]+)*$",
            max_length=40,
            description="Only events with this action, such as `alias-moved`.",
        ),
    ] = None,
    after: Annotated[Moment | None, Query(description="Only events after this time (RFC 3339).")] = None,
    before: Annotated[Moment | None, Query(description="Only events before this time (RFC 3339).")] = None,
) -> EventFilter:
    return EventFilter(action=action, after=after, before=before)


Filters = Annotated[EventFilter, Depends(_filters)]


@router.get("/models/{name}/events", summary="List a model's events")
def list_model_events(
    name: Name,
    session: ReadSession,
    actor: Actor,
    filters: Filters,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Event]:
    """The audit trail of a model, newest first. It remains when the model is deleted."""
    actor.require("read", model=name)
    return audit.list_events(session, replace(filters, model=name), limit, cursor)


@router.get("/events", summary="List all events")
def list_events(
    session: ReadSession, actor: Actor, filters: Filters, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Event]:
    """The audit trail of all models, of datasets and of webhooks, newest first."""
    actor.require("read")
    return audit.list_events(session, filters, limit, cursor)
