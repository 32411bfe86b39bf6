"""HTTP as bytes on a socket, for requests that no client library would send."""

import json
import socket
from typing import NamedTuple

JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Connection:
    def __init__(self, url: str, timeout: float = 60) -> None:
        self.host, port = url.removeprefix("http://").split(":")
        self.host += f":{port}"
        self._socket = socket.create_connection((self.host.split(":")[0], int(port)), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def request(self, body: object, path: str = "/predict", headers: dict | None = None, method: str = "POST") -> bytes:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Host": self.host} | JSON | {"Content-Length": str(len(content))} | (headers or {})
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def ask(self, body: object, path: str = "/predict", headers: dict | None = None) -> Answer:
        self.send(self.request(body, path, headers))
        return self.read()

    def read(self, has_body: bool = True) -> Answer:
        head = self._read_until(b"\r\n\r\n").decode("latin-1")
        status, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0)) if has_body else 0
        while len(self._received) < length:
            self._receive()
        body, self._received = self._received[:length], self._received[length:]
        return Answer(int(status.split()[1]), headers, body)

    def end(self) -> None:
        """End the sending direction; responses on their way can still be read."""
        self._socket.shutdown(socket.SHUT_WR)

    def is_closed(self) -> bool:
        """Wait until the server closes the connection; false if it sends something instead."""
        return not self._received and self._socket.recv(1) == b""

    def _read_until(self, end: bytes) -> bytes:
        while end not in self._received:
            self._receive()
        place = self._received.index(end) + len(end)
        content, self._received = self._received[:place], self._received[place:]
        return content

    def _receive(self) -> None:
        piece = self._socket.recv(65536)
        assert piece, f"the connection was cut after {self._received!r}"
        self._received += piece
