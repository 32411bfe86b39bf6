"""Versions: immutable trained networks under a model's name."""

from __future__ import annotations

from fastapi import Response

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, IfMatch, Limit, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.api.registry.filters import VersionFilters
from service.registry import revisions
from service.registry.models import models, versions
from service.schemas.names import Name, VersionReference
from service.schemas.registry import Version, VersionChange
from service.schemas.strict import Page

router = resource_router("Versions")


@router.get("/models/{name}/versions", summary="List versions")
def list_versions(
    name: Name,
    session: ReadSession,
    actor: Actor,
    filters: VersionFilters,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[Version]:
    """The versions of a model, newest or best first, without their training requests."""
    actor.require("read", model=name)
    return versions.list_versions(session, name, limit, cursor, filters)


@router.get("/models/{name}/versions/{ref}", summary="Get a version")
def get_version(name: Name, ref: VersionReference, session: ReadSession, actor: Actor, response: Response) -> Version:
    """One version, by its number, an alias or `latest`."""
    actor.require("read", model=name)
    version, revision = versions.get_version(session, name, ref)
    response.headers["ETag"] = etag(revision)
    return version


@router.patch("/models/{name}/versions/{ref}", summary="Describe a version")
def change_version(
    name: Name,
    ref: VersionReference,
    change: VersionChange,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
) -> Version:
    """Change the description, the tags or the notes. Everything else in a version is immutable."""
    actor.require("manage", model=name)
    versions.change_version(session, name, ref, change, actor.name, expected)
    version, revision = versions.get_version(session, name, ref)
    response.headers["ETag"] = etag(revision)
    return version


@router.delete("/models/{name}/versions/{ref}", status_code=204, summary="Delete a version")
def delete_version(name: Name, ref: VersionReference, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Its number then returns 410. 409 while an alias names the version."""
    actor.require("manage", model=name)
    models.get_locked_row(session, name)
    revisions.check_revision(versions.get_version(session, name, ref)[1], expected)
    versions.delete_version(session, name, ref, actor.name)
