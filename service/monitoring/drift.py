"""The drift of a version's live predictions, feature by feature and output by output."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column, as_text, typed_column
from models.data.targets.decision_threshold import decide
from service.monitoring.distributions import compare
from service.monitoring.references import Reference
from service.registry.monitoring.logged_predictions import LiveRow
from service.schemas.monitoring import Drift, DriftReport, DriftState
from service.schemas.registry import Version

FEWEST_ROWS = 100
MOST_ROWS = 10_000
MOST_CLASSES = 20
SEVERITY: dict[DriftState, int] = {"stable": 0, "moderate": 1, "drifted": 2}


def drift_report(version: Version, reference: Reference, live: Sequence[LiveRow]) -> DriftReport:
    """`live` are the newest rows, newest first. With too few of them nothing is compared."""
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
    before = _output_columns(version, reference.outputs)
    return [compare(column, live) for column, live in zip(before, _output_columns(version, now), strict=True)]


def _output_columns(version: Version, outputs: NDArray[np.float64]) -> list[Column]:
    """What was predicted, as columns: the label and its chances, or the numbers."""
    names = [output.name for output in version.signature.outputs]
    if version.task == "classification":
        texts = [str(as_text(one)) for one in version.signature.outputs[0].classes or []]
        labels = Column(
            "label", "category", np.array(texts, dtype=object)[decide(outputs, version.signature.outputs[0].threshold)]
        )
        told = list(enumerate(texts))[1:] if len(texts) == 2 else list(enumerate(texts))[:MOST_CLASSES]
        return [labels, *(_number(f"probability of {text}", outputs[:, place]) for place, text in told)]
    if version.task == "multilabel":
        yes = [Column(name, "boolean", (column >= 0.5) * 1.0) for name, column in zip(names, outputs.T, strict=True)]
        return [*yes, *(_number(f"probability of {name}", outputs[:, place]) for place, name in enumerate(names))]
    return [_number(name, column) for name, column in zip(names, outputs.T, strict=True)]


def _number(name: str, values: Any) -> Column:
    return Column(name, "number", values)


def _summary(drifts: Sequence[Drift]) -> tuple[DriftState, str]:
    """The worst state. Dates are told but not counted, since time goes on by itself."""
    judged = [one for one in drifts if one.type != "date"]
    worst = max(judged, key=lambda one: (SEVERITY[one.state], one.psi), default=None)
    if worst is None or worst.state == "stable":
        return "stable", "Live rows and predictions are distributed as in training."
    moved = sum(one.state == worst.state for one in judged)
    how = "have drifted" if worst.state == "drifted" else "have shifted somewhat"
    return worst.state, f"{moved} of {len(judged)} features and predictions {how}. Most of all: {worst.sentence}"


def _too_few(rows: int) -> str:
    return f"There are {rows} logged rows; a comparison takes {FEWEST_ROWS}, so {FEWEST_ROWS - rows} more are needed."
