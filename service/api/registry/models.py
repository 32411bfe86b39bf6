"""Models: names with versions and aliases."""

from __future__ import annotations

from fastapi import Response

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, IfMatch, Limit, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.api.registry.filters import ModelFilters
from service.registry import revisions
from service.registry.models import models
from service.schemas.names import Name
from service.schemas.registry import Description, Model
from service.schemas.strict import Page

router = resource_router("Models")


@router.get("/models", summary="List models")
def list_models(
    session: ReadSession, actor: Actor, filters: ModelFilters, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Model]:
    """The models, newest first."""
    actor.require("read")
    return models.list_models(session, limit, cursor, filters)


@router.get("/models/{name}", summary="Get a model")
def get_model(name: Name, session: ReadSession, actor: Actor, response: Response) -> Model:
    """One model, with its aliases and the number of its latest version."""
    actor.require("read", model=name)
    model, revision = models.get_model(session, name)
    response.headers["ETag"] = etag(revision)
    return model


@router.patch("/models/{name}", summary="Describe a model")
def change_model(
    name: Name, change: Description, session: WriteSession, actor: Actor, expected: IfMatch, response: Response
) -> Model:
    """Change the description or the tags. Omitted fields are unchanged."""
    actor.require("manage", model=name)
    models.change_model(session, name, change, actor.name, expected)
    model, revision = models.get_model(session, name)
    response.headers["ETag"] = etag(revision)
    return model


@router.delete("/models/{name}", status_code=204, summary="Delete a model")
def delete_model(name: Name, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Delete a model and its versions, whose numbers then return 410. 409 while it has aliases."""
    actor.require("manage", model=name)
    revisions.check_revision(models.get_locked_row(session, name).revision, expected)
    models.delete_model(session, name, actor.name)
