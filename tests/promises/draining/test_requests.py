"""SIGTERM drops no request that the server has begun to answer."""

import json
import signal
import socket
import time

import pytest

from tests.support.serving import networks
from tests.support.serving.load import Load

NDJSON = "application/x-ndjson"


class OpenRequest:
    """A request whose body is still being sent; its first row was answered already."""

    def __init__(self, url: str, model: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        head = f"POST /models/{model}/predict HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {NDJSON}\r\n"
        self.connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        self.send(b"[1]\n")
        self.received = b""
        self.receive_until(b"3.0")

    def send(self, row: bytes) -> None:
        self.connection.sendall(b"%x\r\n%s\r\n" % (len(row), row))

    def finish(self) -> bytes:
        self.send(b"[2]\n")
        self.connection.sendall(b"0\r\n\r\n")
        self.receive_until(b"0\r\n\r\n")
        self.connection.close()
        return self.received

    def receive_until(self, expected: bytes) -> None:
        while expected not in self.received:
            piece = self.connection.recv(65536)
            assert piece, f"the connection was cut after {self.received!r}"
            self.received += piece


def test_a_request_that_has_begun_is_answered_after_sigterm(start_serving):
    serving = start_serving()
    process = serving.process
    model = serving.register(networks.line())
    requests = [OpenRequest(serving.url, model) for _ in range(8)]
    idle = idle_connection(serving.url)
    process.send_signal(signal.SIGTERM)
    assert idle.recv(1) == b""  # the server is on its way out: it has closed what was idle
    idle.close()
    for request in requests:
        received = request.finish()
        assert received.startswith(b"HTTP/1.1 200")
        assert b'{"value":5.0}' in received
    assert process.wait(60) == 0


def idle_connection(url: str) -> socket.socket:
    """One that was answered and is kept open."""
    host, port = url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    connection.sendall(f"GET /health/live HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    body = int(received.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(received.split(b"\r\n\r\n", 1)[1]) < body:
        received += connection.recv(65536)
    return connection


@pytest.mark.parametrize(("api_processes", "keeps"), [(1, True), (2, False), (2, True)])
def test_under_load_no_request_is_dropped_and_new_connections_are_refused(start_serving, api_processes, keeps):
    serving = start_serving(api_processes=api_processes)
    model = serving.register(networks.line())
    load = Load(serving.url, {"model": model, "inputs": [[1.0]]}, clients=12, keeps=keeps)
    load.start()
    wait_for_answers(load, 500)
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(60) == 0
    load.join()
    assert set(load.counts) == {"answered"}, load.counts


def test_bodies_that_are_still_coming_are_answered_after_sigterm(start_serving):
    """A head that has come whole is a request; its body may take its time."""
    serving = start_serving()
    model = serving.register(networks.line())
    host, port = serving.url.removeprefix("http://").split(":")
    body = json.dumps({"model": model, "inputs": [[1.0]]}).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.1)
        serving.process.send_signal(signal.SIGTERM)
        time.sleep(1)  # longer than a quiet connection is kept
        connection.sendall(body[10:])
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in received.lower()
    assert serving.process.wait(60) == 0


def wait_for_answers(load: Load, count: int) -> None:
    while load.counts["answered"] < count:
        assert set(load.counts) <= {"answered"}, load.counts
        time.sleep(0.01)
