"""Worker processes that die are replaced, and none outlives its pool."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from service.jobs.engines.worker_pool import WorkerPool


def workers() -> dict[str, int]:
    """The process of each worker that this process has started, by the worker's name."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            arguments = (folder / "cmdline").read_bytes().decode().split("\0")
            if parent == os.getpid() and "service.jobs.worker.process" in arguments:
                found[arguments[-2]] = int(folder.name)
    return found


def test_a_killed_worker_is_replaced_and_a_frozen_one_is_killed_at_the_end(tmp_path):
    losses: list[tuple[str, bool, int]] = []

    async def on_loss(worker: str, is_blameless: bool) -> None:
        losses.append((worker, is_blameless, pool.idle))

    async def run() -> None:
        pool.start()
        await pool.wait_for_idle()
        [first] = workers()
        pool.kill_worker("another")
        pool.kill_worker(first)
        while not losses:
            await asyncio.sleep(0.01)
        assert losses == [(first, False, 0)]
        await pool.wait_for_idle()
        [(second, process)] = workers().items()
        assert second != first
        os.kill(process, signal.SIGSTOP)
        try:
            await pool.stop(patience_seconds=0.1)
            assert workers() == {}
        finally:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        assert losses == [(first, False, 0)]

    pool = WorkerPool(1, {"FEEDFORWARD_DATA": str(tmp_path)}, on_loss, lambda: None)
    asyncio.run(asyncio.wait_for(run(), 60))
