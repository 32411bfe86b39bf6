"""Clients that repeat a request, each on a connection of its own, and count the outcomes."""

import collections
import json
import socket
import threading

SECONDS_TO_WAIT = 30


class Load:
    """Runs until the server refuses connections. `counts` has `answered`, and `dropped: …` for other outcomes."""

    def __init__(self, url: str, body: object, *, clients: int, keeps: bool) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._address, self._keeps = (host, int(port)), keeps
        content = json.dumps(body).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        closing = "" if keeps else "Connection: close\r\n"
        self._request = f"{head}Content-Length: {len(content)}\r\n{closing}\r\n".encode() + content
        self.counts: collections.Counter[str] = collections.Counter()
        self._threads = [threading.Thread(target=self._repeat) for _ in range(clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS_TO_WAIT)
            assert not thread.is_alive(), "a client still waits for a response"

    def _repeat(self) -> None:
        while True:
            try:
                connection = socket.create_connection(self._address, timeout=SECONDS_TO_WAIT)
            except ConnectionRefusedError:
                return
            with connection:
                self._repeat_on(connection)

    def _repeat_on(self, connection: socket.socket) -> None:
        while True:
            try:
                connection.sendall(self._request)
                head, body = self._read_response(connection)
            except OSError as error:
                head, body = repr(error).encode(), b""
            if not head.startswith(b"HTTP/1.1 200") or b'"predictions"' not in body:
                self.counts[f"dropped: {head[:60]!r}"] += 1
                return
            self.counts["answered"] += 1
            if b"\r\nconnection: close" in head.lower() or not self._keeps:
                return

    @staticmethod
    def _read_response(connection: socket.socket) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received and (piece := connection.recv(65536)):
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length and (piece := connection.recv(65536)):
            body += piece
        return head, body
