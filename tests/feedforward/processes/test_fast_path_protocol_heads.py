"""Heads, trailers and all that a connection carries beside bodies: bounded, and never taken for something else."""

import itertools
from collections.abc import Iterator

import psutil
import pytest

from service.api.middleware.request_checks import HostCheck
from service.settings import Settings
from tests.support.service import Service
from tests.support.serving.raw import Answer, Connection

KIBIBYTE, MEBIBYTE = 1024, 1024 * 1024
LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
BODY = b'{"model": "nobody", "inputs": [[1]]}'
ONE_CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
UPGRADES = {
    "of curl": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "to a web socket": b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
}


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


@pytest.fixture
def connection(server: Service) -> Iterator[Connection]:
    with Connection(server.url) as opened:
        yield opened


def head_lines(count: int) -> bytes:
    return b"".join(b"X-%06d: b\r\n" % number for number in range(count))


def assert_refused(connection: Connection, status: int, slug: str) -> Answer:
    """By the next answer, which is the last."""
    answer = connection.read()
    assert (answer.status, answer.json["type"], answer.json["status"]) == (status, f"/problems/{slug}", status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["instance"] == f"/requests/{answer.headers['x-request-id']}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["connection"] == "close"
    connection.end()
    assert connection.is_closed()
    return answer


ENDLESS = {
    "header lines": (LIVE, [head_lines(10_000)]),
    "a header's value": (LIVE + b"X: ", [b"b" * 65536]),
    "a header's name": (LIVE, [b"b" * 65536]),
    "an address": (b"GET /", [b"b" * 65536]),
    "empty lines": (b"", [b"\r\n" * 32768]),
    "trailer lines": (CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\n", [head_lines(10_000)]),
    "a trailer's value": (CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\nX: ", [b"b" * 65536]),
    "a chunk's extension": (CHUNKED + b"\r\n1;", [b"b" * 65536]),
    "header lines behind another request": (LIVE + b"\r\n" + LIVE, [head_lines(10_000)]),
    "header lines of an upgrade": (LIVE + UPGRADES["of curl"], [head_lines(10_000)]),
}


@pytest.mark.parametrize(("start", "rest"), ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_cut_and_fills_no_memory(server: Service, start: bytes, rest: list[bytes]):
    before = resident_bytes(server)
    with Connection(server.url) as connection:
        sent = send_until_cut(connection, start, itertools.cycle(rest), 32 * MEBIBYTE)
        assert sent < 16 * MEBIBYTE  # the limit, 1 MiB more, and what the kernel's buffers hold
        assert resident_bytes(server) - before < 16 * MEBIBYTE
    assert server.http.get("/health/live").status_code == 200


def send_until_cut(connection: Connection, start: bytes, rest: Iterator[bytes], most: int) -> int:
    sent = 0
    try:
        connection.send(start)
        while sent < most:
            piece = next(rest)
            connection.send(piece)
            sent += len(piece)
    except ConnectionError:
        pass
    return sent


def resident_bytes(server: Service) -> int:
    family = psutil.Process(server.process.pid)
    return sum(process.memory_info().rss for process in [family, *family.children(recursive=True)])


def head_of(size: int) -> bytes:
    return LIVE + b"X: " + b"b" * (size - len(LIVE) - 7) + b"\r\n\r\n"


OVER_THE_LIMIT = {
    "bytes": (head_of(64 * KIBIBYTE), head_of(64 * KIBIBYTE + 1)),
    "lines": (LIVE + head_lines(99) + b"\r\n", LIVE + head_lines(100) + b"\r\n"),
    "trailers": (
        CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\n" + head_lines(100) + b"\r\n",
        CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\n" + head_lines(101) + b"\r\n",
    ),
}


@pytest.mark.parametrize(("largest", "too_large"), OVER_THE_LIMIT.values(), ids=OVER_THE_LIMIT)
def test_heads_and_trailers_are_taken_up_to_the_limit(connection: Connection, largest: bytes, too_large: bytes):
    connection.send(largest)
    assert connection.read().status in {200, 404}  # by the application
    connection.send(too_large)
    answer = assert_refused(connection, 431, "head-too-large")
    assert "65,536 bytes and 100 header lines" in answer.json["detail"]


def test_a_connection_is_closed_soon_after_a_refusal(connection: Connection):
    connection.send(LIVE + head_lines(100) + b"\r\n")
    assert connection.read().status == 431
    connection.send(LIVE + b"\r\n")
    assert connection.is_closed()


def test_a_refusal_carries_the_callers_request_id(connection: Connection):
    connection.send(LIVE + b"X-Request-ID: mine\r\n" + head_lines(100) + b"\r\n")
    assert assert_refused(connection, 431, "head-too-large").headers["x-request-id"] == "mine"


def test_what_is_no_http_is_told_behind_the_answers_that_are_due(connection: Connection):
    connection.send(LIVE + b"\r\n" + LIVE + b"\r\n" + b"HELLO WORLD\r\n\r\n" + LIVE + b"\r\n")
    assert [connection.read().status for _ in range(2)] == [200, 200]
    assert_refused(connection, 400, "bad-request")


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nX\x00: b\r\n\r\n", b"GET http:// HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_a_problem(connection: Connection, garbage: bytes):
    connection.send(garbage)
    assert_refused(connection, 400, "bad-request")


def test_a_request_with_a_broken_body_is_not_run(server: Service, connection: Connection):
    head = CHUNKED.replace(b"/predict", b"/models/broken-body/aliases/production").replace(b"POST", b"PUT")
    connection.send(head + b'\r\n5\r\n{"ver\r\nXYZ\r\n')
    assert_refused(connection, 400, "bad-request")


def test_a_connect_is_refused(connection: Connection):
    connection.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n" + LIVE + b"\r\n")
    assert_refused(connection, 405, "method-not-allowed")


def test_a_body_in_the_smallest_chunks_is_read(connection: Connection):
    body = BODY + b" " * 30_000
    connection.send(CHUNKED + b"\r\n" + b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
    assert is_read(connection.read())


def is_read(answer: Answer) -> bool:
    """The body's model is told to be unknown, so that the body was read."""
    return answer.status == 404 and "nobody" in answer.json["detail"]


def test_heads_that_come_byte_by_byte_are_read(connection: Connection):
    upgrade = CHUNKED + UPGRADES["of curl"] + b"\r\n" + ONE_CHUNK + b"0\r\nX: y\r\n\r\n"
    for byte in LIVE + b"\r\n" + CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\n\r\n" + upgrade + LIVE + b"\r\n":
        connection.send(bytes([byte]))
    assert connection.read().status == 200
    assert is_read(connection.read())
    assert is_read(connection.read())
    assert connection.read().status == 200


def request_with(upgrade: bytes, form: str) -> tuple[bytes, bytes]:
    """Head and body."""
    if form == "chunked":
        return CHUNKED + upgrade + b"\r\n", ONE_CHUNK + b"0\r\n\r\n"
    length = b"Content-Length: %d" % len(BODY)
    return CHUNKED.replace(b"Transfer-Encoding: chunked", length) + upgrade + b"\r\n", BODY


@pytest.mark.parametrize("form", ["chunked", "with a length"])
@pytest.mark.parametrize("upgrade", UPGRADES.values(), ids=UPGRADES)
def test_an_upgrade_is_ignored_and_its_body_read(connection: Connection, upgrade: bytes, form: str):
    head, body = request_with(upgrade, form)
    connection.send(head + body + head + body)
    assert is_read(connection.read())
    assert is_read(connection.read())
    connection.send(LIVE + upgrade + b"\r\n" + LIVE + b"\r\n")
    assert [connection.read().status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("form", ["chunked", "with a length"])
def test_a_body_behind_an_upgrade_is_no_request(connection: Connection, form: str):
    smuggled = b"GET /problems/gone HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head, _ = request_with(UPGRADES["of curl"], form)
    head = head.replace(b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % len(smuggled))
    connection.send(LIVE + b"\r\n" + head)
    alive = connection.read()  # so the head was parsed by itself
    connection.send(smuggled if form != "chunked" else b"%x\r\n%s\r\n0\r\n\r\n" % (len(smuggled), smuggled))
    answer = connection.read()
    assert (answer.status, answer.json["type"]) == (400, "/problems/unreadable-body")
    connection.send(LIVE + b"\r\n")
    assert connection.read().body == alive.body


def test_an_upgrade_with_connection_close_is_the_last_request(connection: Connection):
    connection.send(LIVE + b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")
    assert connection.read().headers["connection"] == "close"
    assert connection.is_closed()


def test_trailers_are_no_headers(connection: Connection):
    connection.send(CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\nX-Request-ID: a-trailer\r\nHost: evil.example\r\n\r\n")
    answer = connection.read()
    assert is_read(answer)
    assert answer.headers["x-request-id"] != "a-trailer"


def test_a_trailer_that_ends_the_parser_ends_the_connection_visibly(connection: Connection):
    """The parser heeds `Connection` even in a trailer and drops what follows: no request may be left unanswered."""
    connection.send(CHUNKED + b"\r\n" + ONE_CHUNK + b"0\r\nConnection: close\r\n\r\n" + LIVE + b"\r\n")
    answer = connection.read()
    assert is_read(answer)
    assert answer.headers["connection"] == "close"
    assert connection.is_closed()


def test_hosts_are_remembered_only_where_they_are_short():
    check = HostCheck(Settings(allowed_hosts=["*"]))
    for number in range(100):
        host = b"%d%s.example" % (number, b"a" * 60_000)
        check({"headers": [(b"host", host)]}, {b"host": host})
    assert sum(map(len, check._known)) < 64 * KIBIBYTE


def test_a_client_that_will_send_nothing_more_gets_a_stream_whole(server: Service, connection: Connection):
    content = b"a,b\n" + b"".join(b"%d,%s\n" % (number, b"x" * 1000) for number in range(3000))
    dataset = server.http.post("/datasets", content=content, headers={"Content-Type": "text/csv"}).json()["id"]
    connection.send(LIVE.replace(b"/health/live", b"/datasets/%s/content" % dataset.encode()) + b"\r\n")
    connection.end()
    assert connection.read().body == content
    assert connection.is_closed()
