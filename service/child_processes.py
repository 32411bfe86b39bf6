"""How the service runs its own modules as processes: both ends of the pipes between a parent and its children.

A child reads its orders as lines from its standard input, and ends when that closes, which is when its parent is gone.
This file imports little, since every process that starts pays for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

LONGEST_LINE = 64 * 1024


async def start_child(
    module: str,
    *arguments: str,
    environment: Mapping[str, str],
    descriptors: Sequence[int] = (),
    longest_line: int = LONGEST_LINE,
) -> Process:
    """Run one of our modules, with pipes to it; `environment` is added to this process's own.

    Without `-P` Python looks for modules in the current folder first, and would run a user's `models.py` as ours.
    """
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, *arguments),
        stdin=PIPE,
        stdout=PIPE,
        pass_fds=descriptors,
        env={**os.environ, **environment},
        limit=longest_line,
    )


async def read_line(child: Process) -> bytes:
    """The child's next line; without its end, or empty, where the child has ended."""
    assert child.stdout is not None  # `start_child` opened a pipe
    return await child.stdout.readline()


def write_line(child: Process, line: bytes) -> None:
    assert child.stdin is not None  # `start_child` opened a pipe
    child.stdin.write(line + b"\n")


def kill(child: Process) -> None:
    """Kill a child, unless it has ended by itself."""
    with suppress(ProcessLookupError):
        child.kill()


def follow_parent(on_line: Callable[[bytes], None], exit_code: int) -> None:
    """In a child: pass each line of the parent to `on_line`, in a thread; exit at once when the parent is gone."""
    threading.Thread(target=_follow_parent, args=(on_line, exit_code), daemon=True).start()


def _follow_parent(on_line: Callable[[bytes], None], exit_code: int) -> None:
    # A reader of its own: an interpreter that ends while a thread waits in `sys.stdin` aborts.
    for line in open(0, "rb", closefd=False):  # noqa: SIM115
        on_line(line)
    os._exit(exit_code)
