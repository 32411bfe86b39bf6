"""No SQLite that may lose commits of a write-ahead log is used with one: https://sqlite.org/wal.html#walresetbug."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from service.registry.sqlite_library import journal_mode, library
from tests.support.service import Service

DATA = {"rows": [{"x": x / 10, "y": x / 5} for x in range(30)]}
# The header of the file tells its format (https://sqlite.org/fileformat.html): 1 is legacy, 2 is write-ahead log.
FORMAT_AT, ROLLBACK, LOG = 18, 1, 2


AFFECTED = "3.7.0 3.40.1 3.44.0 3.44.5 3.45.0 3.46.1 3.49.2 3.50.0 3.50.6 3.51.0 3.51.2"
SOUND = "3.44.6 3.44.7 3.50.7 3.50.8 3.51.3 3.51.10 3.52.0 3.53.4 4.0.0"


def numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


@pytest.mark.parametrize("version", AFFECTED.split())
def test_a_version_that_may_lose_commits_keeps_a_rollback_journal(version: str):
    assert journal_mode(numbers(version)) == "TRUNCATE"


@pytest.mark.parametrize("version", SOUND.split())
def test_a_sound_version_keeps_a_write_ahead_log(version: str):
    assert journal_mode(numbers(version)) == "WAL"


def file_format(service: Service) -> int:
    return (service.data / "feedforward.db").read_bytes()[FORMAT_AT]


def expected_format(version: tuple[int, int, int]) -> int:
    return {"WAL": LOG, "TRUNCATE": ROLLBACK}[journal_mode(version)]


def train(service: Service, model: str) -> None:
    service.train({"model": model, "data": DATA, "label": "y", "network": {"hidden": [2]}, "training": {"epochs": 2}})
    assert len(service.predict(model, [[0.5]])["predictions"]) == 1


def starts(service: Service) -> list[dict]:
    lines = [json.loads(line) for line in service.process.read_log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "an API process starts"]


def test_readiness_and_the_log_tell_the_version_in_use(start_server: Callable[..., Service]):
    service = start_server()
    version = library.sqlite_version
    assert service.get("/health/ready")["database_version"] == version
    assert [(line["database"], line["database_version"]) for line in starts(service)] == [("sqlite", version)]
    assert file_format(service) == expected_format(library.sqlite_version_info)


def test_a_database_moves_to_pythons_own_library_and_back(start_server: Callable[..., Service], tmp_path: Path):
    service = start_server()
    train(service, "first")
    service.stop()
    (tmp_path / "without" / "pysqlite3").mkdir(parents=True)
    (tmp_path / "without" / "pysqlite3" / "__init__.py").write_text("raise ImportError\n")  # as where it has no wheel
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "without"))
        service = start_server(workers=2, api_processes=3)
    assert service.get("/health/ready")["database_version"] == sqlite3.sqlite_version
    train(service, "second")
    assert file_format(service) == expected_format(sqlite3.sqlite_version_info)
    service.stop()
    service = start_server()
    assert {model["name"] for model in service.get("/models")["items"]} == {"first", "second"}
    assert file_format(service) == expected_format(library.sqlite_version_info)
