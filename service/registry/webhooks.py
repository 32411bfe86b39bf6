"""The outbox: what webhooks are told is queued in the transaction of the change, so that no event is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import uuid_utils
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.registry.clock import moment
from service.registry.tables import WebhookDeliveryRow, WebhookRow
from service.schemas.strict import write_time

EVERY_EVENT = "*"


def queue(session: Session, event_type: str, model: str, data: Mapping[str, Any]) -> None:
    """Tell the webhooks that listen, once this transaction is committed. Costs one small query where there are none."""
    for webhook in list_listeners(session, event_type, model):
        add_delivery(session, webhook, event_type, model, data)


def list_listeners(session: Session, event_type: str, model: str) -> list[str]:
    """The webhooks that ask for these events of this model; none of them is deleted before the transaction ends."""
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
