"""Whole services: how soon a training is submitted and claimed, how many run per second, and the cost of idling."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psutil

from tests.support.service import Service

TINY = {
    "model": "tiny",
    "label": "y",
    "data": {"rows": [{"x": k, "y": 2 * k} for k in range(30)]},
    "training": {"epochs": 3},
}


@dataclass(frozen=True)
class Measurement:
    """Milliseconds until a training is submitted and claimed, trainings per second, and per cent of one core."""

    submit_ms: float
    claim_ms: float
    per_second: float
    idle_percent: float


def measure(service: Service, jobs: int, idle_seconds: float) -> Measurement:
    service.train(TINY)  # to warm up all processes
    latencies, waits = [], []
    for _ in range(jobs):
        started = time.perf_counter()
        job = service.post("/train", json=TINY)["id"]
        latencies.append(time.perf_counter() - started)
        waits.append(_wait_of(service.wait_for(job)))
    return Measurement(
        statistics.median(latencies) * 1000,
        statistics.median(waits) * 1000,
        _rate(service, jobs),
        _idle(service, idle_seconds),
    )


def _wait_of(job: dict[str, Any]) -> float:
    return (_moment(job["started_at"]) - _moment(job["created_at"])).total_seconds()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _rate(service: Service, jobs: int) -> float:
    ids = [service.post("/train", json=TINY)["id"] for _ in range(jobs)]
    trainings = [service.wait_for(job) for job in ids]
    first = min(_moment(job["created_at"]) for job in trainings)
    return jobs / (max(_moment(job["finished_at"]) for job in trainings) - first).total_seconds()


def _idle(service: Service, seconds: float) -> float:
    before = _processor_seconds(service)
    time.sleep(seconds)
    return (_processor_seconds(service) - before) / seconds * 100


def _processor_seconds(service: Service) -> float:
    tree = [psutil.Process(process.pid) for process in service.processes]
    tree += [child for process in list(tree) for child in process.children(recursive=True)]
    return sum(process.cpu_times().user + process.cpu_times().system for process in tree)
