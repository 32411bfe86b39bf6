"""`feedforward up`: API, dashboard and workers on this machine, as one process tree."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from feedforward.command_line.flags import fail, flags, settings_from
from feedforward.processes.process_tree import Feeder, ProcessTree, listen
from service.settings import Settings


@click.command()
@flags("data", "database_url", "host", "port", "workers", "api_processes", "insecure", "migrate")
def command(**options: Any) -> None:
    """API, dashboard and workers on this machine, as one process tree."""
    settings = settings_from(**options)
    lock = lock_directory(settings.data)  # held until the process ends
    listener = open_listener(settings)
    tree_exit = asyncio.run(run_tree(settings, listener))
    listener.close()
    del lock
    sys.exit(tree_exit)


def lock_directory(directory: Path) -> int:
    """Lock a data directory for this process: two supervisors would train the same jobs. Exits if it is in use.

    The kernel drops the lock when the process dies, however it dies, and children do not inherit the descriptor.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(directory / "feedforward.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        fail(f"the data directory {directory} can't be written: {error.strerror}")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 32, 0).decode().strip() or "unknown"
        fail(f"{directory} is in use by another `feedforward up` (process {owner}). Stop it, or choose another --data.")
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


async def run_tree(settings: Settings, listener: socket.socket) -> int:
    return await ProcessTree(settings, listener, lambda: make_feeder(settings)).run()


def open_listener(settings: Settings) -> socket.socket:
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        fail(f"can't listen on {settings.host}:{settings.port}: {error.strerror}. Choose another --port, or 0.")


def make_feeder(settings: Settings) -> Feeder:
    # Imported here, while the API processes are starting already.
    feeder: Feeder = import_module("feedforward.processes.job_feeder").make_feeder(settings)
    return feeder
