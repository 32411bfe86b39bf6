"""`feedforward worker`: workers alone, for a fleet on PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from feedforward.command_line.flags import fail, flags, settings_from
from feedforward.processes.job_feeder import make_feeder
from feedforward.processes.process_tree import ProcessTree
from service.settings import Settings


@click.command()
@flags("data", "database_url", "concurrency", "migrate")
def command(concurrency: int | None, **options: Any) -> None:
    """Workers alone, for a fleet on PostgreSQL."""
    settings = settings_from(workers=concurrency or 1, **options)
    if settings.on_sqlite:
        fail("a fleet needs PostgreSQL: give --database-url, or run `feedforward up` on SQLite.")
    sys.exit(asyncio.run(run_tree(settings)))


async def run_tree(settings: Settings) -> int:
    return await ProcessTree(settings, None, lambda: make_feeder(settings)).run()
