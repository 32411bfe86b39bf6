"""Bodies: no larger, slower, deeper or stranger than the address takes."""

import gzip
import http.client
import json
import socket
import zlib
from collections.abc import Iterator

import httpx
import pytest
from backports import zstd

from tests.support.service import Service


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


MEBIBYTE = 1024 * 1024
ALIAS = "/models/nobody/aliases/production"
JSON = {"Content-Type": "application/json"}


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.parametrize(
    ("path", "limit", "setting"),
    [
        (ALIAS, MEBIBYTE, None),
        ("/predict", 16 * MEBIBYTE, "FEEDFORWARD_MAX_PREDICT_BYTES"),
        ("/models/m/versions/1/predict", 16 * MEBIBYTE, "FEEDFORWARD_MAX_PREDICT_BYTES"),
        ("/train", 64 * MEBIBYTE, "FEEDFORWARD_MAX_TRAIN_BYTES"),
    ],
)
def test_a_body_over_the_limit_is_refused_as_it_arrives(server: Service, path: str, limit: int, setting: str | None):
    method = "PUT" if path == ALIAS else "POST"
    answer = server.http.request(method, path, content=pieces(limit + 131072), headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert f"{limit:,}" in answer.json()["detail"]
    assert setting is None or setting in answer.json()["detail"]


def test_a_length_over_the_limit_is_refused_before_the_body(server: Service):
    with connect(server) as link:
        link.sendall(head("PUT", ALIAS, length=10**12))
        assert b"413" in link.recv(65536).split(b"\r\n")[0]


def test_the_connection_lives_on_after_a_small_refusal(server: Service):
    link = http.client.HTTPConnection(httpx.URL(server.url).netloc.decode())
    for _ in range(3):
        link.request("PUT", ALIAS, body=b"{x", headers=JSON)
        answer = link.getresponse()
        assert (answer.status, json.loads(answer.read())["status"]) == (400, 400)
        assert link.sock is not None
    link.close()


def test_a_slow_body_is_given_up(start_server):
    server = start_server(body_timeout_seconds=0.5, workers=0)
    with connect(server) as link:
        link.sendall(head("PUT", ALIAS, length=100) + b"{")
        assert link.recv(65536).startswith(b"HTTP/1.1 408 ")
    with connect(server) as link:
        link.sendall(head("POST", "/predict", length=1000))
        assert trickle(link).startswith(b"HTTP/1.1 408 ")


def trickle(link: socket.socket) -> bytes:
    """Send a byte now and then until there is an answer."""
    link.settimeout(0.05)
    for _ in range(200):
        try:
            return link.recv(65536)
        except TimeoutError:
            link.sendall(b" ")
    return b""


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "{",
        '{"version": NaN}',
        '{"version": Infinity}',
        '{"version": -Infinity}',
        '{"version": 1e400}',
        '{"version": 1} x',
        "{'version': 1}",
        '{"version": "\\ud800"}',
        '{"a": ' * 65 + "1" + "}" * 65,
        "[" * 100_000,
        '{"version": 01}',
        '{"version": 1,}',
        '{"split": {"a\\u0000": 1}}',
    ],
)
def test_what_is_not_json_is_unreadable(http: httpx.Client, text: str):
    answer = http.put(ALIAS, content=text, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable-body"), answer.text
    assert len(answer.content) < 1000


@pytest.mark.parametrize("raw", [b'{"version": "\xff"}', '{"version": "ü"}'.encode("utf-16"), b"\xed\xa0\x80"])
def test_what_is_not_utf8_is_unreadable(http: httpx.Client, raw: bytes):
    assert http.put(ALIAS, content=raw, headers=JSON).status_code == 400


@pytest.mark.parametrize("value", ["true", '"1"', "1.5", "null", "[1]", "0", "-1"])
def test_what_is_no_number_is_not_taken_for_one(http: httpx.Client, value: str):
    answer = http.put(ALIAS, content=f'{{"version": {value}}}', headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == ["body", "version"]


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_json_must_be_declared(http: httpx.Client, kind: str | None):
    request = http.build_request("PUT", ALIAS, content=b'{"version": 1}')
    if kind is not None:
        request.headers["Content-Type"] = kind
    answer = http.send(request)
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_say_that_it_is_utf8(http: httpx.Client, kind: str):
    assert http.put(ALIAS, content=b'{"version": 1}', headers={"Content-Type": kind}).status_code == 404


def test_json_in_another_charset_is_not_taken(http: httpx.Client):
    headers = {"Content-Type": "application/json; charset=latin-1"}
    assert http.put(ALIAS, content=b'{"version": 1}', headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstd.compress),
        ("zstd", lambda body: zstd.compress(body[:5]) + zstd.compress(body[5:])),
        ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
        ("identity", bytes),
        ("GZIP", gzip.compress),
    ],
)
def test_bodies_may_be_compressed(http: httpx.Client, encoding: str, encode):
    body = encode(json.dumps({"version": 0}).encode())
    answer = http.put(ALIAS, content=body, headers=JSON | {"Content-Encoding": encoding})
    assert answer.json()["errors"][0]["location"] == ["body", "version"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(lambda compress: compress(b" " * (2 * MEBIBYTE)), 413, id="bomb"),
        pytest.param(lambda compress: compress(b" ") * 2000, 400, id="many"),
        pytest.param(lambda compress: compress(b"") * 2000, 400, id="empty"),
        pytest.param(lambda compress: compress(b"{}")[:-4], 400, id="cut"),
        pytest.param(lambda compress: compress(b"{}") + b"x", 400, id="tail"),
        pytest.param(lambda compress: b"junk", 400, id="junk"),
        pytest.param(lambda compress: b"", 400, id="nothing"),
    ],
)
@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_a_compressed_body_is_limited_too(http: httpx.Client, encoding: str, compress, raw, status: int):
    answer = http.put(ALIAS, content=raw(compress), headers=JSON | {"Content-Encoding": encoding})
    assert answer.status_code == status, answer.text


def test_a_zstd_body_that_asks_for_much_memory_is_refused(http: httpx.Client):
    """RFC 9659 allows 8 MiB of window to a body."""
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    raw = compressor.compress(b"{}", zstd.ZstdCompressor.FLUSH_BLOCK) + compressor.flush()
    answer = http.put(ALIAS, content=raw, headers=JSON | {"Content-Encoding": "zstd"})
    assert (answer.status_code, "memory" in answer.json()["detail"]) == (400, True)


def test_an_unknown_encoding_is_told_what_to_send(http: httpx.Client):
    answer = http.put(ALIAS, content=b"{}", headers=JSON | {"Content-Encoding": "br"})
    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]


def head(method: str, path: str, length: int) -> bytes:
    lines = (
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {length}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


def connect(server: Service) -> socket.socket:
    address = httpx.URL(server.url)
    return socket.create_connection((address.host, address.port), timeout=20)
