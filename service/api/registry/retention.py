"""Which versions of a model are kept, and which would be deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from service.api.http.dependencies import Actor, IfMatch, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.registry.models import retention
from service.schemas.names import Name
from service.schemas.retention import KeepDays, KeepLast, KeepRollbacks, Retention, RetentionPreview, RetentionRule

router = resource_router("Versions")


@router.get("/models/{name}/retention", summary="Get the retention rule")
def get_retention(name: Name, session: ReadSession, actor: Actor, response: Response) -> Retention:
    """The rule for which versions are kept; 404 if there is none and all are kept."""
    actor.require("read", model=name)
    rule, revision = retention.get_rule(session, name)
    response.headers["ETag"] = etag(revision)
    return rule


@router.get("/models/{name}/retention/preview", summary="Preview a retention rule")
def preview_retention(
    name: Name,
    session: ReadSession,
    actor: Actor,
    keep_last: Annotated[KeepLast, Query()],
    keep_days: Annotated[KeepDays | None, Query()] = None,
    keep_rollbacks: Annotated[KeepRollbacks, Query()] = 1,
) -> RetentionPreview:
    """The versions that the rule would delete now. Nothing is changed."""
    actor.require("read", model=name)
    rule = RetentionRule(keep_last=keep_last, keep_days=keep_days, keep_rollbacks=keep_rollbacks)
    return retention.preview(session, name, rule)


@router.put(
    "/models/{name}/retention",
    summary="Set the retention rule",
    responses={201: {"model": Retention, "description": "The rule is new."}},
)
def set_retention(
    name: Name, rule_request: RetentionRule, session: WriteSession, actor: Actor, expected: IfMatch, response: Response
) -> Retention:
    """From now on, delete versions that the rule does not keep. They can't be restored, so preview the rule first.

    The oldest hundred are deleted at once, others with each new version and hourly.
    """
    actor.require("manage", model=name)
    rule, revision, is_new = retention.set_rule(session, name, rule_request, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    response.status_code = 201 if is_new else 200
    return rule


@router.delete("/models/{name}/retention", status_code=204, summary="Delete the retention rule")
def delete_retention(name: Name, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Keep all versions from now on. Deleted versions are not restored."""
    actor.require("manage", model=name)
    retention.delete_rule(session, name, actor.name, expected)
