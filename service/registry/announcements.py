"""What webhooks are told of recorded changes: small objects, made only where somebody listens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.registry import webhooks
from service.registry.tables import EventRow, JobRow, ModelRow, VersionRow

# The types of events by the actions that they tell.
TOLD = {
    "version-registered": "version.registered",
    "version-deleted": "version.deleted",
    "alias-moved": "alias.moved",
    "alias-deleted": "alias.deleted",
    "model-drifted": "model.drifted",
    "model-recovered": "model.recovered",
}


def announce(session: Session, event: EventRow) -> None:
    """Queue a recorded change for the webhooks that ask for it."""
    event_type = TOLD.get(event.action)
    if event_type is None or event.model is None or not webhooks.list_listeners(session, event_type, event.model):
        return
    told = {"model": event.model, **event.subject, "by": event.actor}
    if event_type == "version.registered":
        told |= _version_facts(session, event.model, event.subject["version"])
    webhooks.queue(session, event_type, event.model, told)


def announce_end(session: Session, job: JobRow) -> None:
    """Queue the end of a job for the webhooks that ask for it."""
    names = ("id", "kind", "model", "state", "version", "error")
    webhooks.queue(session, "job.ended", job.model, {name: getattr(job, name) for name in names})


def _version_facts(session: Session, model: str, number: int) -> dict[str, Any]:
    joined = select(VersionRow.job, VersionRow.metrics).join(ModelRow, VersionRow.model_id == ModelRow.id)
    row = session.execute(joined.where(ModelRow.name == model, VersionRow.number == number)).one()
    return {"job": row.job, "metrics": row.metrics}
