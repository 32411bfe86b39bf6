"""Removing bytes that no row names: of deleted datasets, and what interrupted uploads left behind."""

from __future__ import annotations

import time

from service.datasets.storage.object_store import ObjectStore
from service.datasets.storage.store import path_of
from service.datasets.storage.uploads import staging_folder
from service.registry import Session, datasets
from service.registry.database import Database
from service.settings import Settings

ORPHAN_AGE_SECONDS = 3600
NOWHERE = ""  # the store of a dataset that is none


def remove(database: Database, settings: Settings, dataset: str, place: str | None) -> None:
    """Remove the file of a dataset whose row is gone, or its object where `place` is a store."""
    if place is None and not (settings.on_sqlite and path_of(settings, dataset).exists()):
        return
    with database.write() as session:
        _remove_unknown(session, settings, dataset, place)


def _remove_unknown(session: Session, settings: Settings, dataset: str, place: str | None) -> bool:
    """Remove what no row names. Nobody can store the same content meanwhile."""
    datasets.hold_content(session, dataset)
    if datasets.stores_of(session, [dataset]).get(dataset, NOWHERE) == place:
        return False
    if place is not None:
        ObjectStore(place).delete(dataset)
    else:
        path_of(settings, dataset).unlink(missing_ok=True)
    return True


def sweep(database: Database, settings: Settings, *, older_than_seconds: float = ORPHAN_AGE_SECONDS) -> int:
    """Remove what interrupted uploads left behind; returns how many files and objects that were."""
    oldest = time.time() - older_than_seconds
    left = [path for path in staging_folder(settings).iterdir() if path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    place, found = settings.dataset_store, dict[str | None, list[str]]()
    if place is not None:
        found[place] = ObjectStore(place).list_older(older_than_seconds)
    if settings.on_sqlite and (settings.data / "datasets").is_dir():
        files = (settings.data / "datasets").iterdir()
        found[None] = [f"sha256:{path.name}" for path in files if path.stat().st_mtime < oldest]
    return len(left) + sum(_sweep_store(database, settings, store, names) for store, names in found.items())


def _sweep_store(database: Database, settings: Settings, place: str | None, names: list[str]) -> int:
    with database.read() as session:
        known = _stores(session, names)
    orphans = [name for name in names if known.get(name, NOWHERE) != place]
    gone = 0
    for name in orphans:
        with database.write() as session:
            gone += _remove_unknown(session, settings, name, place)
    return gone


def _stores(session: Session, ids: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for start in range(0, len(ids), 500):
        found |= datasets.stores_of(session, ids[start : start + 500])
    return found
