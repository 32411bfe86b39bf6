"""The worker process: runs the jobs that its supervisor names, a line on standard input each, until that is closed.

Writes to standard output: `ready` once, then `done` after each job. It is a process of its own, so that a training can
occupy a core, fill its memory or crash without affecting the API.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import sys
import threading
from functools import partial
from typing import TextIO

import structlog

from service.child_processes import follow_parent
from service.jobs.worker.protocol import DONE, HAND_BACK, READY, TEMPORARY_FAILURE
from service.jobs.worker.runner import JobRunner
from service.problems import DiskFull, Unavailable
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.settings import Settings

logger = structlog.get_logger()
NICENESS = 10
MOST_KIBIBYTES_WHEN_IDLE = 512 * 1024


def main() -> None:
    worker = sys.argv[1]
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints goes to the log, never between the words
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = Settings()
    os.nice(NICENESS)
    limit_memory(settings.max_trainer_memory_bytes)
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    handing_back = threading.Event()
    stop_on_signals(orders, handing_back)
    follow_parent(partial(queue_order, orders, handing_back), exit_code=1)
    try:
        database = Database.of(settings)
        ensure_current(database, migrate=settings.migrate)
        run_orders(JobRunner(database, settings, worker, handing_back), orders, output, handing_back)
    except (DiskFull, Unavailable) as problem:
        logger.warning("the worker process ends, and another one starts", why=problem.detail)
        sys.exit(TEMPORARY_FAILURE)


def run_orders(
    runner: JobRunner, orders: queue.SimpleQueue[str], output: TextIO, handing_back: threading.Event
) -> None:
    """Run jobs until an order to hand back comes, or the process has grown. Raises DiskFull and Unavailable."""
    write_word(output, READY)
    while (order := orders.get()) != HAND_BACK and not handing_back.is_set():
        runner.run(order)
        if has_grown():
            break
        write_word(output, DONE)


def write_word(output: TextIO, word: str) -> None:
    print(word, file=output, flush=True)


def queue_order(orders: queue.SimpleQueue[str], handing_back: threading.Event, line: bytes) -> None:
    """Queue the supervisor's order; handing back also interrupts the running job."""
    order = line.decode().strip()
    if order == HAND_BACK:
        handing_back.set()
    orders.put(order)


def stop_on_signals(orders: queue.SimpleQueue[str], handing_back: threading.Event) -> None:
    """SIGTERM hands back; a Ctrl-C reaches the whole process group, and the supervisor handles it."""

    def hand_back(_number: int, _frame: object) -> None:
        handing_back.set()
        orders.put(HAND_BACK)

    signal.signal(signal.SIGTERM, hand_back)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def has_grown() -> bool:
    """Whether a large training has left the process so big that the next job should get a fresh one."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MOST_KIBIBYTES_WHEN_IDLE


def limit_memory(most_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


if __name__ == "__main__":
    main()
