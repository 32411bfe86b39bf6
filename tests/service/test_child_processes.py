"""Processes of our own modules: started with their environment, told in lines, and gone with their parent."""

import asyncio
from pathlib import Path

import pytest

from service.child_processes import kill, read_line, start_child, write_line

CHILD = """
import os, sys, threading
from service.child_processes import follow_parent

def repeat(line):
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()

print(*sys.argv[1:], os.environ["GREETING"], flush=True)
follow_parent(repeat, exit_code=7)
if "leave" not in sys.argv:
    threading.Event().wait()
"""
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    (tmp_path / "some_child.py").write_text(CHILD)
    return {"PYTHONPATH": f"{tmp_path}:{PROJECT}", "GREETING": "hello"}


async def started(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    child = await start_child("some_child", *arguments, environment=environment)
    assert (await read_line(child)).decode().split() == [*arguments, "hello"]
    return child


def test_a_child_receives_lines_and_ends_when_its_parent_closes_the_pipe(environment):
    async def run() -> None:
        child = await started(environment, "first", "second")
        for line in (b"a line", b"x" * 30_000):
            write_line(child, line)
            assert await read_line(child) == line + b"\n"
        child.stdin.close()
        assert await child.wait() == 7
        assert await read_line(child) == b""
        kill(child)  # of one that has ended nothing is left to kill

    asyncio.run(run())


def test_a_child_may_end_while_it_listens_to_its_parent(environment):
    async def run() -> None:
        assert await (await started(environment, "leave")).wait() == 0

    asyncio.run(run())


def test_a_module_in_the_current_folder_is_never_run_instead(environment, tmp_path, monkeypatch):
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "some_child.py").write_text("print('trapped')")
    monkeypatch.chdir(trap)

    async def run() -> None:
        child = await started(environment)
        kill(child)
        assert await child.wait() == -9

    asyncio.run(run())
