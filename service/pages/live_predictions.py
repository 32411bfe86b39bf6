"""The page of a model's live predictions: metrics, the drift of each feature, and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.monitoring.live_metrics import live_metrics
from service.monitoring.monitor import Monitor
from service.pages.overview import METRIC_TITLES, SHOWN_METRICS
from service.pages.plots import Bar, MetricPlot, bars, metric_plot
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
class LiveMetric:
    """One metric of live rows, and its value on the held-out rows."""

    title: str
    live: float | None
    validation: float | None


@dataclass(frozen=True)
class Line:
    """A version with live rows."""

    live: LiveVersion
    metrics: list[LiveMetric]


@dataclass(frozen=True)
class DriftPlot:
    """The drift of a feature or a prediction, with the bars of its distributions."""

    drift: Drift
    bars: list[Bar]


@dataclass(frozen=True)
class LiveView:
    """What the page shows of one version. Without a drift report, `no_report_reason` says why."""

    version: Version
    log: PredictionLog
    lines: list[Line]
    metric_plot: MetricPlot | None
    metric_title: str
    report: DriftReport | None
    no_report_reason: str | None
    drift_plots: list[DriftPlot]
    alerts: Alerts | None


def find_log(session: Session, model: str) -> PredictionLog | None:
    """The settings of a model's prediction log, or None without a log. Raises NotFound."""
    try:
        return prediction_log.get_log(session, model)[0]
    except Conflict:
        return None


def live_view(session: Session, monitor: Monitor, log: PredictionLog, reference: str | None) -> LiveView:
    """The view of a version, by default the one that `/predict` serves. Raises NotFound and Gone."""
    version, _ = versions.get_version(session, log.model, reference)
    now = datetime.now(UTC)
    live_versions = live_metrics(session, log.model, now - timedelta(days=DAYS), now, BUCKETS).versions
    live_version = next((live for live in live_versions if live.version == version.version), None)
    names = SHOWN_METRICS[version.task]
    report, no_report_reason = _drift(monitor, version)
    drifts = [] if report is None else [*report.predictions, *report.features]
    return LiveView(
        version=version,
        log=log,
        lines=[Line(live, _metrics(live, names)) for live in live_versions[:MOST_VERSIONS]],
        metric_plot=None if live_version is None else _metric_plot(live_version, names[0]),
        metric_title=METRIC_TITLES[names[0]],
        report=report,
        no_report_reason=no_report_reason,
        drift_plots=[
            DriftPlot(drift, bars(drift.bins)) for drift in sorted(drifts, key=lambda drift: -drift.psi)[:MOST_DRIFTS]
        ],
        alerts=_find_alerts(session, log.model),
    )


def _metrics(live: LiveVersion, names: tuple[str, ...]) -> list[LiveMetric]:
    return [LiveMetric(METRIC_TITLES[name], live.metrics.get(name), live.validation.get(name)) for name in names]


def _metric_plot(live: LiveVersion, name: str) -> MetricPlot | None:
    return metric_plot(name, live.buckets, live.validation.get(name))


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
