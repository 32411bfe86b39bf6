"""`feedforward migrate`: bring the database's tables up to date."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from feedforward.command_line.flags import fail, flags, settings_from
from service.problems import Problem
from service.registry.database import Database
from service.registry.migrate import HEAD, ensure_current


@click.command()
@flags("data", "database_url")
def command(**options: Any) -> None:
    """Bring the database's tables up to date."""
    try:
        with closing(Database.of(settings_from(**options))) as database:
            ensure_current(database)
    except Problem as problem:
        fail(problem.detail)
    print(f"The database is at revision {HEAD}.")
