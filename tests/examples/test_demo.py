"""`make demo` as a newcomer runs it: what it shows, the commands it offers, and Ctrl-C."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.support.processes import PROJECT, environment

END_SECONDS = 60


def _takes_ctrl_c() -> None:
    """Undo what the child of a shell's background job inherits: SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo:
    """The demo in a process, read up to the line after which it waits for Ctrl-C."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "scripts/demo"],
            cwd=PROJECT,
            env={name: value for name, value in environment().items() if name != "DEMO_EXIT"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_takes_ctrl_c,
        )
        self.lines = list(self._lines_until_it_waits())

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def address(self) -> str:
        return re.search(r"http://[\w.:]+", self.text)[0]

    @property
    def commands(self) -> list[str]:
        return [line.strip() for line in self.lines if line.startswith("  curl ")]

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.close()

    def close(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=END_SECONDS)
        self.process.stdout.close()
        return code

    def _lines_until_it_waits(self) -> Iterator[str]:
        for line in self.process.stdout:
            yield line
            if "Ctrl-C" in line:
                return


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    demo = Demo()
    yield demo
    demo.close()


@pytest.mark.parametrize("species", ["setosa", "versicolor", "virginica"])
def test_it_predicts_a_flower_that_it_never_saw(demo, species):
    (row,) = [line for line in demo.lines if species in line]
    assert row.count(species) == 3, "really, by version number and by alias"


def test_it_shows_the_loss_falling(demo):
    first, last = re.search(r"loss fell from ([\d.]+) to ([\d.]+)", demo.text).groups()
    assert float(last) < float(first) / 2


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_the_pages_that_it_names_are_there(demo, page):
    assert f"{demo.address}{page}\n" in demo.text
    assert httpx.get(f"{demo.address}{page}", trust_env=False).status_code == 200


def test_its_next_three_commands_work_as_they_stand(demo):
    assert len(demo.commands) == 3
    for command in demo.commands:
        answer = subprocess.run(
            ["bash", "-c", f"{command} --fail-with-body --silent"], cwd=PROJECT, capture_output=True
        )
        assert answer.returncode == 0, answer.stdout


def test_ctrl_c_ends_it_and_its_service():
    demo = Demo()
    assert demo.interrupt() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(demo.address, trust_env=False)


def test_it_tells_plain_lines_where_no_terminal_reads_it(demo):
    assert "\x1b" not in demo.text
