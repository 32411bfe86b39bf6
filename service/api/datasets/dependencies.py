"""What an API process has one of for reading files: made when the first one comes, gone with the process."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.datasets.profiler import Profiler
from service.datasets.sandbox.pool import SandboxPool


async def _examiner(request: Request) -> SandboxPool:
    state = request.app.state
    if not hasattr(state, "examiner"):
        state.sandbox = SandboxPool(state.settings)
    sandbox: SandboxPool = state.sandbox
    return sandbox


ServiceSandbox = Annotated[SandboxPool, Depends(_examiner)]


async def _profiler(request: Request, sandbox: ServiceSandbox) -> Profiler:
    state = request.app.state
    if not hasattr(state, "profiler"):
        state.profiler = Profiler(state.settings, state.database, sandbox)
    profiler: Profiler = state.profiler
    return profiler


ServiceProfiler = Annotated[Profiler, Depends(_profiler)]
