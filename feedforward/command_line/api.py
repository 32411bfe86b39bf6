"""`feedforward api`: API processes alone, for a fleet on PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from feedforward.command_line.flags import fail, flags, settings_from
from feedforward.command_line.up import open_listener
from feedforward.processes.process_tree import ProcessTree
from service.settings import Settings


@click.command()
@flags("data", "database_url", "host", "port", "api_processes", "insecure", "migrate")
def command(**options: Any) -> None:
    """The API alone, for a fleet on PostgreSQL."""
    settings = settings_from(**options)
    if settings.on_sqlite:
        fail("a fleet needs PostgreSQL: give --database-url, or run `feedforward up` on SQLite.")
    sys.exit(asyncio.run(run_tree(settings)))


async def run_tree(settings: Settings) -> int:
    return await ProcessTree(settings, open_listener(settings), None).run()
