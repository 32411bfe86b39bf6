"""Dependencies of endpoints: a session, the caller, a page of a list, a precondition, the parts of the service.

`ReadSession` and `WriteSession` work in `def` endpoints of a `resource_router`: one transaction around the endpoint,
committed before the response is sent. An endpoint that wakes a worker after its commit opens `database.write()` itself.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from service.access.caller import Caller
from service.api.http.etags import read_precondition
from service.api.http.transactions import ReadSession, ServiceDatabase, WriteSession
from service.jobs.engine import Engine
from service.registry.origin import Origin, set_origin
from service.settings import Settings

__all__ = [
    "DEFAULT_LIMIT",
    "Actor",
    "Cursor",
    "IdempotencyKey",
    "IfMatch",
    "IfNoneMatch",
    "JobEngine",
    "Limit",
    "ReadSession",
    "ServiceDatabase",
    "ServiceSettings",
    "WriteSession",
]

DEFAULT_LIMIT = 50


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def _actor(request: Request) -> Caller:
    """The caller, also as the origin of the events that the request records."""
    caller = Caller(address=request.client.host if request.client else None)
    set_origin(Origin(address=caller.address, key=caller.key))
    return caller


async def _expected_revision(
    if_match: Annotated[
        str | None, Header(description="Apply the change only if the resource still has this ETag.")
    ] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only if it does not exist yet.")] = None,
) -> int | None:
    return read_precondition(if_match, if_none_match)


Actor = Annotated[Caller, Depends(_actor)]
ServiceSettings = Annotated[Settings, Depends(_settings)]
JobEngine = Annotated[Engine, Depends(_engine)]
# The revision that a change expects; 0 if the resource must not exist yet, None for any.
IfMatch = Annotated[int | None, Depends(_expected_revision)]
IfNoneMatch = Annotated[
    str | None, Header(description="The ETag of a file that you have: 304 if it is still the current one.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeated request with the same key and body returns the result of the first.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="The maximum number of items on the page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the previous page.")]
