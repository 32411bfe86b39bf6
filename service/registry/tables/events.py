"""The audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row, RowId


class EventRow(Row):
    """Who did what and when: append-only, written in the transaction of the change itself."""

    __tablename__ = "events"
    __table_args__ = (Index("events_by_model", "model", "id"), Index("events_by_action", "action", "id"))
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(40))
    model: Mapped[str | None] = mapped_column(String(63))
    subject: Mapped[Json]
    address: Mapped[str | None] = mapped_column(String(64))
    key: Mapped[str | None]
    job: Mapped[str | None] = mapped_column(String(36))
