"""The parts that read and send files, one of each for an API process: made for the first request that needs them."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request

from service.datasets.profiler import Profiler
from service.datasets.sandbox.pool import SandboxPool

THREADS_OF_DOWNLOADS = 40


async def _sandbox(request: Request) -> SandboxPool:
    state = request.app.state
    if not hasattr(state, "sandbox"):
        state.sandbox = SandboxPool(state.settings)
    sandbox: SandboxPool = state.sandbox
    return sandbox


ServiceSandbox = Annotated[SandboxPool, Depends(_sandbox)]


async def _profiler(request: Request, sandbox: ServiceSandbox) -> Profiler:
    state = request.app.state
    if not hasattr(state, "profiler"):
        state.profiler = Profiler(state.settings, state.database, sandbox)
    profiler: Profiler = state.profiler
    return profiler


ServiceProfiler = Annotated[Profiler, Depends(_profiler)]


async def _downloads(request: Request) -> CapacityLimiter:
    """Threads for downloads alone: one that waits for the database keeps no other request waiting."""
    state = request.app.state
    if not hasattr(state, "downloads"):
        state.downloads = CapacityLimiter(THREADS_OF_DOWNLOADS)
    downloads: CapacityLimiter = state.downloads
    return downloads


DownloadThreads = Annotated[CapacityLimiter, Depends(_downloads)]
