"""Uploads through many API processes at once: each file is kept once, whole, and nobody is told of a lock."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.processes import FeedforwardProcess
from tests.support.table_files import csv_of

PROCESSES = 2
FILES = 6


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Where several processes listen that serve one database; on SQLite they share a port."""
    folder = tmp_path_factory.mktemp("processes")
    if request.param == "sqlite":
        yield from _serving([["up", "--api-processes", str(PROCESSES)]], folder)
    else:
        with request.getfixturevalue("postgresql_server").database() as url:
            yield from _serving([["api"]] * PROCESSES, folder, database_url=url)


def _serving(commands: list[list[str]], folder: Path, **settings: str) -> Iterator[list[str]]:
    processes = [
        FeedforwardProcess([*command, "--port", "0"], folder / f"{number}.log", data=folder / "data", **settings)
        for number, command in enumerate(commands)
    ]
    try:
        yield [process.wait_ready().rstrip("/") for process in processes]
    finally:
        for process in processes:
            process.stop()


def file_of(number: int) -> bytes:
    return csv_of([{"file": number, "row": row, "color": "red" if row % 3 else "blue"} for row in range(200)])


def id_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def at_once(urls: list[str], act, count: int) -> list[httpx.Response]:
    """`act(client, turn)` for each turn, on a connection of its own, the turns spread over the processes."""

    def one(turn: int) -> httpx.Response:
        with httpx.Client(base_url=urls[turn % len(urls)], timeout=60, trust_env=False) as client:
            return act(client, turn)

    with ThreadPoolExecutor(3 * PROCESSES) as pool:
        return list(pool.map(one, range(count)))


def upload(client: httpx.Client, content: bytes, query: str = "") -> httpx.Response:
    return client.post(f"/datasets{query}", content=content, headers={"Content-Type": "text/csv"})


def test_each_file_is_kept_once_and_whole(urls):
    answers = at_once(urls, lambda client, turn: upload(client, file_of(turn // 5 % FILES)), 5 * FILES)
    assert {answer.status_code for answer in answers} <= {200, 201, 202}, [answer.text for answer in answers]
    expected = {id_of(file_of(number)) for number in range(FILES)}
    assert Counter(answer.json()["id"] for answer in answers) == dict.fromkeys(expected, 5)
    for url in urls:
        listed = [dataset["id"] for dataset in httpx.get(f"{url}/datasets?limit=200", trust_env=False).json()["items"]]
        assert sorted(set(listed) & expected) == sorted(expected)
        assert len(listed) == len(set(listed))
        for number in range(FILES):
            content = file_of(number)
            assert httpx.get(f"{url}/datasets/{id_of(content)}/content", trust_env=False).content == content


def test_one_of_many_gets_the_name(urls):
    answers = at_once(urls, lambda client, turn: upload(client, file_of(100 + turn), "?name=flowers"), FILES)
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 202, 409}, [answer.text for answer in answers]
    assert statuses.count(409) == FILES - 1
    [named] = [answer.json()["id"] for answer in answers if answer.status_code != 409]
    for url in urls:
        assert httpx.get(f"{url}/datasets/flowers", trust_env=False).json()["id"] == named


def test_uploads_and_deletions_in_different_processes_leave_no_row_without_its_bytes(urls):
    content = file_of(200)

    def act(client: httpx.Client, turn: int) -> httpx.Response:
        return client.delete(f"/datasets/{id_of(content)}") if turn % 2 else upload(client, content)

    statuses = {answer.status_code for answer in at_once(urls, act, 60)}
    assert statuses <= {200, 201, 202, 204, 404}, statuses
    found = [httpx.get(f"{url}/datasets/{id_of(content)}/content", trust_env=False) for url in urls]
    assert len({answer.status_code for answer in found}) == 1
    assert all(answer.status_code == 404 or answer.content == content for answer in found)
