"""The `feedforward` command: one file a group of commands, imported only when one of them is run.

No rules of the service live here. Start with `up.py`; `flags.py` has the options that commands share.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

# The module of each command, and its line in `--help`, which then needs no import of the module.
COMMANDS = {
    "up": ("feedforward.command_line.up", "API, dashboard and workers on this machine, as one process tree."),
    "api": ("feedforward.command_line.api", "The API alone, for a fleet on PostgreSQL."),
    "worker": ("feedforward.command_line.worker", "Workers alone, for a fleet on PostgreSQL."),
    "migrate": ("feedforward.command_line.migrate", "Bring the database's tables up to date."),
    "jobs": ("feedforward.command_line.jobs", "Maintain the jobs in the database: `jobs prune --older-than 30d`."),
}


class Commands(click.Group):
    """A group that imports a command's module when the command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=Commands)
@click.version_option(package_name="feedforward")
def main() -> None:
    """Train, version and serve small neural networks over HTTP. Begin with `feedforward up`."""


if __name__ == "__main__":
    sys.exit(main())
