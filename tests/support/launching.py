"""Starts Feedforward the two ways an operator does: `up` on SQLite, or api and worker processes on PostgreSQL."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.processes import FeedforwardProcess
from tests.support.service import Service

_ON_A_FREE_PORT = ("--port", "0")


def start_up(data: Path, **settings: object) -> Service:
    """`feedforward up` on a SQLite file in `data`; `settings` become FEEDFORWARD_… variables."""
    data.mkdir(parents=True, exist_ok=True)
    arguments = ["up", "--data", str(data), *_ON_A_FREE_PORT]
    return _service([FeedforwardProcess(arguments, _log(data, "up"), **settings)], data, "sqlite")


def start_fleet(
    data: Path, database_url: str, *, apis: int = 1, workers: int = 1, concurrency: int = 1, **settings: object
) -> Service:
    """`feedforward api` and `feedforward worker`, as many as asked, on the PostgreSQL at `database_url`."""
    data.mkdir(parents=True, exist_ok=True)
    settings = {"database_url": database_url, "data": data} | settings
    processes = [FeedforwardProcess(["api", *_ON_A_FREE_PORT], _log(data, "api"), **settings) for _ in range(apis)]
    worker = ["worker", "--concurrency", str(concurrency)]
    processes += [FeedforwardProcess(worker, _log(data, "worker"), **settings) for _ in range(workers)]
    return _service(processes, data, "postgresql")


def start_processes(commands: Sequence[Sequence[str]], folder: Path, **settings: object) -> Service:
    """Whole commands (`["feedforward", "up", "--port", "8000"]`), the first serving HTTP, on a free port instead."""
    processes = [
        FeedforwardProcess([_on_a_free_port(word) for word in command[1:]], _log(folder, command[1]), **settings)
        for command in commands
    ]
    return _service(processes, folder, "sqlite" if len(processes) == 1 else "postgresql")


def _on_a_free_port(argument: str) -> str:
    return "0" if argument == "8000" else argument


def _service(processes: list[FeedforwardProcess], data: Path, database: str) -> Service:
    try:
        return Service(processes, data, database)
    except BaseException:
        for process in processes:
            with suppress(Exception):
                process.stop()
        raise


def _log(data: Path, name: str) -> Path:
    """Beside the data folder, so that a test may look at all that the service itself wrote."""
    taken = len(list(data.parent.glob(f"{data.name}-{name}-*.log")))
    log = data.parent / f"{data.name}-{name}-{taken + 1}.log"
    log.touch()
    return log
