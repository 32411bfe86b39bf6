"""Webhooks and their deliveries in requests and responses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from service.schemas.names import Name
from service.schemas.strict import JsonObject, Request, ResponseSchema, Time

EventType = Literal[
    "*",
    "version.registered",
    "version.deleted",
    "alias.moved",
    "alias.deleted",
    "job.ended",
    "model.drifted",
    "model.recovered",
]
TEST_EVENT = "webhook.test"
DeliveryState = Literal["queued", "delivered", "failed"]

WebhookUrl = Annotated[str, Field(min_length=1, max_length=2000, description="The URL that events are sent to.")]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=20, description="`*` is every type.")]
ModelNames = Annotated[
    list[Name], Field(min_length=1, max_length=1000, description="Send events of these models only; null sends all.")
]
Note = Annotated[str, Field(max_length=1000)]


class NewWebhook(Request):
    """A URL, and the events to send to it."""

    url: WebhookUrl
    events: EventTypes
    models: ModelNames | None = None
    description: Note = ""


class WebhookChange(Request):
    """The changeable fields of a webhook; those left out stay as they are."""

    url: WebhookUrl | None = None
    events: EventTypes | None = None
    models: ModelNames | None = None
    description: Note | None = None
    enabled: Annotated[
        bool | None, Field(description="A disabled webhook gets no events, and none later for that time.")
    ] = None


class Rotation(Request):
    keep_hours: Annotated[
        float, Field(ge=0, le=168, description="How long deliveries are also signed with the old secret.")
    ] = 24


class Webhook(ResponseSchema):
    """A URL that events are sent to. Its secret is returned once, when it is created."""

    id: str
    url: str
    events: list[EventType]
    models: list[str] | None
    description: str
    enabled: bool
    disabled_because: str | None
    old_secret_until: Time | None
    created_at: Time
    created_by: str
    updated_at: Time
    links: dict[str, str]


class WebhookWithSecret(Webhook):
    """The only response with the secret: store it."""

    secret: str


class Attempt(ResponseSchema):
    """One request to the receiver: the status of its response, or why there was none."""

    at: Time
    seconds: float
    status: int | None
    error: str | None


class Delivery(ResponseSchema):
    """One event for one webhook; `id` is the `webhook-id` of each attempt, `due_at` the time of the next one."""

    id: str
    webhook: str
    type: str
    model: str | None
    state: DeliveryState
    created_at: Time
    due_at: Time | None
    ended_at: Time | None
    attempts: list[Attempt]
    payload: JsonObject


class WebhookTest(ResponseSchema):
    """The outcome of a test event; `answer` is the beginning of the receiver's response."""

    delivery: Delivery
    answer: str | None
