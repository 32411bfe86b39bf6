"""The bytes of datasets on both databases: kept in an order that survives crashes, checked when they are read."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from service.datasets import store
from service.datasets.incoming import IncomingFile, disk_full_as_problem, write_incoming
from service.datasets.loading import load_table
from service.datasets.store import CorruptDataset
from service.problems import DiskFull, InvalidInput, NotFound
from service.registry import datasets
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.tables import DatasetPartRow
from service.settings import Settings

CONTENT = b"a,b\n1,x\n2,y\n"
ID = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    url = None if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database_url=url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database.of(settings)
    ensure_current(database)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'feedforward.db'}"
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        yield url


def keep(database: Database, settings: Settings, content: bytes = CONTENT) -> bool:
    incoming = write_incoming(settings, content)
    try:
        with database.write() as session:
            return store.keep(session, settings, incoming, "csv")
    finally:
        incoming.discard()


def damage(database: Database, settings: Settings, content: bytes) -> None:
    """Put other bytes in the place of the dataset's."""
    if settings.on_sqlite:
        store.path_of(settings, ID).write_bytes(content)
        return
    with database.write() as session:
        session.get_one(DatasetPartRow, (ID, 0)).content = content


def test_bytes_are_kept_once_and_come_back(database, settings):
    assert keep(database, settings)
    assert not keep(database, settings)
    assert b"".join(store.stream(database, settings, ID)) == CONTENT
    with store.opened(database, settings, ID) as stored:
        assert (stored.path.read_bytes(), stored.format, stored.bytes) == (CONTENT, "csv", len(CONTENT))


def test_bytes_of_several_pieces_come_back(database, settings):
    content = CONTENT + b"3,z\n" * 700_000
    incoming = write_incoming(settings, content)
    keep(database, settings, content)
    assert b"".join(store.stream(database, settings, incoming.id)) == content


def test_a_table_is_loaded_by_digest_and_by_name(database, settings):
    keep(database, settings)
    with database.write() as session:
        datasets.set_name(session, ID, "letters", "test")
    for reference in (ID, "letters"):
        table = load_table(database, settings, reference)
        np.testing.assert_array_equal(table["a"].values, [1, 2])
    with pytest.raises(NotFound):
        load_table(database, settings, "leters")


def test_data_that_is_no_table_is_a_problem_with_its_place(database, settings):
    keep(database, settings, b"a,b\n1\n")
    with pytest.raises(InvalidInput) as caught:
        load_table(
            database, settings, f"sha256:{hashlib.sha256(b'a,b' + bytes([10]) + b'1' + bytes([10])).hexdigest()}"
        )
    assert caught.value.errors[0]["location"] == ["body", "data", "dataset", 2]


@pytest.mark.parametrize("content", [CONTENT.replace(b"1", b"7"), CONTENT[:-1], CONTENT + b"\n", b""])
def test_damaged_bytes_are_never_given_out_whole(database, settings, content):
    keep(database, settings)
    damage(database, settings, content)
    with pytest.raises(CorruptDataset):
        load_table(database, settings, ID)
    given: list[bytes] = []
    with pytest.raises(CorruptDataset):
        given.extend(store.stream(database, settings, ID))
    assert given == []


def test_sending_damaged_bytes_again_heals_them(database, settings):
    keep(database, settings)
    if settings.on_sqlite:  # else they are rows, which are the database's own to keep
        damage(database, settings, b"")
    keep(database, settings)
    assert b"".join(store.stream(database, settings, ID)) == CONTENT


def test_what_was_not_committed_is_no_dataset(database, settings):
    incoming = write_incoming(settings, CONTENT)

    def crash() -> None:
        with database.write() as session:
            store.keep(session, settings, incoming, "csv")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    with pytest.raises(NotFound), store.opened(database, settings, ID):
        pass
    assert keep(database, settings)
    assert b"".join(store.stream(database, settings, ID)) == CONTENT


def test_what_interrupted_uploads_left_behind_is_swept_and_nothing_else(database, settings):
    keep(database, settings)
    unfinished = IncomingFile(settings)
    unfinished.write(b"half")
    orphan = settings.data / "datasets" / ("0" * 64)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"orphan")
    store.sweep(database, settings)
    assert unfinished.path.exists()
    assert orphan.exists()
    for path in (unfinished.path, orphan):
        os.utime(path, (0, 0))
    store.sweep(database, settings)
    assert not unfinished.path.exists()
    assert orphan.exists() is not settings.on_sqlite
    assert b"".join(store.stream(database, settings, ID)) == CONTENT
    unfinished.discard()


def test_deleting_removes_the_bytes(database, settings):
    keep(database, settings)
    with database.write() as session:
        datasets.delete_dataset(session, ID, "test")
    store.remove(database, settings, ID)
    assert not store.path_of(settings, ID).exists()
    with database.read() as session:
        assert list(datasets.read_parts(session, ID)) == []


def test_removing_leaves_bytes_that_were_stored_again_meanwhile(database, settings):
    keep(database, settings)
    with database.write() as session:
        datasets.delete_dataset(session, ID, "test")
    keep(database, settings)
    store.remove(database, settings, ID)
    assert b"".join(store.stream(database, settings, ID)) == CONTENT


def test_a_full_disk_is_said_to_be_full():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(DiskFull), disk_full_as_problem():
        full.write(b"x")
