"""A table of any length through `/predict`, and the memory of its server meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from _predict.load import cpu_seconds_below
from _predict.requests import NAMES, flowers

ROWS_A_PIECE = 1000
MEBIBYTE = 2**20
STREAMED = "Content-Type: text/csv\r\nAccept: text/csv\r\nTransfer-Encoding: chunked"


def peak_megabytes_above_idle(url: str, pid: int, rows: int) -> tuple[float, float]:
    """The peak memory of all processes from `pid` down while rows are streamed, above that at rest; and the seconds."""
    stream(url, ROWS_A_PIECE)  # so that the modules imported for tables count as idle
    idle, peaks, done = resident(pid), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peaks.append(resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started_at = time.perf_counter()
    lines = stream(url, rows)
    seconds = time.perf_counter() - started_at
    done.set()
    watcher.join()
    if lines != rows + 1:
        raise RuntimeError(f"{lines} lines came for {rows} rows and their header")
    return (max(peaks) - idle) / MEBIBYTE, seconds


def stream(url: str, rows: int) -> int:
    """Send rows as CSV and read the response meanwhile; returns its number of lines."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        head = f"POST /models/iris/predict HTTP/1.1\r\nHost: {host}:{port}\r\n{STREAMED}\r\n\r\n"
        connection.sendall(head.encode())
        sender = threading.Thread(target=_send, args=(connection, rows))
        sender.start()
        lines = sum(piece.count(b"\n") for piece in _body(connection))
        sender.join()
    return lines


def resident(pid: int) -> int:
    """The resident bytes of a process and of all below it."""
    pages = 0
    for process in cpu_seconds_below(pid):
        try:
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except FileNotFoundError:
            continue
    return pages * 4096


def _send(connection: socket.socket, rows: int) -> None:
    piece = "".join(",".join(map(str, row)) + "\n" for row in flowers(ROWS_A_PIECE)).encode()
    header = ",".join(NAMES).encode() + b"\n"
    connection.sendall(b"%x\r\n%s\r\n" % (len(header), header))
    for _ in range(rows // ROWS_A_PIECE):
        connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
    connection.sendall(b"0\r\n\r\n")


def _body(connection: socket.socket) -> Iterator[bytes]:
    """The chunks of a response."""
    file = connection.makefile("rb")
    if not file.readline().startswith(b"HTTP/1.1 200"):
        raise RuntimeError(file.read(1000).decode())
    while file.readline() != b"\r\n":
        pass
    while length := int(file.readline(), 16):
        yield file.read(length)
        file.readline()
