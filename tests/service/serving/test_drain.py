"""SIGTERM drops no request that the server has begun to answer."""

import signal
import socket

from tests.service.serving import networks

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
