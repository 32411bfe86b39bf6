"""The audit trail as it is answered."""

from __future__ import annotations

from service.schemas.strict import Answer, JsonObject, Time


class Event(Answer):
    """One change: who did what, when, to what."""

    id: int
    at: Time
    actor: str
    action: str
    subject: JsonObject
