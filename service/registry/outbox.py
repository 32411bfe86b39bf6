"""The outbox: events for webhooks are queued in the transaction of the change, so that none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import uuid_utils
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.registry.dialects import moment
from service.registry.tables import EventRow, JobRow, ModelRow, VersionRow, WebhookDeliveryRow, WebhookRow
from service.schemas.strict import write_time

EVERY_EVENT = "*"
# The types of events by the recorded actions that cause them.
EVENT_TYPES = {
    "version-registered": "version.registered",
    "version-deleted": "version.deleted",
    "alias-moved": "alias.moved",
    "alias-deleted": "alias.deleted",
    "model-drifted": "model.drifted",
    "model-recovered": "model.recovered",
}


def queue(session: Session, event_type: str, model: str, data: Mapping[str, Any]) -> None:
    """Queue an event for the webhooks that subscribe to it. Without any, this costs one small query."""
    for webhook in list_listeners(session, event_type, model):
        add_delivery(session, webhook, event_type, model, data)


def list_listeners(session: Session, event_type: str, model: str) -> list[str]:
    """The webhooks that subscribe to these events of this model; none can be deleted before the transaction ends."""
    enabled = select(WebhookRow.id, WebhookRow.events, WebhookRow.models).where(WebhookRow.enabled)
    return [
        row.id
        for row in session.execute(enabled.with_for_update(read=True, key_share=True))
        if {event_type, EVERY_EVENT} & set(row.events) and (row.models is None or model in row.models)
    ]


def add_delivery(
    session: Session, webhook: str, event_type: str, model: str | None, data: Mapping[str, Any]
) -> WebhookDeliveryRow:
    """Queue one event for one webhook. The body is kept as it is sent, since it is what the signature covers."""
    now = datetime.now(UTC)
    body = orjson.dumps({"type": event_type, "timestamp": write_time(now), "data": dict(data)}).decode()
    row = WebhookDeliveryRow(
        id=f"msg_{uuid_utils.uuid7().hex}",
        webhook=webhook,
        type=event_type,
        model=model,
        body=body,
        state="queued",
        created_at=now,
        due_at=moment(session),
        claims=0,
        tries=0,
        attempts=[],
    )
    session.add(row)
    return row


def announce(session: Session, event: EventRow) -> None:
    """Queue a recorded change for the webhooks that subscribe to it."""
    event_type = EVENT_TYPES.get(event.action)
    if event_type is None or event.model is None or not list_listeners(session, event_type, event.model):
        return
    data = {"model": event.model, **event.subject, "by": event.actor}
    if event_type == "version.registered":
        data |= _version_facts(session, event.model, event.subject["version"])
    queue(session, event_type, event.model, data)


def announce_end(session: Session, job: JobRow) -> None:
    """Queue the end of a job for the webhooks that subscribe to it."""
    names = ("id", "kind", "model", "state", "version", "error")
    queue(session, "job.ended", job.model, {name: getattr(job, name) for name in names})


def _version_facts(session: Session, model: str, number: int) -> dict[str, Any]:
    query = select(VersionRow.job, VersionRow.metrics).join(ModelRow, VersionRow.model_id == ModelRow.id)
    row = session.execute(query.where(ModelRow.name == model, VersionRow.number == number)).one()
    return {"job": row.job, "metrics": row.metrics}
