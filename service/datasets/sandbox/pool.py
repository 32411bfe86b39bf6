"""Has sandboxed processes read files, a few at a time; a warm process is kept for the next request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog

from service.child_processes import kill, read_line, start_child, write_line
from service.datasets.formats.limits import Limits
from service.problems import InternalError, Problem, TooLarge, Unavailable, UnreadableBody, every_problem
from service.settings import MEBIBYTE, Settings

PROCESSES_AT_ONCE = 3
MOST_WAITING = 64
IDLE_SECONDS = 60.0
KEPT_BELOW_BYTES = 300 * MEBIBYTE
LARGEST_RESPONSE_BYTES = 256 * MEBIBYTE
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
# By default glibc adapts to keep large freed blocks: the same profile then took 634 MB instead of 417.
RETURN_FREED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072"}

logger = structlog.get_logger()
SandboxRequest = Mapping[str, Any]
SandboxResponse = dict[str, Any]
Listener = Callable[[float], Awaitable[None]]


class SandboxPool:
    """One per event loop. `call` raises the problem that the sandboxed process found."""

    def __init__(self, settings: Settings) -> None:
        self._memory = settings.max_trainer_memory_bytes
        bounds = {"limits": Limits.of(settings).to_json(), "most_parameters": settings.max_parameters}
        self._bounds = orjson.dumps(bounds).decode()
        self._turns = asyncio.Semaphore(PROCESSES_AT_ONCE)
        self._waiting = 0
        self._idle: list[SandboxProcess] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def call(
        self, request: SandboxRequest, timeout_seconds: float, progress: Listener | None = None
    ) -> SandboxResponse:
        """Have a process carry out a request.

        Raises the problem that it finds, TooLarge if it needs too much memory or time, and Unavailable if too many
        requests wait. `progress` is called with the share that is done, if the process reports it.
        """
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many files are being read at the moment. Try again.", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turns:
                return await self._call_process(request, timeout_seconds, progress)
        finally:
            self._waiting -= 1

    async def warm_up(self) -> None:
        """Start a process while the file that it will read is still being sent."""
        if not self._idle and not self._turns.locked():
            self._keep(await SandboxProcess.start(self._bounds))

    async def close(self) -> None:
        """End the idle processes."""
        while self._idle:
            self._retire(self._idle.pop())
        await asyncio.gather(*self._ending)

    async def _call_process(
        self, request: SandboxRequest, timeout_seconds: float, progress: Listener | None
    ) -> SandboxResponse:
        process = self._take_idle() or await SandboxProcess.start(self._bounds)
        try:
            async with asyncio.timeout(timeout_seconds):
                response = await process.call(request, progress)
        except TimeoutError:
            self._retire(process)
            raise TooLarge(f"Reading the data took over {timeout_seconds:g} seconds. Send less, or Parquet.") from None
        except ProcessEnded as error:
            self._retire(process)
            raise self._problem_of_end(error) from None
        except BaseException:
            self._retire(process)
            raise
        self._keep_or_end(process, response)
        return self._answer_of(response)

    def _take_idle(self) -> SandboxProcess | None:
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
            self._retire(process)
        return None

    def _keep_or_end(self, process: SandboxProcess, response: SandboxResponse) -> None:
        if ("answer" not in response and "problem" not in response) or response["peak_bytes"] > KEPT_BELOW_BYTES:
            self._retire(process)
            return
        self._keep(process)

    def _keep(self, process: SandboxProcess) -> None:
        self._idle.append(process)
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_idle, process, process.n_requests)

    def _end_idle(self, process: SandboxProcess, n_requests: int) -> None:
        """End a process that has had no request since."""
        if process in self._idle and process.n_requests == n_requests:
            self._idle.remove(process)
            self._retire(process)

    def _retire(self, process: SandboxProcess) -> None:
        """End a process in the background."""
        ending = asyncio.create_task(process.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _answer_of(self, response: SandboxResponse) -> SandboxResponse:
        if "answer" in response:
            answer: SandboxResponse = response["answer"]
            return answer
        if "problem" in response:
            raise _problem_of(response["problem"])
        if "memory" in response:
            raise self._out_of_memory()
        logger.error("reading data failed unexpectedly", fault=response["fault"])
        raise InternalError("The data could not be read because of an internal error; see the server's log.")

    def _problem_of_end(self, error: ProcessEnded) -> Problem:
        logger.warning("the process that reads data ended", exit_code=error.exit_code)
        if error.exit_code == -9:  # killed by the kernel, which ran out of memory
            return self._out_of_memory()
        return UnreadableBody(
            "The process that reads files crashed on this data. Check whether the file is damaged, or send it as CSV."
        )

    def _out_of_memory(self) -> TooLarge:
        return TooLarge(
            f"Reading the data needs more memory than the limit of {self._memory:,} bytes of memory "
            "(FEEDFORWARD_MAX_TRAINER_MEMORY_BYTES)."
        )


class ProcessEnded(Exception):
    """The process ended before it responded."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class SandboxProcess:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.n_requests = 0

    @classmethod
    async def start(cls, bounds: str) -> SandboxProcess:
        process = await start_child(
            "service.datasets.sandbox.process",
            bounds,
            environment=ONE_THREAD | RETURN_FREED_MEMORY,
            longest_line=LARGEST_RESPONSE_BYTES,
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def call(self, request: SandboxRequest, progress: Listener | None) -> SandboxResponse:
        """The process's response to a request. Raises ProcessEnded."""
        self.n_requests += 1
        assert self._process.stdin is not None
        try:
            write_line(self._process, orjson.dumps(request))
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise ProcessEnded(await self._process.wait()) from None
        while "progress" in (response := await self._read_response()):
            if progress is not None:
                await progress(response["progress"])
        return response

    async def _read_response(self) -> SandboxResponse:
        line = await read_line(self._process)
        if not line.endswith(b"\n"):
            raise ProcessEnded(await self._process.wait())
        response: SandboxResponse = orjson.loads(line)
        return response

    async def end(self) -> None:
        """Kill the process, and wait until it has ended."""
        kill(self._process)
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


def _problem_of(document: dict[str, Any]) -> Problem:
    kinds = {kind.slug: kind for kind in every_problem()}
    kind = kinds.get(document["slug"], InternalError)
    return kind(
        document["detail"],
        errors=document["errors"],
        error_count=document["error_count"],
        headers=document["headers"],
    )
