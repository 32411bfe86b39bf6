"""What a proxy in front of this server could read otherwise is refused, and its connection closed."""

from collections.abc import Iterator

import httpx
import pytest

from service.api.middleware.request_checks import HostCheck
from service.problems import BadHost
from service.settings import Settings
from tests.support.service import Service
from tests.support.serving.raw import Answer, Connection

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODY = b'{"model": "nobody", "inputs": [[1]]}'
CHUNKED = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
CHUNKS = b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
PREDICT = CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(BODY)) + BODY
PIECES = {"in one piece": 1_000_000, "byte by byte": 1}
in_pieces = pytest.mark.parametrize("size", PIECES.values(), ids=PIECES)


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


@pytest.fixture
def connection(server: Service) -> Iterator[Connection]:
    with Connection(server.url) as opened:
        yield opened


def send(connection: Connection, content: bytes, size: int) -> None:
    for place in range(0, len(content), size):
        connection.send(content[place : place + size])


def assert_last(connection: Connection, slug: str = "bad-request") -> Answer:
    """The next answer refuses the request, and the connection is closed after it."""
    answer = connection.read()
    assert (answer.status, answer.json["type"]) == (400, f"/problems/{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    connection.end()
    assert connection.is_closed()
    return answer


TRAILERS = {
    "a length": b"Content-Length: 5\r\n",
    "the coding": b"Transfer-Encoding: chunked\r\n",
    "another coding": b"Transfer-Encoding: gzip, identity\r\n",
    "a coding and a length": b"Transfer-Encoding: chunked\r\nX: y\r\ncontent-length: 46\r\n",
}


@in_pieces
@pytest.mark.parametrize("trailers", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize("upgrade", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
def test_trailers_say_nothing_about_a_body(connection: Connection, trailers: bytes, size: int, upgrade: bytes):
    request = CHUNKED[:-2] + upgrade + b"\r\n" + CHUNKS + trailers + b"\r\n"
    send(connection, request + LIVE + request + LIVE, size)
    answers = [connection.read() for _ in range(4)]
    assert [answer.status for answer in answers] == [404, 200, 404, 200]
    assert "nobody" in answers[2].json["detail"]


@in_pieces
def test_a_head_behind_trailers_is_read_as_strictly_as_any(connection: Connection, size: int):
    both = CHUNKED.replace(b"Transfer-", b"Content-Length: 3\r\nTransfer-")
    send(connection, CHUNKED + CHUNKS + b"Content-Length: 5\r\n\r\n" + both, size)
    assert connection.read().status == 404
    assert_last(connection)


TWICE = [
    (b"Host", b"localhost"),
    (b"Origin", b"http://localhost"),
    (b"Sec-Fetch-Site", b"same-origin"),
    (b"Authorization", b"Bearer a"),
    (b"Content-Type", b"application/json"),
    (b"Content-Length", b"%d" % len(BODY)),
    (b"Transfer-Encoding", b"chunked"),
]


@pytest.mark.parametrize(("name", "value"), TWICE)
def test_a_header_that_decides_is_sent_once(connection: Connection, name: bytes, value: bytes):
    request = CHUNKED + CHUNKS + b"\r\n" if name == b"Transfer-Encoding" else PREDICT
    missing = 2 - request.count(name)
    for _ in range(3):  # so that the head would be known to the fast path
        send(connection, PREDICT, len(PREDICT))
        assert connection.read().status == 404
    connection.send(request.replace(b"\r\n", b"\r\n" + b"%s: %s\r\n" % (name, value) * missing, 1))
    assert_last(connection)


PROTOCOLS = [b"HTTP/2.0", b"HTTP/0.9", b"RTSP/1.0", b" RTSP/1.1", b"  RTSP/1.0", b"ICE/1.1", b"HTTP/3.0", b"HTTP/1.2"]


@in_pieces
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_another_protocol_is_refused(connection: Connection, protocol: bytes, size: int):
    connection.send(PREDICT[:-5])  # the next request begins in the same piece as the end of this one's body
    send(connection, PREDICT[-5:] + LIVE.replace(b"HTTP/1.1", protocol), size)
    assert connection.read().status == 404
    assert_last(connection)


ALIKE = {
    "a request before it": LIVE,
    "a body before it": PREDICT[: -len(BODY)].replace(b"%d" % len(BODY), b"%d" % len(LIVE)) + LIVE,
    "chunks before it": CHUNKED + b"%x\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(LIVE), LIVE),
}


@in_pieces
@pytest.mark.parametrize("before", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("line", [b"GET /health/live  RTSP/1.1", b"SOURCE /health/live ICE/1.1"])
def test_another_protocol_is_refused_whatever_comes_before_it(
    connection: Connection, before: bytes, line: bytes, size: int
):
    send(connection, before + LIVE + LIVE.replace(b"GET /health/live HTTP/1.1", line) + LIVE, size)
    assert connection.read().status in {200, 400}
    assert connection.read().status == 200
    assert_last(connection)


@in_pieces
def test_what_looks_like_another_protocol_in_a_body_is_none(connection: Connection, size: int):
    body = LIVE.replace(b"HTTP", b"RTSP")
    request = PREDICT[: -len(BODY)].replace(b"%d" % len(BODY), b"%d" % len(body)) + body
    send(connection, request + LIVE + request + b"\r\n" + LIVE, size)
    assert [connection.read().status for _ in range(4)] == [400, 200, 400, 200]


def test_http_1_0_is_served(connection: Connection):
    connection.send(LIVE.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert connection.read().status == 200
    assert connection.is_closed()


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"gzip", b"identity", b"chunked, chunked", b"xchunked"])
def test_a_coding_inside_the_chunks_is_refused(connection: Connection, coding: bytes):
    connection.send(CHUNKED.replace(b": chunked", b": " + coding) + CHUNKS + b"\r\n")
    assert_last(connection)


def request_to(target: bytes, host: bytes = b"localhost") -> bytes:
    return LIVE.replace(b"/health/live", target).replace(b"localhost", host)


def test_the_host_of_an_address_is_checked_like_the_header(connection: Connection):
    for target, host, status in [
        (b"http://localhost/models", b"localhost", 200),
        (b"HTTP://LOCALHOST:80/models", b"localhost", 200),
        (b"http://[::1]/models", b"evil.example", 200),
        (b"http://evil.example/models", b"localhost", 400),
        (b"http://localhost.evil.example:80/models", b"localhost", 400),
    ]:
        connection.send(request_to(target, host))
        answer = connection.read()
        assert answer.status == status, target
        assert status == 200 or answer.json["type"] == "/problems/bad-host"


def test_an_address_with_a_user_name_is_refused(connection: Connection):
    connection.send(request_to(b"http://localhost@localhost/models"))
    assert_last(connection)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:abc@x", "localhost:80:80", "user@localhost", "localhost/", "[::1", "::1", "localhost:123456"]
)
def test_a_host_that_is_none_is_refused(http: httpx.Client, host: str):
    answer = http.get("/models", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-host")


@pytest.mark.parametrize("host", ["127.0.0.1:abc@x", "localhost:80:80"])
def test_a_host_that_is_none_is_refused_where_every_name_is_allowed(host: str):
    check = HostCheck(Settings(allowed_hosts=["*"]))
    with pytest.raises(BadHost):
        check({"headers": [(b"host", host.encode())]}, {b"host": host.encode()})
