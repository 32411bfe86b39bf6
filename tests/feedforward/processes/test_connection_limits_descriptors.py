"""A server with few descriptors stays open to newcomers, whatever holds the descriptors."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.long_trainings import wait_until
from tests.support.processes import FeedforwardProcess
from tests.support.serving.raw import Connection

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF_A_HEAD = LIVE[:40]


@pytest.fixture(scope="module")
def few_descriptors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedforwardProcess]:
    """`up` with room for 72 connections, but not for as many files as well. It runs no jobs."""
    folder = tmp_path_factory.mktemp("few-descriptors")
    arguments = ["up", "--data", str(folder / "data"), "--port", "0"]
    process = FeedforwardProcess(arguments, folder / "log", within=["prlimit", "--nofile=200:200"], workers=0)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def url(few_descriptors: FeedforwardProcess) -> str:
    return few_descriptors.wait_ready().rstrip("/")


def test_few_descriptors_and_many_silent_connections_lock_nobody_out(url: str):
    with ExitStack() as crowd:
        for number in range(200):
            connection = crowd.enter_context(Connection(url))
            if number % 2:
                connection.send(HALF_A_HEAD)
        assert status_of_newcomer(url) == 200


def test_unread_streams_of_events_make_room_at_any_time(url: str):
    training = {"model": "queued", "data": {"rows": [{"x": x, "y": x % 2} for x in range(20)]}, "label": "y"}
    job = httpx.post(f"{url}/train", json=training, trust_env=False).json()["id"]
    with ExitStack() as crowd:
        for _ in range(90):
            listener = crowd.enter_context(Connection(url))
            listener.send(LIVE.replace(b"/health/live", f"/jobs/{job}/events".encode()))
        for _ in range(5):
            assert status_of_newcomer(url) == 200


UPLOAD = (
    b"POST /datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\na,b\n1,2\n"
)


def test_files_that_requests_hold_open_lock_nobody_out(few_descriptors: FeedforwardProcess, url: str):
    rows = b"a,b\n" + b"1,2\n" * 3_000_000
    headers = {"Content-Type": "text/csv"}
    dataset = httpx.post(f"{url}/datasets", content=rows, headers=headers, timeout=60, trust_env=False).json()["id"]
    download = LIVE.replace(b"/health/live", f"/datasets/{dataset}/content".encode())
    api = api_process(few_descriptors)
    with ExitStack() as crowd:
        for number in range(100):
            client = crowd.enter_context(deaf_client(url))
            client.sendall(download if number % 2 else UPLOAD)
        assert {status_of_newcomer(url) for _ in range(5)} <= {200, 503}
        wait_until(lambda: status_of_newcomer(url) == 200, "an answer to a newcomer")
    wait_until(lambda: not files_of_clients(api), "the files of clients that left to be closed")
    log = few_descriptors.read_log()
    assert "without completing response" not in log
    assert '"status":500' not in log
    assert "disk for datasets can't be used" not in log


def api_process(process: FeedforwardProcess) -> psutil.Process:
    children = psutil.Process(process.pid).children()
    return next(child for child in children if "feedforward.processes.api_process" in child.cmdline())


def files_of_clients(api: psutil.Process) -> list[str]:
    """The files that uploads and downloads have open."""
    return [file.path for file in api.open_files() if Path(file.path).parent.name in {"incoming", "datasets"}]


def deaf_client(url: str) -> socket.socket:
    """Never reads, and has little room for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = url.removeprefix("http://").split(":")
    client.connect((host, int(port)))
    return client


def status_of_newcomer(url: str) -> int | None:
    with suppress(OSError, AssertionError), Connection(url, timeout=10) as newcomer:
        newcomer.send(LIVE)
        return newcomer.read().status
    return None
