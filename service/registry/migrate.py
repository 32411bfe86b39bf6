"""Migrates a database's tables to the revision that this code needs. Alembic is imported only for that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from service.problems import Unavailable
from service.registry.database import Database, sqlite_path
from service.registry.dialects import MIGRATING
from service.registry.sqlite_library import exclusive_use

HEAD = "0010"
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def current_revision(database: Database) -> str | None:
    """The revision of the database's tables, or None if there are none. Raises Unavailable."""
    with database.read() as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def ensure_current(database: Database, *, migrate: bool = True) -> None:
    """Migrate the database if it is behind, one process at a time.

    Raises Unavailable when it is newer than this code, or behind and `migrate` is false.
    """
    revision = current_revision(database)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise Unavailable(
            f"The database is at revision {revision}, newer than this Feedforward ({HEAD}). "
            "Install the newer Feedforward, or restore a backup made by this one."
        )
    if not migrate:
        raise Unavailable(f"The database is at revision {revision}, not {HEAD}. Run `feedforward migrate` first.")
    _upgrade(database)


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with _exclusive_access(database), database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


@contextmanager
def _exclusive_access(database: Database) -> Iterator[None]:
    if database.on_sqlite:
        with exclusive_use(sqlite_path(database.url)):
            yield
        return
    with database.engine.connect() as connection:
        _call_lock_function(connection, "pg_advisory_lock")
        try:
            yield
        finally:
            _call_lock_function(connection, "pg_advisory_unlock")


def _call_lock_function(connection: Connection, function: str) -> None:
    connection.execute(text(f"SELECT {function}(:key)"), {"key": MIGRATING})
    connection.commit()
