"""Removal of bytes that no row refers to: of deleted datasets and of interrupted uploads."""

from __future__ import annotations

import time

import structlog

from service.datasets.storage.object_store import ObjectStore
from service.datasets.storage.store import path_of
from service.datasets.storage.uploads import disk_as_problem, staging_folder
from service.problems import Problem
from service.registry import Session, datasets
from service.registry.database import Database
from service.settings import Settings

logger = structlog.get_logger()
ORPHAN_AGE_SECONDS = 3600
NOWHERE = ""  # the store of a dataset that does not exist


def remove(database: Database, settings: Settings, dataset: str, address: str | None) -> None:
    """Remove the file of a dataset whose row is gone, or its object if `address` is that of a store.

    What can't be removed now is swept at a later start: the dataset itself is gone already.
    """
    if address is None and not (settings.on_sqlite and path_of(settings, dataset).exists()):
        return
    try:
        with disk_as_problem(), database.write() as session:
            _remove_unknown(session, settings, dataset, address)
    except Problem as problem:
        logger.warning("the bytes of a deleted dataset were not removed", dataset=dataset, why=problem.detail)


def _remove_unknown(session: Session, settings: Settings, dataset: str, address: str | None) -> bool:
    """Remove a file or object unless a row refers to it, while nobody else can store the same content."""
    datasets.hold_content(session, dataset)
    if datasets.stores_of(session, [dataset]).get(dataset, NOWHERE) == address:
        return False
    if address is not None:
        ObjectStore(address).delete(dataset)
    else:
        path_of(settings, dataset).unlink(missing_ok=True)
    return True


def sweep(database: Database, settings: Settings, *, older_than_seconds: float = ORPHAN_AGE_SECONDS) -> int:
    """Remove files and objects of interrupted uploads; returns how many."""
    oldest = time.time() - older_than_seconds
    folder = staging_folder(settings)
    with disk_as_problem():
        staged_files = [path for path in folder.iterdir() if path.stat().st_mtime < oldest]
        for path in staged_files:
            path.unlink(missing_ok=True)
    address, stored = settings.dataset_store, dict[str | None, list[str]]()
    if address is not None:
        stored[address] = ObjectStore(address).list_older(older_than_seconds)
    if settings.on_sqlite and (settings.data / "datasets").is_dir():
        files = (settings.data / "datasets").iterdir()
        stored[None] = [f"sha256:{path.name}" for path in files if path.stat().st_mtime < oldest]
    return len(staged_files) + sum(_sweep_store(database, settings, store, names) for store, names in stored.items())


def _sweep_store(database: Database, settings: Settings, address: str | None, names: list[str]) -> int:
    with database.read() as session:
        stores = _stores(session, names)
    orphans = [name for name in names if stores.get(name, NOWHERE) != address]
    count = 0
    for name in orphans:
        with disk_as_problem(), database.write() as session:
            count += _remove_unknown(session, settings, name, address)
    return count


def _stores(session: Session, ids: list[str]) -> dict[str, str | None]:
    stores: dict[str, str | None] = {}
    for start in range(0, len(ids), 500):
        stores |= datasets.stores_of(session, ids[start : start + 500])
    return stores
