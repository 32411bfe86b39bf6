"""What an API process has one of for reading files: made when the first one comes, gone with the process."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.datasets.profiler import Profiler
from service.datasets.sandbox.pool import Examiner


async def _examiner(request: Request) -> Examiner:
    state = request.app.state
    if not hasattr(state, "examiner"):
        state.examiner = Examiner(state.settings)
    examiner: Examiner = state.examiner
    return examiner


ServiceExaminer = Annotated[Examiner, Depends(_examiner)]


async def _profiler(request: Request, examiner: ServiceExaminer) -> Profiler:
    state = request.app.state
    if not hasattr(state, "profiler"):
        state.profiler = Profiler(state.settings, state.database, examiner)
    profiler: Profiler = state.profiler
    return profiler


ServiceProfiler = Annotated[Profiler, Depends(_profiler)]
