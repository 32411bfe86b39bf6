"""The process that reads callers' files: how it is limited, and what it reports."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from service.child_processes import kill, read_line, start_child, write_line
from service.datasets.formats.limits import Limits
from service.datasets.sandbox import process as sandbox
from service.datasets.sandbox.pool import SandboxPool
from service.problems import InvalidInput, Problem, input_error
from service.settings import Settings

ERRORS = [input_error(["body", "data", "rows", row], "type", f"Row {row} is no number.") for row in range(150)]


@pytest.fixture(scope="module")
def status(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Linux says of such a process, by file of /proc, once it has responded."""
    limits = Limits.of(Settings(data=tmp_path_factory.mktemp("data"), max_trainer_memory_bytes=1_000_000_000))
    bounds = orjson.dumps({"limits": limits.to_json(), "most_parameters": 1}).decode()

    async def read_status() -> dict[str, str]:
        process = await start_child("service.datasets.sandbox.process", bounds, environment={"PYTHONUNBUFFERED": ""})
        write_line(process, b'{"ask": "nothing that is known"}')
        async with asyncio.timeout(60):
            response = await read_line(process)
        folder = Path(f"/proc/{process.pid}")
        status = {name: (folder / name).read_text() for name in ("limits", "stat", "oom_score_adj", "status")}
        kill(process)
        await process.wait()
        return status | {"response": response.decode()}

    return asyncio.run(read_status())


def limit(status: dict[str, str], name: str) -> list[str]:
    """The soft and the hard limit."""
    [line] = [line for line in status["limits"].splitlines() if line.startswith(name)]
    return line.removeprefix(name).split()[:2]


def test_it_may_use_so_much_memory_and_leaves_no_dump_of_it(status):
    assert limit(status, "Max address space") == ["1000000000", "1000000000"]
    assert limit(status, "Max core file size") == ["0", "0"]


def test_it_gives_way_to_the_service_and_is_the_first_to_be_killed_without_memory(status):
    niceness = int(status["stat"].rpartition(")")[2].split()[16])  # field 19 of proc_pid_stat(5)
    assert niceness == min(own_niceness() + 5, 19)
    assert status["oom_score_adj"].strip() == "1000"


def own_niceness() -> int:
    """The niceness of this process, from which a child's starts."""
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[16])


def test_it_reports_its_faults_and_the_most_memory_that_it_used(status):
    response = json.loads(status["response"])
    assert "KeyError" in response["fault"]
    [peak] = [line.split()[1] for line in status["status"].splitlines() if line.startswith("VmHWM")]
    assert 0 < response["peak_bytes"] <= int(peak) * 1024


def test_all_errors_are_counted_though_a_hundred_are_sent():
    parts = sandbox.problem_parts(InvalidInput("Rows are wrong.", errors=ERRORS))
    assert (len(parts["errors"]), parts["error_count"]) == (100, 150)
    parts = sandbox.problem_parts(InvalidInput("Rows are wrong.", errors=ERRORS[:20], error_count=7000))
    assert (len(parts["errors"]), parts["error_count"]) == (20, 7000)


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], dict]:
    """`profile("a,b\\n1,2\\n")` has a process profile a CSV file."""

    def call(content: str) -> dict:
        file = tmp_path / "table.csv"
        file.write_text(content)

        async def ask() -> dict:
            pool = SandboxPool(Settings(data=tmp_path))
            request = {"ask": "profile", "file": {"path": str(file), "format": "csv"}}
            try:
                return await pool.call(request, timeout_seconds=60)
            finally:
                await pool.close()

        return asyncio.run(ask())

    return call


def test_a_file_is_profiled_and_its_problem_is_raised_with_its_kind(profile):
    assert profile("a,b\n1,2\n3,4\n")["rows"] == 2
    with pytest.raises(Problem) as refusal:
        profile("a,a\n1,2\n")
    assert (refusal.value.status, refusal.value.errors[0]["code"]) == (422, "duplicate-name")


def test_progress_is_a_line_once_a_while(monkeypatch, capfdbinary):
    monkeypatch.setattr(sandbox, "SECONDS_BETWEEN_LINES", 0.0)
    progress = sandbox.Progress()
    progress.report(0.25)
    monkeypatch.setattr(sandbox, "SECONDS_BETWEEN_LINES", 3600.0)
    progress.report(0.5)
    progress.report(0.75)
    sandbox.Progress().report(1.0)
    lines = capfdbinary.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"progress": 0.25}, {"progress": 0.5}]
