"""Alerts on a model's live predictions."""

from __future__ import annotations

from fastapi import Response

from service.api.http.dependencies import Actor, IfMatch, ReadSession, ServiceDatabase, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.api.monitoring.live import ServiceMonitor
from service.monitoring import alerts as checks
from service.registry.monitoring import alerts
from service.schemas.monitoring import AlertRules, Alerts
from service.schemas.names import Name

router = resource_router("Monitoring")


@router.get("/models/{name}/alerts", summary="Get a model's alerts")
def get_alerts(name: Name, session: ReadSession, actor: Actor, response: Response) -> Alerts:
    """The rules, with the state of each for each version at the last check."""
    actor.require("read", model=name)
    model_alerts, revision = alerts.get_alerts(session, name)
    response.headers["ETag"] = etag(revision)
    return model_alerts


@router.put(
    "/models/{name}/alerts",
    summary="Watch live predictions",
    responses={201: {"model": Alerts, "description": "The alerts are created."}},
)
def set_alerts(
    name: Name, rules: AlertRules, session: WriteSession, actor: Actor, expected: IfMatch, response: Response
) -> Alerts:
    """Alert when live rows drift, or when a live metric exceeds its limit.

    Checked every five minutes where the model has a prediction log. When a rule's state changes, that is an event of
    the model (`model-drifted`, `model-recovered`): once for each change, not for each check.
    """
    actor.require("manage", model=name)
    model_alerts, revision, is_new = alerts.set_alerts(session, name, rules, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    response.status_code = 201 if is_new else 200
    return model_alerts


@router.delete("/models/{name}/alerts", status_code=204, summary="Stop watching")
def delete_alerts(name: Name, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Stop checking the rules. The prediction log remains."""
    actor.require("manage", model=name)
    alerts.delete_alerts(session, name, actor.name, expected)


@router.post("/models/{name}/alerts/check", summary="Check a model's alerts now")
def check_alerts(name: Name, database: ServiceDatabase, monitor: ServiceMonitor, actor: Actor) -> Alerts:
    """Run the periodic check now."""
    actor.require("manage", model=name)
    return checks.check(database, monitor.references, name)
