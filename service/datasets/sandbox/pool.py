"""Asks child processes about files, a few at a time; one that is warm is kept for the next question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog

from service.child_processes import kill, read_line, start_child, write_line
from service.datasets.formats.limits import Limits
from service.problems import InternalError, Problem, TooLarge, Unavailable, UnreadableBody, every_problem
from service.settings import Settings

CHILDREN_AT_ONCE = 3
MOST_WAITING = 64
IDLE_SECONDS = 60.0
KEPT_BELOW_BYTES = 300 * 1024 * 1024
LARGEST_ANSWER_BYTES = 256 * 1024 * 1024
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
# By itself glibc learns to keep large freed blocks: the same profile then took 634 MB and not 417.
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "131072"}

logger = structlog.get_logger()
SandboxRequest = Mapping[str, Any]
SandboxResponse = dict[str, Any]
Listener = Callable[[float], Awaitable[None]]


class SandboxPool:
    """One per event loop. `call` raises the problem that the child found."""

    def __init__(self, settings: Settings) -> None:
        self._memory = settings.max_trainer_memory_bytes
        bounds = {"limits": Limits.of(settings).to_json(), "most_parameters": settings.max_parameters}
        self._bounds = orjson.dumps(bounds).decode()
        self._turns = asyncio.Semaphore(CHILDREN_AT_ONCE)
        self._waiting = 0
        self._idle: list[SandboxProcess] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def call(
        self, request: SandboxRequest, timeout_seconds: float, progress: Listener | None = None
    ) -> SandboxResponse:
        """Raises the child's problem; TooLarge where it needed too much memory or time, Unavailable where all wait.

        `progress` hears how far the child is, where that is told.
        """
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many files are being read at the moment. Try again.", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turns:
                return await self._ask_a_child(request, timeout_seconds, progress)
        finally:
            self._waiting -= 1

    async def warm_up(self) -> None:
        """Start a child while the file that it shall read is still on its way."""
        if not self._idle and not self._turns.locked():
            self._keep(await SandboxProcess.start(self._bounds))

    async def close(self) -> None:
        """End the children that have nothing to do."""
        while self._idle:
            self._retire(self._idle.pop())
        await asyncio.gather(*self._ending)

    async def _ask_a_child(
        self, request: SandboxRequest, timeout_seconds: float, progress: Listener | None
    ) -> SandboxResponse:
        child = self._take_idle() or await SandboxProcess.start(self._bounds)
        try:
            async with asyncio.timeout(timeout_seconds):
                found = await child.call(request, progress)
        except TimeoutError:
            self._retire(child)
            raise TooLarge(f"Reading the data took over {timeout_seconds:g} seconds. Send less, or Parquet.") from None
        except ChildEnded as ended:
            self._retire(child)
            raise self._problem_of_end(ended) from None
        except BaseException:
            self._retire(child)
            raise
        self._keep_or_end(child, found)
        return self._answer_in(found)

    def _take_idle(self) -> SandboxProcess | None:
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            self._retire(child)
        return None

    def _keep_or_end(self, child: SandboxProcess, found: SandboxResponse) -> None:
        if ("answer" not in found and "problem" not in found) or found["peak_bytes"] > KEPT_BELOW_BYTES:
            self._retire(child)
            return
        self._keep(child)

    def _keep(self, child: SandboxProcess) -> None:
        self._idle.append(child)
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_idle, child, child.asked)

    def _end_idle(self, child: SandboxProcess, asked: int) -> None:
        """End a child that had nothing to do since."""
        if child in self._idle and child.asked == asked:
            self._idle.remove(child)
            self._retire(child)

    def _retire(self, child: SandboxProcess) -> None:
        """End a child in the background."""
        ending = asyncio.create_task(child.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _answer_in(self, found: SandboxResponse) -> SandboxResponse:
        if "answer" in found:
            answer: SandboxResponse = found["answer"]
            return answer
        if "problem" in found:
            raise _problem_of(found["problem"])
        if "memory" in found:
            raise self._out_of_memory()
        logger.error("reading data failed unexpectedly", fault=found["fault"])
        raise InternalError("The data could not be read because of an internal error; see the server's log.")

    def _problem_of_end(self, ended: ChildEnded) -> Problem:
        logger.warning("the process that reads data ended", exit_code=ended.exit_code)
        if ended.exit_code == -9:  # the kernel's, where memory ran out
            return self._out_of_memory()
        return UnreadableBody(
            "The process that reads files crashed on this data. Check whether the file is damaged, or send it as CSV."
        )

    def _out_of_memory(self) -> TooLarge:
        return TooLarge(
            f"Reading the data needs more memory than the limit of {self._memory:,} bytes of memory "
            "(FEEDFORWARD_MAX_TRAINER_MEMORY_BYTES)."
        )


class ChildEnded(Exception):
    """The child ended before it answered."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class SandboxProcess:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.asked = 0

    @classmethod
    async def start(cls, bounds: str) -> SandboxProcess:
        process = await start_child(
            "service.datasets.sandbox.process",
            bounds,
            environment=ONE_THREAD | GIVE_BACK,
            longest_line=LARGEST_ANSWER_BYTES,
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def call(self, request: SandboxRequest, progress: Listener | None) -> SandboxResponse:
        """Raises ChildEnded."""
        self.asked += 1
        assert self._process.stdin is not None
        try:
            write_line(self._process, orjson.dumps(request))
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise ChildEnded(await self._process.wait()) from None
        while "progress" in (answer := await self._read_response()):
            if progress is not None:
                await progress(answer["progress"])
        return answer

    async def _read_response(self) -> SandboxResponse:
        line = await read_line(self._process)
        if not line.endswith(b"\n"):
            raise ChildEnded(await self._process.wait())
        answer: SandboxResponse = orjson.loads(line)
        return answer

    async def end(self) -> None:
        """Kill the process, and wait until nothing of it is left."""
        kill(self._process)
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


def _problem_of(found: dict[str, Any]) -> Problem:
    kinds = {kind.slug: kind for kind in every_problem()}
    kind = kinds.get(found["slug"], InternalError)
    return kind(found["detail"], errors=found["errors"], error_count=found["error_count"])
