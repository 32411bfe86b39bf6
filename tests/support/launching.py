"""Starts Feedforward in the two ways of an operator: `up` on SQLite, or `api` and `worker` on PostgreSQL."""

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
    """Several `feedforward api` and `feedforward worker` on the PostgreSQL at `database_url`."""
    data.mkdir(parents=True, exist_ok=True)
    settings = {"database_url": database_url, "data": data} | settings
    processes = [FeedforwardProcess(["api", *_ON_A_FREE_PORT], _log(data, "api"), **settings) for _ in range(apis)]
    worker = ["worker", "--concurrency", str(concurrency)]
    processes += [FeedforwardProcess(worker, _log(data, "worker"), **settings) for _ in range(workers)]
    return _service(processes, data, "postgresql")


def start_processes(commands: Sequence[Sequence[str]], folder: Path, **settings: object) -> Service:
    """Whole commands (`["feedforward", "up", "--port", "8000"]`), with a free port in place of 8000.

    The first one serves HTTP.
    """
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
    """A new log file beside the data folder, which so contains only what the service itself wrote."""
    earlier_logs = list(data.parent.glob(f"{data.name}-{name}-*.log"))
    log = data.parent / f"{data.name}-{name}-{len(earlier_logs) + 1}.log"
    log.touch()
    return log
