"""`feedforward jobs`: maintain the jobs in the database."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from typing import Any

import click

from feedforward.command_line.flags import fail, flags, settings_from
from service.jobs.pruning import prune as prune_jobs
from service.problems import Problem
from service.registry.database import Database
from service.registry.migrate import ensure_current

UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class Age(click.ParamType[timedelta]):
    """`30d`, `12h` or `90m`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = re.fullmatch(r"(\d{1,6})([dhm])", value)
        if match is None:
            self.fail(f"{value!r} is not a valid duration; use 30d, 12h or 90m.", param, ctx)
        return timedelta(**{UNITS[match[2]]: int(match[1])})


@click.group()
def command() -> None:
    """Look after the jobs in the database."""


@command.command()
@flags("data", "database_url")
@click.option(
    "--older-than", type=Age(), required=True, help="Delete jobs that ended longer ago than this: 30d, 12h, 90m."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prune(older_than: timedelta, as_json: bool, **options: Any) -> None:
    """Delete jobs that ended long ago, with their events and curves. Versions stay as they are."""
    try:
        with closing(Database.of(settings_from(**options))) as database:
            ensure_current(database)
            deleted = prune_jobs(database, older_than)
    except Problem as problem:
        fail(problem.detail)
    print(f'{{"deleted":{deleted}}}' if as_json else f"{deleted} job{'' if deleted == 1 else 's'} deleted.")
