"""The API's end of the embedded engine."""

from __future__ import annotations

import contextlib
import os


class PipeEngine:
    """A byte in the pipe tells the supervisor that there is something to do."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def submit(self, job: str) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # a full pipe wakes the supervisor as well
            os.write(self._descriptor, b"\n")
