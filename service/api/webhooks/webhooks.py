"""Webhooks and their deliveries."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, IfMatch, Limit, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.identifiers import DeliveryId, WebhookId
from service.api.http.routing import resource_router
from service.problems import InvalidInput, input_error
from service.registry.webhooks import deliveries, settings
from service.schemas.strict import Page
from service.schemas.webhooks import (
    Delivery,
    DeliveryState,
    NewWebhook,
    Rotation,
    Webhook,
    WebhookChange,
    WebhookTest,
    WebhookWithSecret,
)
from service.webhooks.allowed_targets import Refused
from service.webhooks.sender import Sender
from service.webhooks.signing import new_secret

router = resource_router("Events")
StateQuery = Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")]
OfType = Annotated[
    str | None, Query(alias="type", pattern=r"^[a-z.]{1,40}$", description="Only this type, such as `job.ended`.")
]


def _sender(request: Request) -> Sender:
    sender: Sender = request.app.state.sender
    return sender


WebhookSender = Annotated[Sender, Depends(_sender)]


@router.post("/webhooks", status_code=201, summary="Create a webhook")
def add_webhook(
    new: NewWebhook, session: WriteSession, actor: Actor, sender: WebhookSender, response: Response
) -> WebhookWithSecret:
    """Send events to a URL in the Standard Webhooks format. Only this response contains the secret, so store it."""
    actor.require("manage")
    _check_url(sender, new.url)
    secret = new_secret()
    webhook, revision = settings.add(session, new, secret, actor.name)
    response.headers["Location"], response.headers["ETag"] = webhook.links["self"], etag(revision)
    return WebhookWithSecret(**webhook.model_dump(), secret=secret)


@router.get("/webhooks", summary="List webhooks")
def list_webhooks(
    session: ReadSession, actor: Actor, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Webhook]:
    """The webhooks, newest first, without their secrets."""
    actor.require("manage")
    return settings.list_webhooks(session, limit, cursor)


@router.get("/webhooks/{webhook}", summary="Get a webhook")
def get_webhook(webhook: WebhookId, session: ReadSession, actor: Actor, response: Response) -> Webhook:
    """One webhook, without its secret."""
    actor.require("manage")
    webhook_settings, revision = settings.get_webhook(session, webhook)
    response.headers["ETag"] = etag(revision)
    return webhook_settings


@router.patch("/webhooks/{webhook}", summary="Change a webhook")
def change_webhook(
    webhook: WebhookId,
    change: WebhookChange,
    session: WriteSession,
    actor: Actor,
    sender: WebhookSender,
    expected: IfMatch,
    response: Response,
) -> Webhook:
    """Change the URL, the event types or `enabled`. Omitted fields are unchanged.

    Disabling drops queued deliveries. `{"enabled": true}` also enables a webhook that was disabled by a 410.
    """
    actor.require("manage")
    if change.url is not None:
        _check_url(sender, change.url)
    webhook_settings, revision = settings.change(session, webhook, change, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    return webhook_settings


@router.delete("/webhooks/{webhook}", status_code=204, summary="Delete a webhook")
def delete_webhook(webhook: WebhookId, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Stop sending, and delete queued deliveries and the log."""
    actor.require("manage")
    settings.delete_webhook(session, webhook, actor.name, expected)


@router.post("/webhooks/{webhook}/rotate", summary="Replace a webhook's secret")
def rotate_secret(
    webhook: WebhookId,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
    rotation: Rotation | None = None,
) -> WebhookWithSecret:
    """Sign with a new secret, which only this response contains. The old one signs too, by default for a day."""
    actor.require("manage")
    secret, keep = new_secret(), timedelta(hours=(rotation or Rotation()).keep_hours)
    webhook_settings, revision = settings.rotate(session, webhook, secret, keep, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    return WebhookWithSecret(**webhook_settings.model_dump(), secret=secret)


@router.post("/webhooks/{webhook}/test", summary="Send a test event")
async def test_webhook(webhook: WebhookId, actor: Actor, sender: WebhookSender) -> WebhookTest:
    """Send one `webhook.test` event and return the receiver's response. The status is 200 in any case."""
    actor.require("manage")
    return await sender.test(webhook)


@router.get("/webhooks/{webhook}/deliveries", summary="List deliveries")
def list_deliveries(
    webhook: WebhookId,
    session: ReadSession,
    actor: Actor,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    state: StateQuery = None,
    event_type: OfType = None,
) -> Page[Delivery]:
    """Sent and pending deliveries, newest first, with each attempt. They are kept for 30 days, at most 10,000."""
    actor.require("manage")
    return deliveries.list_deliveries(session, webhook, state=state, event_type=event_type, limit=limit, cursor=cursor)


@router.get("/webhooks/{webhook}/deliveries/{delivery}", summary="Get a delivery")
def get_delivery(webhook: WebhookId, delivery: DeliveryId, session: ReadSession, actor: Actor) -> Delivery:
    """One event for one webhook, with each attempt."""
    actor.require("manage")
    return deliveries.get_delivery(session, webhook, delivery)


@router.post("/webhooks/{webhook}/deliveries/{delivery}/redeliver", status_code=202, summary="Deliver again")
def redeliver(webhook: WebhookId, delivery: DeliveryId, session: WriteSession, actor: Actor) -> Delivery:
    """Send it again within a second, with the same id. If it fails, it is retried like a new delivery."""
    actor.require("manage")
    return deliveries.redeliver(session, webhook, delivery)


def _check_url(sender: Sender, url: str) -> None:
    try:
        sender.hosts.find_target(url)
    except Refused as error:
        raise InvalidInput(
            f"The url can't be used: {error}.", errors=[input_error(["body", "url"], "url", str(error))]
        ) from None
