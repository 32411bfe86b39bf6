"""Figures for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.api.dependencies import Actor
from service.api.figures import RequestFigures
from service.api.routing import resource_router
from service.problems import Problem
from service.registry.database import Database
from service.registry.jobs.queue import count_by_state
from service.schemas.job import State

router = resource_router("Operations")
PLAIN = "text/plain"
STATES: tuple[State, ...] = ("queued", "running", "succeeded", "failed", "cancelled")
EXAMPLE = 'feedforward_jobs{state="running"} 2.0\n'


class JobFigures(Collector):
    """Counted when somebody asks. Left out while the database can't be reached, so that the rest is still told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("feedforward_jobs", "Jobs by state.", labels=["state"])
        try:
            with self._database.read() as session:
                counts = count_by_state(session)
        except Problem:
            return
        for state in STATES:
            jobs.add_metric([state], counts.get(state, 0))
        yield jobs


def metrics_registry(requests: RequestFigures, database: Database) -> CollectorRegistry:
    """All that this process tells; a registry of its own, so that an application leaves nothing behind."""
    registry = CollectorRegistry()
    registry.register(requests)
    registry.register(JobFigures(database))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {PLAIN: {"schema": {"type": "string"}, "example": EXAMPLE}}}},
)
def get_metrics(request: Request, actor: Actor) -> Response:
    """Requests by route and status with their times, jobs by state, and the process itself, in Prometheus's text form.

    The requests are those of the process that answers.
    """
    actor.require("read")
    return Response(generate_latest(request.app.state.metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})
