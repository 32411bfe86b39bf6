"""Forms with a file: their parts in any order, streamed, and broken in each way."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.support.table_files import ROWS, csv_of, fault_of

BOUNDARY = "frontier"
TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, content: bytes, extra: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def parts(specification) -> tuple[bytes, bytes]:
    return part("spec", json.dumps(specification).encode()), part("file", csv_of(ROWS), '; filename="a.csv"')


def test_parts_come_in_any_order(http, parts):
    spec, file = parts
    answers = [
        http.post("/train?dry_run=1", content=body, headers=TYPE) for body in (spec + file + END, file + spec + END)
    ]
    requests = [answer.json()["request"] for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert requests[0] == requests[1]


def test_a_form_that_arrives_byte_by_byte_is_read(http, parts):
    body = b"".join(parts) + END
    answer = http.post("/train?dry_run=1", content=(body[i : i + 1] for i in range(len(body))), headers=TYPE)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("build", "status"),
    [
        (lambda spec, file: spec + END, 422),
        (lambda spec, file: file + END, 422),
        (lambda spec, file: spec + file + file + END, 422),
        (lambda spec, file: spec + spec + file + END, 422),
        (lambda spec, file: spec + file + part("fle", b"x") + END, 422),
        (lambda spec, file: spec + file, 400),
        (lambda spec, file: spec + file[:-30], 400),
        (lambda spec, file: END, 422),
        (lambda spec, file: b"", 400),
        (lambda spec, file: b"not a form", 400),
        (lambda spec, file: part("spec", b"{") + file + END, 400),
        (lambda spec, file: part("spec", b"[]") + file + END, 422),
        (lambda spec, file: part("spec", b'"' + b"x" * 1_100_000 + b'"') + file + END, 413),
        (lambda spec, file: spec + part("file", b"") + END, 422),
        (lambda spec, file: f"--{BOUNDARY}\r\nX: {'y' * 20_000}\r\n\r\n".encode() + END, 400),
    ],
)
def test_a_broken_form_is_refused(http, parts, build, status):
    fault_of(http.post("/train", content=build(*parts), headers=TYPE), status)


def test_a_form_without_a_boundary_is_refused(http, parts):
    fault_of(http.post("/train", content=b"".join(parts) + END, headers={"Content-Type": "multipart/form-data"}), 400)


def test_faults_of_the_specification_are_placed_in_its_part(http, parts):
    body = part("spec", b'{"model": "a", "label": "colr"}') + parts[1] + END
    problem = fault_of(http.post("/train", content=body, headers=TYPE), 422)
    assert problem["errors"][0]["location"] == ["body", "spec", "label"]


def test_an_upload_that_ends_early_leaves_nothing(server, parts):
    folder = server.data / "incoming"
    before = set(folder.glob("*")) if folder.is_dir() else set()
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = f"POST /train HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {TYPE['Content-Type']}\r\n"
        connection.sendall(f"{head}Content-Length: 10000000\r\n\r\n".encode() + b"".join(parts)[:200])
    assert server.http.get("/health/live").status_code == 200
    assert (set(folder.glob("*")) if folder.is_dir() else set()) == before
