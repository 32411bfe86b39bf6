"""Counts and times of requests for Prometheus.

Each request adds to plain numbers, since a counter and a histogram of the library cost a twentieth of a prediction;
they become the library's metrics when they are collected.
"""

from __future__ import annotations

from bisect import bisect_left
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
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from service.api.http.dependencies import Actor
from service.api.http.routing import resource_router
from service.media_types import PLAIN_TEXT
from service.problems import Problem
from service.registry.database import Database
from service.registry.jobs.queue import count_by_state
from service.schemas.job import State
from service.serving.prediction_log import PredictionLog

BOUNDS_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
MOST_VERSIONS = 1000
OTHERS = b"others/"
Key = tuple[str, str, int]
router = resource_router("Operations")
STATES: tuple[State, ...] = ("queued", "running", "succeeded", "failed", "cancelled")
EXAMPLE = 'feedforward_jobs{state="running"} 2.0\n'


class Timings:
    """How many requests of one kind took how long."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self.seconds = 0.0


class RequestMetrics(Collector):
    def __init__(self) -> None:
        self._timings: dict[Key, Timings] = {}
        self._predictions: dict[bytes, int] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        timings = self._timings.get((method, route, status))
        if timings is None:
            timings = self._timings[method, route, status] = Timings()
        timings.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        timings.seconds += seconds

    def count_prediction(self, version: bytes) -> None:
        """`version` is like `iris/3`. Versions beyond the first thousand are counted together."""
        counts = self._predictions
        if version in counts:
            counts[version] += 1
            return
        if len(counts) >= MOST_VERSIONS:
            version = OTHERS
        counts[version] = counts.get(version, 0) + 1

    def collect(self) -> Iterator[Metric]:
        labels = ["method", "route", "status"]
        requests = CounterMetricFamily("feedforward_requests", "Completed requests.", labels=labels)
        seconds = HistogramMetricFamily(
            "feedforward_request_seconds", "Time until the response was sent.", labels=labels
        )
        for (method, route, status), timings in list(self._timings.items()):
            values = [method, route, str(status)]
            requests.add_metric(values, sum(timings.counts))
            seconds.add_metric(values, _cumulative(timings.counts), sum_value=timings.seconds)
        yield requests
        yield seconds
        yield self._prediction_counts()

    def _prediction_counts(self) -> Metric:
        text = "Prediction requests by version."
        counts = CounterMetricFamily("feedforward_predictions", text, labels=["model", "version"])
        for version, count in list(self._predictions.items()):
            counts.add_metric(version.decode().split("/"), count)
        return counts


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    bounds = [*map(str, BOUNDS_SECONDS), "+Inf"]
    return [(bound, float(sum(counts[: place + 1]))) for place, bound in enumerate(bounds)]


class JobMetrics(Collector):
    """Jobs by state, counted on collection; omitted while the database is unreachable, so that others are reported."""

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


def metrics_registry(requests: RequestMetrics, database: Database) -> CollectorRegistry:
    """All metrics of this process, in a registry that ends with the application."""
    registry = CollectorRegistry()
    registry.register(requests)
    registry.register(JobMetrics(database))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


@router.get(
    "/metrics",
    summary="Get metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {PLAIN_TEXT: {"schema": {"type": "string"}, "example": EXAMPLE}}}},
)
def get_metrics(request: Request, actor: Actor) -> Response:
    """Requests by route and status with their times, jobs by state, and process metrics, in Prometheus's text format.

    Requests are counted by each API process separately.
    """
    actor.require("read")
    return Response(generate_latest(request.app.state.metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})


class PredictionLogMetrics(Collector):
    """This process's rows for the prediction log: `dropped` when its buffer is full, `failed` if not written."""

    def __init__(self, log: PredictionLog) -> None:
        self._log = log

    def collect(self) -> Iterator[Metric]:
        text = "Rows for the prediction log, by outcome."
        rows = CounterMetricFamily("feedforward_prediction_log_rows", text, labels=["outcome"])
        for outcome in ("written", "dropped", "failed"):
            rows.add_metric([outcome], getattr(self._log, outcome))
        yield rows
