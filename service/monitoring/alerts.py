"""Whether a model's live predictions are still what its owner accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.monitoring.drift import FEWEST_ROWS, drift_report
from service.monitoring.drift import MOST_ROWS as MOST_LIVE_ROWS
from service.monitoring.live_metrics import MOST_LABELS, figures
from service.monitoring.references import References
from service.problems import Conflict
from service.registry import Session
from service.registry.database import Database
from service.registry.models import models, versions
from service.registry.monitoring import alerts, logged_predictions, prediction_log
from service.registry.monitoring.alerts import Verdict
from service.registry.monitoring.logged_predictions import LabelledRow, LiveRow, Stretch
from service.schemas.monitoring import Alerts, MetricRule
from service.schemas.registry import Version

FEWEST_LABELS = 50
# Of more versions at once only those with the most rows are looked at.
MOST_VERSIONS = 5


@dataclass(frozen=True)
class Traffic:
    """The recent rows of one version, and those of them whose labels came."""

    version: Version
    live: Sequence[LiveRow]
    labelled: Sequence[LabelledRow]


def check(database: Database, references: References, model: str) -> Alerts:
    """Look at the model's recent rows and note what is found. Raises NotFound, and Conflict where nothing is logged."""
    now = datetime.now(UTC)
    with database.read() as session:
        rules, _ = alerts.get_alerts(session, model)
        traffic = _traffic(session, model, now - timedelta(hours=rules.window_hours), now)
    verdicts = [verdict for one in traffic for verdict in _judge(rules, one, references)]
    with database.write() as session:
        return alerts.note(session, model, verdicts, {one.version.version for one in traffic}, now)


def _traffic(session: Session, model: str, since: datetime, until: datetime) -> list[Traffic]:
    owner = models.get_row(session, model)
    prediction_log.get_row(session, owner)
    counts = logged_predictions.count_by_version(session, Stretch(owner.id, since, until))
    busiest = sorted(counts, key=lambda number: -counts[number])[:MOST_VERSIONS]
    records = versions.get_records(session, owner, busiest)
    stretches = {number: Stretch(owner.id, since, until, number) for number in records}
    return [
        Traffic(
            record,
            logged_predictions.list_newest(session, stretches[number], MOST_LIVE_ROWS),
            logged_predictions.list_labelled(session, stretches[number], MOST_LABELS),
        )
        for number, record in records.items()
    ]


def _judge(rules: Alerts, traffic: Traffic, references: References) -> list[Verdict]:
    """Nothing of a rule for which there are too few rows."""
    verdicts = []
    if rules.psi is not None and len(traffic.live) >= FEWEST_ROWS:
        verdicts += _judge_drift(rules.psi, traffic, references)
    if rules.live_metric is not None and len(traffic.labelled) >= FEWEST_LABELS:
        verdicts += _judge_metric(rules.live_metric, traffic)
    return verdicts


def _judge_drift(limit: float, traffic: Traffic, references: References) -> list[Verdict]:
    try:
        report = drift_report(traffic.version, references.get(traffic.version), traffic.live)
    except Conflict:  # imported without its data: there is nothing to compare with
        return []
    judged = [one for one in [*report.features, *report.predictions] if one.type != "date"]
    worst = max(judged, key=lambda one: one.psi)
    beyond = [one for one in judged if one.psi >= limit and one.psi > one.psi_by_chance]
    told = max(beyond, key=lambda one: one.psi, default=worst)
    return [Verdict(traffic.version.version, "psi", bool(beyond), told.sentence)]


def _judge_metric(rule: MetricRule, traffic: Traffic) -> list[Verdict]:
    value = figures(traffic.version, traffic.labelled).get(rule.metric)
    if value is None:
        return []
    if rule.minimum is not None:
        alarm, bound = value < rule.minimum, f"at least {rule.minimum:.4g}"
    else:
        alarm, bound = rule.maximum is not None and value > rule.maximum, f"at most {rule.maximum:.4g}"
    rows = len(traffic.labelled)
    sentence = f"`{rule.metric}` of {rows} labelled rows is {value:.4g}; it should be {bound}."
    return [Verdict(traffic.version.version, "live_metric", alarm, sentence)]
