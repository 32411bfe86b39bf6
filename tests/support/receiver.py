"""A receiver of webhooks on a real socket, and the deliveries to it."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.registry.database import Database
from service.registry.models import versions
from tests.support.service import Service

SETTINGS = {
    "webhook_hosts": '["127.0.0.1:*"]',
    "seconds_between_webhook_looks": 0.1,
    "webhook_timeout_seconds": 3,
    "webhook_retry_seconds": "[0.05]",
}
LONG_ENOUGH_SECONDS = 30


@dataclass(frozen=True)
class Received:
    """A request to the receiver; header names are in lower case."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_by(self, secret: str) -> bool:
        """Whether the signature is that of the secret, by the formula of the Standard Webhooks specification."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Answer:
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: threading.Event | None = None  # to wait for before responding


class Receiver:
    """Sends `answers`, one after the other, and then 204."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answers: list[Answer] = []
        self._changed = threading.Condition()
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks?for=tests"

    def take(self, received: Received) -> Answer:
        with self._changed:
            self.received.append(received)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else Answer()

    def wait(self, count: int) -> list[Received]:
        """The requests received, once there are at least so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, LONG_ENOUGH_SECONDS), (
                f"{len(self.received)} of {count} requests were received"
            )
            return list(self.received)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Print nothing: some tests are about senders that disconnect."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = receiver.take(Received({name.lower(): value for name, value in self.headers.items()}, body))
            if answer.after is not None:
                answer.after.wait(LONG_ENOUGH_SECONDS)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


def register(registry: Database, model: str) -> int:
    """Register a version whose weights can't be loaded and are not needed; returns its number."""
    new = versions.NewVersion(
        task="regression",
        signature={"features": [], "outputs": []},
        metrics={"training": None, "validation": None},
        weights=b"weights",
        environment={},
    )
    with registry.write() as session:
        return versions.add(session, model, new, "test")


def wait_for(
    service: Service, webhook: dict[str, Any], condition: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """The webhook's deliveries, newest first, once they meet the condition."""
    deadline = time.monotonic() + LONG_ENOUGH_SECONDS
    while not condition(deliveries := service.get(webhook["links"]["deliveries"])["items"]):
        assert time.monotonic() < deadline, deliveries
        time.sleep(0.05)
    return deliveries


def wait_ended(service: Service, webhook: dict[str, Any], count: int = 1) -> list[dict[str, Any]]:
    """The webhook's deliveries, once so many have ended."""
    return wait_for(
        service, webhook, lambda deliveries: sum(delivery["state"] != "queued" for delivery in deliveries) >= count
    )


def wait_tried(service: Service, webhook: dict[str, Any], count: int = 1) -> list[dict[str, Any]]:
    """The webhook's deliveries, once so many have been attempted."""
    return wait_for(
        service, webhook, lambda deliveries: sum(bool(delivery["attempts"]) for delivery in deliveries) >= count
    )
