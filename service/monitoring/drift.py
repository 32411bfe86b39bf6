"""The drift of a version's live predictions, feature by feature and output by output."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from models.data.columns import typed_column
from service.monitoring.distributions import compare
from service.monitoring.references import Reference
from service.registry.monitoring.logged_predictions import LiveRow
from service.schemas.monitoring import Drift, DriftReport, DriftState
from service.schemas.registry import Version
from service.serving.output_view import output_view

FEWEST_ROWS = 100
MOST_ROWS = 10_000
SEVERITY: dict[DriftState, int] = {"stable": 0, "moderate": 1, "drifted": 2}


def drift_report(version: Version, reference: Reference, live: Sequence[LiveRow]) -> DriftReport:
    """`live` are the newest rows, newest first. With too few of them, nothing is compared."""
    enough = len(live) >= FEWEST_ROWS
    features = _features(version, reference, live) if enough else []
    predictions = _predictions(version, reference, live) if enough else []
    state, sentence = _summary([*features, *predictions]) if enough else (None, _too_few(len(live)))
    return DriftReport(
        model=version.model,
        version=version.version,
        state=state,
        sentence=sentence,
        rows=len(live),
        rows_needed=max(0, FEWEST_ROWS - len(live)),
        first_at=_moment(live, -1),
        last_at=_moment(live, 0),
        training_rows=reference.rows,
        features=features,
        predictions=predictions,
    )


def _moment(live: Sequence[LiveRow], place: int) -> datetime | None:
    return live[place].at if live else None


def _features(version: Version, reference: Reference, live: Sequence[LiveRow]) -> list[Drift]:
    values = zip(*(row.inputs for row in live), strict=True)
    return [
        compare(
            reference.columns[feature.name],
            typed_column(feature.name, feature.type, list(column), feature.format),
            feature.categories or (),
        )
        for feature, column in zip(version.signature.features, values, strict=True)
    ]


def _predictions(version: Version, reference: Reference, live: Sequence[LiveRow]) -> list[Drift]:
    now = np.array([row.outputs for row in live])
    view = output_view(version.task, version.signature.outputs)
    columns = zip(view.monitored_columns(reference.outputs), view.monitored_columns(now), strict=True)
    return [compare(before, after) for before, after in columns]


def _summary(drifts: Sequence[Drift]) -> tuple[DriftState, str]:
    """The worst state. Dates are reported but not judged, since time always moves on."""
    comparable = [drift for drift in drifts if drift.type != "date"]
    worst = max(comparable, key=lambda drift: (SEVERITY[drift.state], drift.psi), default=None)
    if worst is None or worst.state == "stable":
        return "stable", "Live rows and predictions are distributed as in training."
    count = sum(drift.state == worst.state for drift in comparable)
    how = "have drifted" if worst.state == "drifted" else "have shifted somewhat"
    return worst.state, f"{count} of {len(comparable)} features and predictions {how}. Most of all: {worst.sentence}"


def _too_few(rows: int) -> str:
    return f"There are {rows} logged rows; a comparison needs {FEWEST_ROWS}, so {FEWEST_ROWS - rows} more are missing."
