"""Checks of a model's live predictions against the limits that its owner set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.monitoring.drift import FEWEST_ROWS, drift_report
from service.monitoring.drift import MOST_ROWS as MOST_LIVE_ROWS
from service.monitoring.live_metrics import MOST_LABELS, metrics_of
from service.monitoring.references import References
from service.problems import Conflict
from service.registry import Session
from service.registry.database import Database
from service.registry.models import models, versions
from service.registry.monitoring import alerts, logged_predictions, prediction_log
from service.registry.monitoring.alerts import Verdict
from service.registry.monitoring.logged_predictions import LabelledRow, LiveRow, LogWindow
from service.schemas.monitoring import Alerts, MetricRule
from service.schemas.registry import Version

FEWEST_LABELS = 50
# Of more versions only those with the most rows are checked.
MOST_VERSIONS = 5


@dataclass(frozen=True)
class Traffic:
    """The recent rows of one version, and those of them that have labels."""

    version: Version
    live: Sequence[LiveRow]
    labelled: Sequence[LabelledRow]


def check(database: Database, references: References, model: str) -> Alerts:
    """Check the model's recent rows and record the result. Raises NotFound, and Conflict where nothing is logged."""
    now = datetime.now(UTC)
    with database.read() as session:
        rules, _ = alerts.get_alerts(session, model)
        traffic = _traffic(session, model, now - timedelta(hours=rules.window_hours), now)
    verdicts = [verdict for version in traffic for verdict in _judge(rules, version, references)]
    with database.write() as session:
        return alerts.note(session, model, verdicts, {version.version.version for version in traffic}, now)


def _traffic(session: Session, model: str, since: datetime, until: datetime) -> list[Traffic]:
    owner = models.get_row(session, model)
    prediction_log.get_row(session, owner)
    counts = logged_predictions.count_by_version(session, LogWindow(owner.id, since, until))
    busiest = sorted(counts, key=lambda number: -counts[number])[:MOST_VERSIONS]
    records = versions.get_records(session, owner, busiest)
    windows = {number: LogWindow(owner.id, since, until, number) for number in records}
    return [
        Traffic(
            record,
            logged_predictions.list_newest(session, windows[number], MOST_LIVE_ROWS),
            logged_predictions.list_labelled(session, windows[number], MOST_LABELS),
        )
        for number, record in records.items()
    ]


def _judge(rules: Alerts, traffic: Traffic, references: References) -> list[Verdict]:
    """A verdict on each rule for which there are enough rows."""
    verdicts = []
    if rules.psi is not None and len(traffic.live) >= FEWEST_ROWS:
        verdicts += _judge_drift(rules.psi, traffic, references)
    if rules.live_metric is not None and len(traffic.labelled) >= FEWEST_LABELS:
        verdicts += _judge_metric(rules.live_metric, traffic)
    return verdicts


def _judge_drift(limit: float, traffic: Traffic, references: References) -> list[Verdict]:
    try:
        report = drift_report(traffic.version, references.get(traffic.version), traffic.live)
    except Conflict:  # imported without its training data, so there is nothing to compare with
        return []
    drifts = [drift for drift in [*report.features, *report.predictions] if drift.type != "date"]
    worst = max(drifts, key=lambda drift: drift.psi)
    alarming = [drift for drift in drifts if drift.psi >= limit and drift.psi > drift.psi_by_chance]
    most_notable = max(alarming, key=lambda drift: drift.psi, default=worst)
    return [Verdict(traffic.version.version, "psi", bool(alarming), most_notable.sentence)]


def _judge_metric(rule: MetricRule, traffic: Traffic) -> list[Verdict]:
    value = metrics_of(traffic.version, traffic.labelled).get(rule.metric)
    if value is None:
        return []
    if rule.minimum is not None:
        alarm, bound = value < rule.minimum, f"at least {rule.minimum:.4g}"
    else:
        alarm, bound = rule.maximum is not None and value > rule.maximum, f"at most {rule.maximum:.4g}"
    rows = len(traffic.labelled)
    sentence = f"`{rule.metric}` of {rows} labelled rows is {value:.4g}; it should be {bound}."
    return [Verdict(traffic.version.version, "live_metric", alarm, sentence)]
