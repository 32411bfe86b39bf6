"""Live metrics by version and time, from true labels, by the definitions of training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from service.registry import Session
from service.registry.models import models, versions
from service.registry.monitoring import logged_predictions, prediction_log
from service.registry.monitoring.logged_predictions import LabelledRow, LogWindow
from service.schemas.monitoring import LiveBucket, LiveMetrics, LiveVersion
from service.schemas.registry import Version
from service.serving.output_view import output_view

MOST_LABELS = 50_000
Metrics = dict[str, float | None]


def live_metrics(
    session: Session, model: str, start: datetime, end: datetime, n_buckets: int, version: int | None = None
) -> LiveMetrics:
    """The metrics of each version in buckets of equal length. Raises NotFound, and Conflict where nothing is logged."""
    owner = models.get_row(session, model)
    prediction_log.get_row(session, owner)
    edges = [start + (end - start) * k / n_buckets for k in range(n_buckets)] + [end]
    counts = [
        logged_predictions.count_by_version(session, LogWindow(owner.id, *ends, version)) for ends in pairwise(edges)
    ]
    labelled = logged_predictions.list_labelled(session, LogWindow(owner.id, start, end, version), MOST_LABELS)
    records = versions.get_records(session, owner, {number for count in counts for number in count})
    return LiveMetrics(
        model=model,
        start=start,
        end=end,
        complete=len(labelled) < MOST_LABELS,
        versions=[
            _version(record, edges, [count.get(number, 0) for count in counts], labelled)
            for number, record in sorted(records.items(), reverse=True)
        ],
    )


def _version(
    version: Version, edges: Sequence[datetime], counts: Sequence[int], labelled: Sequence[LabelledRow]
) -> LiveVersion:
    rows_of_version = [row for row in labelled if row.version == version.version]
    buckets = [
        LiveBucket(start=start, end=end, rows=count, labelled=len(rows), metrics=metrics_of(version, rows))
        for (start, end), count, rows in zip(pairwise(edges), counts, _by_bucket(rows_of_version, edges), strict=True)
    ]
    return LiveVersion(
        version=version.version,
        rows=sum(counts),
        labelled=len(rows_of_version),
        metrics=metrics_of(version, rows_of_version),
        validation=_scalars(version.metrics.validation or {}),
        buckets=buckets,
    )


def _by_bucket(rows: Sequence[LabelledRow], edges: Sequence[datetime]) -> list[list[LabelledRow]]:
    length = (edges[-1] - edges[0]) / (len(edges) - 1)
    buckets: defaultdict[int, list[LabelledRow]] = defaultdict(list)
    for row in rows:
        buckets[min(int((row.at - edges[0]) / length), len(edges) - 2)].append(row)
    return [buckets[place] for place in range(len(edges) - 1)]


def metrics_of(version: Version, rows: Sequence[LabelledRow]) -> Metrics:
    """The metrics of the version's task on labelled rows; empty without rows."""
    if not rows:
        return {}
    view = output_view(version.task, version.signature.outputs)
    truth = np.array([view.truth(row.label) for row in rows])
    outputs = np.array([row.outputs for row in rows])
    with np.errstate(all="ignore"):
        return _scalars(view.report(truth, outputs))


def _scalars(report: dict[str, Any]) -> Metrics:
    """The metrics that are single numbers; None for one that is not finite."""
    numbers = {name: value for name, value in report.items() if value is None or isinstance(value, int | float)}
    numbers.pop("rows", None)
    return {name: value if value is None or np.isfinite(value) else None for name, value in numbers.items()}
