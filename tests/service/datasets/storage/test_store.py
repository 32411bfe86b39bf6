"""The bytes of datasets on both databases: kept in an order that survives crashes, checked when they are read."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from models.data.reading.options import ReadingOptions
from service.datasets.load import load_table
from service.datasets.storage import garbage_collection, store
from service.datasets.storage.object_store import ObjectStore
from service.datasets.storage.store import CorruptDataset
from service.datasets.storage.uploads import StagedFileWriter, disk_as_problem, write_staged
from service.problems import DiskFull, InvalidInput, NotFound, Unavailable
from service.registry import datasets
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.tables import DatasetPartRow, DatasetRow
from service.settings import Settings

FEW = b"a,b\n1,x\n2,y\n"
MANY = FEW + b"3,z\n" * 300_000  # a file on SQLite, several parts on PostgreSQL


@pytest.fixture(params=[FEW, MANY], ids=["few bytes", "many bytes"])
def content(request: pytest.FixtureRequest) -> bytes:
    return request.param


@pytest.fixture
def dataset(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "sqlite and objects", "postgresql and objects"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    data = tmp_path_factory.mktemp("store")
    objects = f"file://{data}/objects" if "objects" in request.param else None
    if request.param.startswith("sqlite"):
        yield Settings(data=data, dataset_store=objects)
        return
    with request.getfixturevalue("postgresql_server").database() as url:
        yield Settings(data=data, database_url=url, dataset_store=objects)


@pytest.fixture(scope="module")
def tables(settings: Settings) -> Iterator[Database]:
    database = Database.of(settings)
    ensure_current(database)
    yield database
    database.close()


@pytest.fixture
def database(tables: Database) -> Database:
    """Without any dataset."""
    with tables.write() as session:
        session.query(DatasetPartRow).delete()
        session.query(DatasetRow).delete()
    return tables


def keep(database: Database, settings: Settings, content: bytes) -> bool:
    staged = write_staged(settings, content)
    try:
        store.stage(database, settings, staged)
        with database.write() as session:
            return store.commit(session, settings, staged, "csv")
    finally:
        staged.discard()


def file_of(settings: Settings, dataset: str) -> Path:
    """Where the bytes are, if they are in a file."""
    if settings.dataset_store is None:
        return store.path_of(settings, dataset)
    return Path(settings.dataset_store.removeprefix("file://")) / dataset.removeprefix("sha256:")


def damage(database: Database, settings: Settings, dataset: str, content: bytes) -> None:
    """Put other bytes in the place of the dataset's."""
    if file_of(settings, dataset).exists():
        file_of(settings, dataset).write_bytes(content)
        return
    with database.write() as session:
        part = session.get_one(DatasetPartRow, (dataset, 0))
        part.content = content[: len(part.content)]


def test_bytes_are_kept_once_and_come_back(database, settings, content, dataset):
    assert keep(database, settings, content)
    assert not keep(database, settings, content)
    assert b"".join(store.stream(database, settings, dataset)) == content
    with store.open_checked(database, settings, dataset) as stored:
        assert (stored.path.read_bytes(), stored.format, stored.bytes) == (content, "csv", len(content))


def test_bytes_in_memory_are_kept_alike(database, settings, content, dataset):
    with database.write() as session:
        assert store.commit_content(session, settings, dataset, content, "csv")
    assert not keep(database, settings, content)
    assert b"".join(store.stream(database, settings, dataset)) == content


def test_a_table_is_loaded_by_digest_and_by_name(database, settings, content, dataset):
    keep(database, settings, content)
    with database.write() as session:
        datasets.set_name(session, dataset, "letters", "test")
    for reference in (dataset, "letters"):
        table = load_table(database, settings, reference, ReadingOptions())
        np.testing.assert_array_equal(table["a"].values[:2], [1, 2])
    with pytest.raises(NotFound):
        load_table(database, settings, "leters", ReadingOptions())


def test_data_that_is_no_table_is_a_problem_with_its_place(database, settings):
    content = b"a,b\n1\n"
    keep(database, settings, content)
    with pytest.raises(InvalidInput) as caught:
        load_table(database, settings, f"sha256:{hashlib.sha256(content).hexdigest()}", ReadingOptions())
    assert caught.value.errors[0]["location"] == ["body", "data", "dataset", 2]


@pytest.mark.parametrize("change", [(b"1", b"7"), (b"2,y\n", b""), (b"a", b"aa"), (b"\n", b"\r")])
def test_damaged_bytes_are_never_given_out_whole(database, settings, content, dataset, change):
    keep(database, settings, content)
    damage(database, settings, dataset, content.replace(*change, 1))
    with pytest.raises(CorruptDataset):
        load_table(database, settings, dataset, ReadingOptions())
    given: list[bytes] = []
    with pytest.raises(CorruptDataset):
        given.extend(store.stream(database, settings, dataset))
    assert len(b"".join(given)) < len(content)


def test_a_lost_file_is_told_and_healed_when_it_is_sent_again(database, settings):
    dataset = f"sha256:{hashlib.sha256(MANY).hexdigest()}"
    keep(database, settings, MANY)
    file_of(settings, dataset).unlink(missing_ok=True)
    if settings.on_sqlite or settings.dataset_store:
        with pytest.raises(CorruptDataset):
            load_table(database, settings, dataset, ReadingOptions())
    keep(database, settings, MANY)
    assert b"".join(store.stream(database, settings, dataset)) == MANY


def test_what_was_not_committed_is_no_dataset(database, settings, content, dataset):
    staged = write_staged(settings, content)

    def crash() -> None:
        with database.write() as session:
            store.commit(session, settings, staged, "csv")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    with pytest.raises(NotFound), store.open_checked(database, settings, dataset):
        pass
    assert keep(database, settings, content)
    assert b"".join(store.stream(database, settings, dataset)) == content


def test_what_interrupted_uploads_left_behind_is_swept_and_nothing_else(database, settings, content, dataset):
    keep(database, settings, content)
    unfinished = StagedFileWriter(settings)
    unfinished.write(b"half")
    orphan = file_of(settings, f"sha256:{'0' * 64}")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"orphan")
    garbage_collection.sweep(database, settings)
    assert unfinished.path.exists()
    assert orphan.exists()
    for path in (unfinished.path, *orphan.parent.iterdir()):
        os.utime(path, (0, 0))
    garbage_collection.sweep(database, settings)
    assert not unfinished.path.exists()
    assert orphan.exists() is not (settings.on_sqlite or settings.dataset_store is not None)
    assert b"".join(store.stream(database, settings, dataset)) == content
    unfinished.discard()


def test_deleting_removes_the_bytes(database, settings, content, dataset):
    keep(database, settings, content)
    with database.write() as session:
        _, place = datasets.delete_dataset(session, dataset, "test")
    garbage_collection.remove(database, settings, dataset, place)
    assert not file_of(settings, dataset).exists()
    with database.read() as session:
        assert list(datasets.read_parts(session, dataset)) == []


def test_removing_leaves_bytes_that_were_stored_again_meanwhile(database, settings, content, dataset):
    keep(database, settings, content)
    with database.write() as session:
        _, place = datasets.delete_dataset(session, dataset, "test")
    keep(database, settings, content)
    garbage_collection.remove(database, settings, dataset, place)
    assert b"".join(store.stream(database, settings, dataset)) == content


def test_a_full_disk_is_said_to_be_full():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(DiskFull), disk_as_problem():
        full.write(b"x")


def test_another_setting_loses_no_dataset(database, settings, tmp_path):
    """Each row says where its bytes are: old datasets stay where they are, new ones go where they now belong."""
    other = MANY + b"4,w\n"
    keep(database, settings, MANY)
    moved = settings.model_copy(update={"dataset_store": f"file://{tmp_path}/elsewhere"})
    for content in (MANY, other):
        keep(database, moved, content)
    for now in (settings, moved):
        for content in (MANY, other):
            dataset = f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert b"".join(store.stream(database, now, dataset)) == content
            with store.open_checked(database, now, dataset) as stored:
                assert stored.path.read_bytes() == content
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


def test_an_object_store_that_is_away_is_told_and_keeps_no_row(database, settings, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    broken = settings.model_copy(update={"dataset_store": f"file://{in_the_way}/objects"})
    with pytest.raises(Unavailable):
        keep(database, broken, MANY)
    with database.read() as session:
        assert datasets.find_row(session, f"sha256:{hashlib.sha256(MANY).hexdigest()}") is None


def test_an_object_is_whole_before_it_is_seen_and_half_a_copy_is_swept(tmp_path):
    objects, source = ObjectStore(f"file://{tmp_path}/objects"), tmp_path / "source"
    source.write_bytes(MANY)
    dataset = f"sha256:{hashlib.sha256(MANY).hexdigest()}"
    objects.ensure(dataset, source, len(MANY))
    half = tmp_path / "objects" / f"{'a' * 32}.part"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    stranger = tmp_path / "objects" / "README"
    stranger.write_bytes(b"not ours")
    os.utime(stranger, (0, 0))
    assert objects.list_older(60) == []
    assert not half.exists()
    assert stranger.exists()
    assert b"".join(objects.pieces(dataset)) == MANY


@pytest.mark.parametrize("address", ["memory://a", "somewhere", "s3://"])
def test_an_address_that_keeps_nothing_is_refused(address):
    with pytest.raises(ValidationError):
        Settings(dataset_store=address)
