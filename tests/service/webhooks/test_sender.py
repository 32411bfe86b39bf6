"""Events arrive signed, at least once, at those who asked for them, and the log says how."""

import re
import threading
import time
from datetime import datetime

import pytest

from service.registry.jobs import jobs
from service.registry.jobs.jobs import NewJob
from service.registry.models import aliases
from service.registry.webhooks import deliveries
from service.schemas.registry import AliasTarget
from service.schemas.webhooks import Attempt
from tests.support.receiver import Answer, register, wait_ended, wait_tried

# What the database has no part in.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_an_event_arrives_signed(registry, receiver, model, listen):
    webhook = listen()
    register(registry, model)
    [received] = receiver.wait(1)
    assert received.is_signed_by(webhook["secret"])
    assert received.headers["content-type"] == "application/json"
    assert abs(int(received.headers["webhook-timestamp"]) - time.time()) < 300
    assert received.payload["type"] == "version.registered"
    assert received.payload["data"]["model"] == model
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", received.payload["timestamp"])


@on_sqlite
def test_a_webhook_hears_only_what_it_asks_for(registry, receiver, model, listen):
    listen(events=["alias.moved"])
    listen(events=["version.registered"], models=["another-model"])
    register(registry, model)
    with registry.write() as session:
        aliases.move(session, model, "production", AliasTarget(version=1), "test")
        aliases.move(session, model, "production", AliasTarget(version=1), "test")  # names it already: no move
        jobs.interrupt(session, jobs.add(session, NewJob(kind="train", model=model, request={})).id, keep=None)
    register(registry, model)
    with registry.write() as session:
        aliases.move(session, model, "production", AliasTarget(version=2), "test")
    received = sorted(receiver.wait(2), key=lambda one: one.id)
    told = [(one.payload["type"], one.payload["data"]["before"], one.payload["data"]["after"]) for one in received]
    assert told == [("alias.moved", None, 1), ("alias.moved", 1, 2)]


def test_a_failed_delivery_is_tried_again_with_the_same_id_and_a_new_time(sender, registry, receiver, model, listen):
    receiver.answers = [Answer(302, {"Location": receiver.url})]
    webhook = listen(events=["version.registered"])
    register(registry, model)
    received = receiver.wait(2)
    [delivery] = wait_ended(sender, webhook)
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [302, 204]
    assert {one.id for one in received} == {delivery["id"]}
    assert len({one.body for one in received}) == 1
    assert all(one.is_signed_by(webhook["secret"]) for one in received)
    assert delivery["payload"] == received[0].payload


def test_after_the_last_attempt_a_delivery_has_failed_until_it_is_asked_for(sender, registry, receiver, model, listen):
    receiver.answers = [Answer(500)] * 2
    webhook = listen(events=["version.registered"])
    register(registry, model)
    [failed] = wait_ended(sender, webhook)
    assert failed["state"] == "failed"
    assert failed["due_at"] is None
    here = webhook["links"]["deliveries"]
    assert sender.get(here, params={"state": "delivered"})["items"] == []
    assert sender.get(here, params={"state": "failed", "type": "version.registered"})["items"] == [failed]
    again = sender.http.post(f"{here}/{failed['id']}/redeliver")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert receiver.wait(3)[2].id == failed["id"]
    [delivered] = wait_ended(sender, webhook)
    assert [attempt["status"] for attempt in delivered["attempts"]] == [500, 500, 204]
    assert sender.get(f"{here}/{failed['id']}") == delivered


def test_a_receiver_that_is_gone_is_not_asked_again(sender, registry, receiver, model, listen):
    receiver.answers = [Answer(410)]
    webhook = listen(events=["version.registered"])
    register(registry, model)
    [delivery] = wait_ended(sender, webhook)
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 1)
    disabled = sender.get(webhook["links"]["self"])
    assert not disabled["enabled"]
    assert "410" in disabled["disabled_because"]
    register(registry, model)
    assert len(sender.get(webhook["links"]["deliveries"])["items"]) == 1
    again = f"{webhook['links']['deliveries']}/{delivery['id']}/redeliver"
    assert sender.http.post(again).status_code == 409
    enabled = sender.http.patch(webhook["links"]["self"], json={"enabled": True}).json()
    assert (enabled["enabled"], enabled["disabled_because"]) == (True, None)
    sender.post(again)
    assert receiver.wait(2)[1].id == delivery["id"]


@pytest.mark.parametrize("status", [429, 503])
@on_sqlite
def test_a_receiver_says_when_to_come_back(sender, registry, receiver, model, listen, status):
    receiver.answers = [Answer(status, {"Retry-After": "3600"})]
    webhook = listen(events=["version.registered"])
    register(registry, model)
    [delivery] = wait_tried(sender, webhook)
    assert delivery["state"] == "queued"
    due, tried = (datetime.fromisoformat(at) for at in (delivery["due_at"], delivery["attempts"][0]["at"]))
    assert (due - tried).total_seconds() == pytest.approx(3600, abs=60)


@on_sqlite
def test_a_disabled_webhook_forgets_what_is_queued(sender, registry, receiver, model, listen):
    receiver.answers = [Answer(503, {"Retry-After": "3600"})]
    webhook = listen(events=["version.registered"])
    register(registry, model)
    receiver.wait(1)
    sender.http.patch(webhook["links"]["self"], json={"enabled": False})
    [delivery] = wait_ended(sender, webhook)
    assert delivery["state"] == "failed"
    register(registry, model)
    assert len(sender.get(webhook["links"]["deliveries"])["items"]) == 1


@on_sqlite
def test_a_test_event_tells_what_came_back(sender, receiver, listen):
    webhook = listen()
    receiver.answers = [Answer(200, body=b"thanks " + b"x" * 5000), Answer(418, body="schön".encode())]
    tested = sender.post(webhook["links"]["test"])
    assert tested["delivery"]["state"] == "delivered"
    assert tested["delivery"]["attempts"][0]["status"] == 200
    assert tested["answer"] == "thanks " + "x" * (1024 - 7)
    [received] = receiver.received
    assert received.payload["type"] == "webhook.test"
    assert received.payload["data"] == {"webhook": webhook["id"]}
    assert received.is_signed_by(webhook["secret"])
    refused = sender.post(webhook["links"]["test"])
    assert refused["delivery"]["state"] == "failed"  # a test is not tried again
    assert refused["answer"] == "schön"


@on_sqlite
def test_a_receiver_that_does_not_answer_costs_a_timeout_and_nobody_else(sender, registry, receiver, model, listen):
    is_over = threading.Event()
    receiver.answers = [Answer(after=is_over)] * 4  # as many as are sent at once
    slow = listen(events=["version.registered"])
    for _ in range(4):
        register(registry, model)
    receiver.wait(4)
    quick = listen(events=["version.registered"])
    tested = sender.post(quick["links"]["test"])
    assert tested["delivery"]["state"] == "delivered"
    found = wait_tried(sender, slow, 4)
    is_over.set()
    errors = {attempt["error"] for delivery in found for attempt in delivery["attempts"] if attempt["error"]}
    assert errors == {"no complete response within 3 seconds"}


@on_sqlite
def test_nobody_listening_is_an_attempt_that_failed(sender, receiver, listen):
    webhook = listen()
    receiver.close()
    tested = sender.post(webhook["links"]["test"])
    assert tested["answer"] is None
    [attempt] = tested["delivery"]["attempts"]
    assert attempt["status"] is None
    assert attempt["error"]


@on_sqlite
def test_a_new_secret_signs_beside_the_old_one(sender, receiver, listen):
    webhook = listen()
    rotated = sender.post(f"{webhook['links']['self']}/rotate")
    assert rotated["secret"] != webhook["secret"]
    sender.post(webhook["links"]["test"])
    last = sender.post(f"{webhook['links']['self']}/rotate", json={"keep_hours": 0})
    sender.post(webhook["links"]["test"])
    during, after = receiver.wait(2)
    secrets = webhook["secret"], rotated["secret"], last["secret"]
    assert [during.is_signed_by(secret) for secret in secrets] == [True, True, False]
    assert [after.is_signed_by(secret) for secret in secrets] == [False, False, True]


def test_two_api_processes_deliver_each_event_once(sender, registry, receiver, model, listen):
    webhook = listen(events=["version.registered"])
    for _ in range(40):
        register(registry, model)
    found = wait_ended(sender, webhook, 40)
    assert [len(delivery["attempts"]) for delivery in found] == [1] * 40
    assert sorted(one.payload["data"]["version"] for one in receiver.received) == list(range(1, 41))


def test_only_the_sender_that_holds_a_delivery_notes_its_outcome(registry, model, listen, receiver):
    webhook = listen(events=["version.deleted"])  # so that the running senders leave it alone
    tried = Attempt(at="2026-11-25T08:00:00Z", seconds=0.1, status=500, error="the receiver answered 500")
    with registry.write() as session:
        first = deliveries.begin_test(session, webhook["id"], lease_seconds=60)
        assert deliveries.claim(session, webhook["id"], 10, lease_seconds=60) == []
    with registry.write() as session:
        deliveries.release(session, first)
        [second] = deliveries.claim(session, webhook["id"], 10, lease_seconds=60)
    with registry.write() as session:
        deliveries.note(session, first, tried, "failed")
        delivery = deliveries.get_delivery(session, webhook["id"], first.id)
        assert (delivery.state, delivery.attempts) == ("queued", [])
        deliveries.note(session, second, tried, "failed")
        assert deliveries.get_delivery(session, webhook["id"], first.id).attempts == [tried]
