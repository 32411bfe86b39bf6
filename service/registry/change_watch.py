"""Tells when names may have come to mean something else, cheaply enough to be asked before every prediction."""

from __future__ import annotations

import threading
from typing import Protocol

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.registry.audit import CHANGED_CHANNEL, changes_of
from service.registry.database import Database, sqlite_path
from service.registry.route_changes import altered_by, is_altered
from service.registry.serving_routes import Key, Route
from service.registry.sqlite_library import library

POLL_SECONDS = 1.0
RECONNECT_SECONDS = 0.5


class Watch(Protocol):
    """Asked by one thread, the event loop's."""

    def moved(self) -> bool:
        """Whether models, versions or aliases may have changed since this was asked before; true the first time."""

    def still_usable(self, routes: dict[Key, Route]) -> dict[Key, Route]:
        """After a move, what of the routes known before may be used until the database responds."""

    def close(self) -> None: ...


def open_watch(database: Database) -> Watch:
    return SqliteWatch(database) if database.on_sqlite else PostgresqlWatch(database)


class SqliteWatch:
    """Exact in every process: `PRAGMA data_version` moves with each commit of any other connection to the file.

    Commits of running trainings move it too, so the number of the newest event decides: each change of a model, a
    version or an alias writes one in its own transaction, and SQLite's transactions come one after the other.
    """

    def __init__(self, database: Database) -> None:
        self._path = sqlite_path(database.url)
        self._connection: library.Connection | None = None
        self._data_version = -1
        self._newest_event = -1

    def moved(self) -> bool:
        if self._connection is None:
            self._connection = library.connect(self._path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            data_version = self._ask("PRAGMA data_version")
            if data_version == self._data_version:
                return False
            newest_event = self._ask("SELECT max(id) FROM events")
        except library.OperationalError:  # locked for a moment: not known, so taken for moved
            return True
        self._data_version, before = data_version, self._newest_event
        self._newest_event = newest_event
        return newest_event != before

    def still_usable(self, routes: dict[Key, Route]) -> dict[Key, Route]:
        return {}

    def _ask(self, query: str) -> int:
        assert self._connection is not None
        return self._connection.execute(query).fetchone()[0] or 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class PostgresqlWatch:
    """Exact in the process that made the change, by its own commits; others hear a NOTIFY, or ask again each second.

    While the database can't be reached, what is known stays in use, except what this process itself may have altered.
    """

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._moved = True
        self._altered: set[Key] = set()
        self._noting = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        event.listen(Session, "after_commit", self._note_commit)

    def moved(self) -> bool:
        if self._thread is None:
            self._thread = threading.Thread(target=self._listen, name="registry-watch", daemon=True)
            self._thread.start()
        moved = self._moved
        if moved:
            self._moved = False
        return moved

    def still_usable(self, routes: dict[Key, Route]) -> dict[Key, Route]:
        with self._noting:
            altered, self._altered = self._altered, set()
        if not altered:
            return routes
        return {key: route for key, route in routes.items() if not is_altered(key[1], route, altered)}

    def close(self) -> None:
        event.remove(Session, "after_commit", self._note_commit)
        self._closed.set()

    def _note_commit(self, session: Session) -> None:
        if session.get_bind() is not self._engine:
            return
        altered = {key for change in changes_of(session) for key in altered_by(change)}
        if altered:
            with self._noting:
                self._altered |= altered
            self._moved = True

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen_on_one_connection()
            except (psycopg.Error, SQLAlchemyError):
                self._closed.wait(RECONNECT_SECONDS)

    def _listen_on_one_connection(self) -> None:
        pooled = self._engine.raw_connection()
        connection = pooled.driver_connection  # a detached connection no longer gives it
        assert isinstance(connection, psycopg.Connection)
        pooled.detach()  # the pool no longer counts it
        with connection:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANGED_CHANNEL}".encode())
            while not self._closed.is_set():
                connection.execute("SELECT 1")  # raises when the connection is dead, and then nothing is known
                self._moved = True
                for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                    self._moved = True
