"""One supervisor per data directory: two would train the same jobs and fight for the same files."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from feedforward.command_line.flags import refuse


def take(directory: Path) -> int:
    """Take the directory's lock for the life of this process; ends the process where that can't be.

    The kernel drops the lock when the process dies, however it dies, and children do not inherit the descriptor.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(directory / "feedforward.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        refuse(f"the data directory {directory} can't be written: {error.strerror}")
        raise
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 32, 0).decode().strip() or "unknown"
        refuse(
            f"{directory} is in use by another `feedforward up` (process {owner}). Stop it, or choose another --data."
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
