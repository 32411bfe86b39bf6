"""The parts that read files, one of each for an API process: made for the first request that needs them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.datasets.profiler import Profiler
from service.datasets.sandbox.pool import SandboxPool


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
