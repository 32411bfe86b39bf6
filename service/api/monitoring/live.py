"""The quality of a model's live predictions: drift from training, and metrics by true labels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Request

from service.api.http.dependencies import Actor, ReadSession, WriteSession
from service.api.http.routing import resource_router
from service.monitoring import feedback, live_metrics
from service.monitoring.monitor import Monitor
from service.problems import InvalidInput, input_error
from service.schemas.monitoring import DriftReport, Feedback, FeedbackResult, LiveMetrics
from service.schemas.names import Name, VersionReference
from service.schemas.strict import Moment

router = resource_router("Monitoring")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

OfVersion = Annotated[
    VersionReference | None, Query(description="A number, an alias or `latest`; left out, what `/predict` serves.")
]
Start = Annotated[Moment | None, Query(alias="from", description="Rows from this time on (RFC 3339).")]
End = Annotated[Moment | None, Query(alias="to", description="Rows before this time; by default now.")]
Window = Annotated[str, Query(pattern=r"^[1-9]\d{0,3}[mhd]$", description="How far back: minutes, hours or days.")]


def _monitor(request: Request) -> Monitor:
    monitor: Monitor = request.app.state.monitor
    return monitor


ServiceMonitor = Annotated[Monitor, Depends(_monitor)]


@router.get("/models/{name}/drift", summary="Measure drift from training")
def get_drift(
    name: Name,
    monitor: ServiceMonitor,
    actor: Actor,
    version: OfVersion = None,
    start: Start = None,
    end: End = None,
) -> DriftReport:
    """PSI and the two-sample Kolmogorov-Smirnov test for each feature and for the predictions.

    Compares the newest 10,000 logged rows of a version (by default of the last seven days) with up to 5,000 random rows
    of its dataset and their predictions. A PSI over 0.1 is `moderate`, over 0.25 `drifted`.
    """
    actor.require("read", model=name)
    if start is not None and start >= (end or datetime.now(UTC)):
        message = "`from` must be before `to`, which is now when left out"
        raise InvalidInput(f"{message}.", errors=[input_error(["query", "from"], "order", message)])
    return monitor.drift(name, version, start, end)


@router.post("/models/{name}/feedback", summary="Send true labels")
def send_feedback(name: Name, labels: Feedback, session: WriteSession, actor: Actor) -> FeedbackResult:
    """The true labels of predicted rows, by the `X-Request-ID` of the response and the row's number in it.

    A label for a row that is not in the log is counted and is not an error. A label that the version could not have
    predicted returns 422, and nothing in the request is recorded. If a row is labelled twice, the last label wins.
    """
    actor.require("predict", model=name)
    return feedback.store_labels(session, name, labels.items)


@router.get("/models/{name}/live", summary="Get live metrics by version")
def get_live_metrics(
    name: Name,
    session: ReadSession,
    actor: Actor,
    window: Window = "24h",
    buckets: Annotated[int, Query(ge=1, le=100, description="The number of parts of the time window.")] = 24,
    version: Annotated[int | None, Query(ge=1, description="Only this version.")] = None,
) -> LiveMetrics:
    """Metrics of logged rows with labels, in total and over time, next to those of validation."""
    actor.require("read", model=name)
    now = datetime.now(UTC)
    length = int(window[:-1]) * UNITS[window[-1]]
    return live_metrics.live_metrics(session, name, now - length, now, buckets, version)
