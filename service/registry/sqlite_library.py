"""Which SQLite library the service uses, and which journal mode is safe with it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pysqlite3 has the same interface and no types of its own
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:  # there is no wheel for this platform
        import sqlite3

library = sqlite3
Version = tuple[int, int, int]
LONGEST_WAIT_SECONDS = 30.0

# Two connections that write and checkpoint at the same moment may reset the write-ahead log under a commit, which is
# then lost (https://sqlite.org/wal.html#walresetbug). Fixed in this version, and in two series before it.
FIRST_SOUND_VERSION = (3, 51, 3)
FIRST_SOUND_VERSIONS_OF_SERIES = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}


def loses_commits_of_a_log(version: Version) -> bool:
    """Whether SQLite of this version may lose commits to a write-ahead log that others use too."""
    return version < FIRST_SOUND_VERSIONS_OF_SERIES.get(version[:2], FIRST_SOUND_VERSION)


def journal_mode(version: Version) -> str:
    """WAL, in which writers do not wait for readers, or the older rollback journal where WAL is not safe.

    Its form TRUNCATE syncs the end of the journal, so that every commit is on the disk.
    """
    return "TRUNCATE" if loses_commits_of_a_log(version) else "WAL"


JOURNAL_MODE = journal_mode(library.sqlite_version_info)


def leave_unsafe_log(path: Path) -> None:
    """Switch a database from the write-ahead log, set by another library, if this library is not safe with it.

    Only a lone connection can do that, so each process calls this before it opens the database.
    """
    if JOURNAL_MODE == "WAL" or not path.exists():
        return
    with exclusive_use(path), closing(library.connect(path, timeout=LONGEST_WAIT_SECONDS)) as connection:
        connection.execute(f"PRAGMA journal_mode = {JOURNAL_MODE}")


@contextmanager
def exclusive_use(path: Path) -> Iterator[None]:
    """Keep other processes of this service from work on the whole database."""
    with open(path.with_suffix(".migrating"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
