"""Flags that win over FEEDFORWARD_… variables, and the settings that come of both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from pydantic import ValidationError

from service.settings import Settings

FLAGS: dict[str, Callable[[Any], Any]] = {
    "data": click.option("--data", help="Directory of the database and the datasets [./feedforward-data]."),
    "database_url": click.option("--database-url", help="postgresql+psycopg://… instead of SQLite."),
    "host": click.option("--host", help="Address to listen on [127.0.0.1]."),
    "port": click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [8000]; 0 takes a free one."),
    "workers": click.option("--workers", type=click.IntRange(0, 64), help="Trainings at once [cores, at most 4]."),
    "concurrency": click.option("--concurrency", type=click.IntRange(1, 64), help="Trainings at once [1]."),
    "api_processes": click.option("--api-processes", type=click.IntRange(1, 64), help="API processes [1]."),
    "insecure": click.option("--insecure", is_flag=True, default=None, help="Serve other hosts without keys."),
    "migrate": click.option("--migrate/--no-migrate", default=None, help="Bring the tables up to date first [yes]."),
}


def flags(*names: str) -> Callable[[Any], Any]:
    """A decorator that adds the named flags to a command."""

    def decorate(function: Any) -> Any:
        for name in reversed(names):
            function = FLAGS[name](function)
        return function

    return decorate


def settings_from(**given: Any) -> Settings:
    """The settings of the environment with the given flags on top; ends the process with 2 when they are not usable."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for fault in error.errors():
            print(f"feedforward: setting {'.'.join(map(str, fault['loc']))}: {fault['msg']}", file=sys.stderr)
        sys.exit(2)
    if not settings.on_loopback and not settings.insecure:
        refuse(f"{settings.host} can be reached from other machines, but access keys do not exist yet. Add --insecure.")
    return settings


def refuse(why: str) -> None:
    """End with one clear line."""
    print(f"feedforward: {why}", file=sys.stderr)
    sys.exit(1)
