"""Webhooks, and the deliveries of events to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row


class WebhookRow(Row):
    """An address that gets events. The secrets sign, so they are stored as they are."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(JSON)
    models: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    description: Mapped[str]
    enabled: Mapped[bool]
    disabled_because: Mapped[str | None]
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class WebhookDeliveryRow(Row):
    """The outbox and its log: one event for one webhook, inserted in the transaction of the change itself.

    `claims` is the fencing token of the sender that holds the lease; `tries` counts attempts since it was last queued.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("webhook_deliveries_by_webhook", "webhook", "id"),
        Index(
            "webhook_deliveries_to_send",
            "webhook",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(40))
    model: Mapped[str | None] = mapped_column(String(63))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claims: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[list[Json]]
    ended_at: Mapped[datetime | None]
