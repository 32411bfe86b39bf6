"""Aliases: movable names for versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, IfMatch, Limit, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.registry.models import aliases
from service.schemas.names import AliasName, Name
from service.schemas.registry import Alias, AliasMove, AliasRequest, Rollback
from service.schemas.strict import Moment, Page

router = resource_router("Aliases")
TimeQuery = Annotated[Moment | None, Query(description="Return only the move in effect at this time (RFC 3339).")]


@router.get("/models/{name}/aliases", summary="List aliases")
def list_aliases(name: Name, session: ReadSession, actor: Actor) -> Page[Alias]:
    """All aliases of a model, by name."""
    actor.require("read", model=name)
    return Page(items=aliases.list_aliases(session, name))


@router.get("/models/{name}/aliases/{alias}", summary="Get an alias")
def get_alias(name: Name, alias: AliasName, session: ReadSession, actor: Actor, response: Response) -> Alias:
    actor.require("read", model=name)
    row, revision = aliases.get_alias(session, name, alias)
    response.headers["ETag"] = etag(revision)
    return row


@router.put(
    "/models/{name}/aliases/{alias}",
    summary="Point an alias at a version",
    responses={201: {"model": Alias, "description": "The alias is new."}},
)
def set_alias(
    name: Name,
    alias: AliasName,
    change: AliasRequest,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
) -> Alias:
    """Takes effect for every prediction that starts after the response. Setting the current version changes nothing."""
    actor.require("manage", model=name)
    moved, revision, is_new = aliases.move(session, name, alias, change.target, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    response.status_code = 201 if is_new else 200
    return moved


@router.delete("/models/{name}/aliases/{alias}", status_code=204, summary="Delete an alias")
def delete_alias(name: Name, alias: AliasName, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Its versions and its history remain."""
    actor.require("manage", model=name)
    aliases.delete_alias(session, name, alias, actor.name, expected)


@router.post("/models/{name}/aliases/{alias}/rollback", summary="Move an alias back")
def roll_back(
    name: Name,
    alias: AliasName,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
    back: Rollback | None = None,
) -> Alias:
    """Point the alias where it pointed before its last move, or `steps` moves ago. A rollback is a move itself."""
    actor.require("manage", model=name)
    steps = (back or Rollback()).steps
    moved, revision = aliases.rollback(session, name, alias, steps, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    return moved


@router.get("/models/{name}/aliases/{alias}/history", summary="List an alias's moves")
def list_moves(
    name: Name,
    alias: AliasName,
    session: ReadSession,
    actor: Actor,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    at: TimeQuery = None,
) -> Page[AliasMove]:
    """The moves of an alias, newest first, even if it is deleted; with `at`, only the move in effect then."""
    actor.require("read", model=name)
    if at is not None:
        return Page(items=[aliases.as_of(session, name, alias, at)])
    return aliases.history(session, name, alias, limit, cursor)
