"""The page of a model's live predictions: metrics, the drift of each feature, and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.monitoring.live_metrics import live_metrics
from service.monitoring.monitor import Monitor
from service.pages.overview import METRIC_TITLES, SHOWN_METRICS
from service.pages.plots import Bar, Course, bars, course
from service.problems import Conflict, Gone, NotFound
from service.registry import Session
from service.registry.models import versions
from service.registry.monitoring import alerts, prediction_log
from service.schemas.monitoring import Alerts, Drift, DriftReport, LiveVersion, PredictionLog
from service.schemas.registry import Version

DAYS = 7
BUCKETS = 28
MOST_DRIFTS = 60
MOST_VERSIONS = 10


@dataclass(frozen=True)
class Figure:
    """One metric: live, and of the held-out rows."""

    title: str
    live: float | None
    validation: float | None


@dataclass(frozen=True)
class Line:
    """A version with live rows."""

    live: LiveVersion
    figures: list[Figure]


@dataclass(frozen=True)
class DriftPlot:
    drift: Drift
    bars: list[Bar]


@dataclass(frozen=True)
class LiveView:
    """`why` is the reason why there is no drift report."""

    version: Version
    log: PredictionLog
    lines: list[Line]
    course: Course | None
    course_title: str
    report: DriftReport | None
    why: str | None
    plots: list[DriftPlot]
    alerts: Alerts | None


def find_log(session: Session, model: str) -> PredictionLog | None:
    """None where predictions are not logged. Raises NotFound."""
    try:
        return prediction_log.get_log(session, model)[0]
    except Conflict:
        return None


def live_view(session: Session, monitor: Monitor, log: PredictionLog, reference: str | None) -> LiveView:
    """Raises NotFound and Gone."""
    version, _ = versions.get_version(session, log.model, reference)
    now = datetime.now(UTC)
    live_versions = live_metrics(session, log.model, now - timedelta(days=DAYS), now, BUCKETS).versions
    own = next((live for live in live_versions if live.version == version.version), None)
    names = SHOWN_METRICS[version.task]
    report, why = _drift(monitor, version)
    drifts = [] if report is None else [*report.predictions, *report.features]
    return LiveView(
        version=version,
        log=log,
        lines=[Line(live, _figures(live, names)) for live in live_versions[:MOST_VERSIONS]],
        course=None if own is None else course(names[0], own.buckets, own.validation.get(names[0])),
        course_title=METRIC_TITLES[names[0]],
        report=report,
        why=why,
        plots=[
            DriftPlot(drift, bars(drift.bins)) for drift in sorted(drifts, key=lambda drift: -drift.psi)[:MOST_DRIFTS]
        ],
        alerts=_find_alerts(session, log.model),
    )


def _figures(live: LiveVersion, names: tuple[str, ...]) -> list[Figure]:
    return [Figure(METRIC_TITLES[name], live.metrics.get(name), live.validation.get(name)) for name in names]


def _drift(monitor: Monitor, version: Version) -> tuple[DriftReport | None, str | None]:
    try:
        return monitor.drift(version.model, str(version.version)), None
    except (Conflict, Gone) as problem:
        return None, problem.detail


def _find_alerts(session: Session, model: str) -> Alerts | None:
    try:
        return alerts.get_alerts(session, model)[0]
    except NotFound:
        return None
