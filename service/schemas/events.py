"""The audit trail in responses."""

from __future__ import annotations

from service.schemas.strict import JsonObject, ResponseSchema, Time


class Event(ResponseSchema):
    """One change: who did what, when, to what, and from where: an address and a key, or a job."""

    id: int
    at: Time
    actor: str
    action: str
    model: str | None
    subject: JsonObject
    address: str | None
    key: str | None
    job: str | None
