"""`feedforward up`: API, dashboard and workers on this machine, as one process tree."""

from __future__ import annotations

import asyncio
import socket
import sys
from importlib import import_module
from typing import Any

import click

from feedforward.command_line import directory_lock
from feedforward.command_line.flags import flags, refuse, settings_from
from feedforward.processes.process_tree import Feeder, ProcessTree, listen
from service.settings import Settings


@click.command()
@flags("data", "database_url", "host", "port", "workers", "api_processes", "insecure", "migrate")
def command(**given: Any) -> None:
    """API, dashboard and workers on this machine, as one process tree."""
    settings = settings_from(**given)
    lock = directory_lock.take(settings.data)  # held until the process ends
    listener = open_listener(settings)
    tree_exit = asyncio.run(run_tree(settings, listener))
    listener.close()
    del lock
    sys.exit(tree_exit)


async def run_tree(settings: Settings, listener: socket.socket) -> int:
    return await ProcessTree(settings, listener, lambda: make_feeder(settings)).run()


def open_listener(settings: Settings) -> socket.socket:
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        refuse(f"can't listen on {settings.host}:{settings.port}: {error.strerror}. Choose another --port, or 0.")
        raise


def make_feeder(settings: Settings) -> Feeder:
    # Imported here, while the API processes are starting already.
    feeder: Feeder = import_module("feedforward.processes.job_feeder").make_feeder(settings)
    return feeder
