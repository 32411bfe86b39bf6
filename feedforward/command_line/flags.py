"""Flags that take precedence over FEEDFORWARD_… variables, and the settings that result from both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from pydantic import ValidationError

from service.settings import Settings

FLAGS: dict[str, Callable[[Any], Any]] = {
    "data": click.option("--data", help="Directory of the database and the datasets [./feedforward-data]."),
    "database_url": click.option("--database-url", help="postgresql+psycopg://… instead of SQLite."),
    "host": click.option("--host", help="Address to listen on [127.0.0.1]."),
    "port": click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [8000]; 0 for a free one."),
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


def settings_from(**options: Any) -> Settings:
    """The settings of the environment, overridden by the options of a command. Exits with 2 if they are not valid."""
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as errors:
        for error in errors.errors():
            print(f"feedforward: setting {'.'.join(map(str, error['loc']))}: {error['msg']}", file=sys.stderr)
        sys.exit(2)
    if not settings.on_loopback and not settings.insecure:
        fail(f"{settings.host} can be reached from other machines, but access keys do not exist yet. Add --insecure.")
    return settings


def fail(message: str) -> NoReturn:
    """Exit with 1 after one line on stderr."""
    print(f"feedforward: {message}", file=sys.stderr)
    sys.exit(1)
