"""Access to the database: sessions that read, sessions that write, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from service.problems import DiskFull, Unavailable
from service.registry.jobs.queue import QueueLength
from service.registry.sqlite_library import JOURNAL_MODE, leave_unsafe_log, library
from service.settings import Settings

BUSY_TIMEOUT_MILLISECONDS = 30_000
SECONDS_TO_GET_A_CONNECTION = 4
# A process that freezes during a write, or loses its machine, must not hold its locks for long.
LIMIT_A_WRITE = text(
    "SELECT set_config('idle_in_transaction_session_timeout', '8s', true), set_config('lock_timeout', '20s', true)"
)
# A cut network reports nothing, so libpq, and TCP below it, give up by themselves. The address may override this.
LIBPQ_OPTIONS = {
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
DISK_IS_FULL = ("SQLITE_FULL", "53100")
# SQLite: in use, not to be opened or not to be read. PostgreSQL: its classes of lost connections, lack of resources,
# lost races and shut-downs, and no response at all.
SQLITE_OUT_OF_REACH = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY")
OUT_OF_REACH = (*SQLITE_OUT_OF_REACH, "08", "25P03", "53", "40", "55", "57", "58")


class Database:
    """One per process. `read` sees one consistent state; `write` is one transaction, whole or not at all."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.on_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.on_sqlite else _postgresql_engine(url)
        self._memory = {"queue length": QueueLength()}
        self._writer = threading.Lock() if self.on_sqlite else nullcontext()

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name; its directory is created if it is missing."""
        if settings.on_sqlite:
            settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            leave_unsafe_log(sqlite_path(settings.resolved_database_url))
        return cls(settings.resolved_database_url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose queries see one state of the database. Nothing is committed."""
        with _as_problem(), Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises.

        Raises DiskFull when the disk is full, and Unavailable when the database can't be reached.
        """
        with self._writer, _as_problem(), Session(self.engine, expire_on_commit=False, info=self._memory) as session:
            session.connection(execution_options={"feedforward_writes": True})
            if not self.on_sqlite:
                session.execute(LIMIT_A_WRITE)
            yield session
            session.commit()

    @contextmanager
    def driver_connection(self) -> Iterator[Any]:
        """The driver's own connection in a transaction, for a library with its own SQL. Raises what `write` raises."""
        with _as_problem(), self.engine.begin() as connection:
            yield connection.connection.driver_connection

    @property
    def version(self) -> str:
        """The version of SQLite's library or PostgreSQL's server; empty before the first connection."""
        return ".".join(map(str, self.engine.dialect.server_version_info or ()))

    def is_alive(self) -> bool:
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DBAPIError, exc.TimeoutError):
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


def delete_in_batches(database: Database, delete_batch: Callable[[Session], int], limit: int) -> int:
    """Delete rows in transactions of `limit` rows, so that others do not wait long; returns how many were deleted."""
    total = 0
    while True:
        with database.write() as session:
            deleted = delete_batch(session)
        total += deleted
        if deleted < limit:
            return total


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        module=library,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        pool_size=16,
        max_overflow=64,
        pool_timeout=30,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: library.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not guessed by the driver
    for pragma in (f"journal_mode = {JOURNAL_MODE}", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")


def _begin_sqlite(connection: Connection) -> None:
    # A write that began as a read could lose the race for the lock half-way; IMMEDIATE takes it at the start.
    writes = connection.get_execution_options().get("feedforward_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: str) -> Engine:
    from service.registry.reach import guard  # noqa: PLC0415  # imports psycopg, which SQLite does not need

    engine = create_engine(
        url,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        pool_size=8,
        max_overflow=32,
        pool_timeout=SECONDS_TO_GET_A_CONNECTION,
        pool_pre_ping=True,
    )
    guard(engine, LIBPQ_OPTIONS)
    return engine


def libpq_address(url: str) -> str:
    """The database's address for libraries that connect by themselves, with options to notice a server that is away."""
    address = make_url(url)
    missing = {name: value for name, value in LIBPQ_OPTIONS.items() if name not in address.query}
    uri = address.update_query_dict(missing).set(drivername="postgresql").render_as_string(hide_password=False)
    return uri.replace(" ", "%20")  # SQLAlchemy leaves spaces in passwords as they are, and libpq rejects them


@contextmanager
def _as_problem() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        name = _error_name(error)
        if name in DISK_IS_FULL:
            raise DiskFull("The database's disk is full. Free some space and send the request again.") from error
        if name and not name.startswith(OUT_OF_REACH):
            raise
        detail = "The database can't be reached or is busy. Try again."
        raise Unavailable(detail, headers={"Retry-After": "1"}) from error
    except exc.TimeoutError as error:
        detail = "All connections to the database are in use. Try again."
        raise Unavailable(detail, headers={"Retry-After": "1"}) from error


def _error_name(error: OperationalError) -> str:
    """SQLite's name of the error, or PostgreSQL's SQLSTATE; empty when no server responded."""
    return getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""


def sqlite_path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
