"""The metrics of a version by one name each, such as `validation_accuracy`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

PARTS = ("validation_", "training_")


def finite_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Every finite number of the parts' reports, by its whole name."""
    return {
        f"{part}_{name}": float(value)
        for part, report in metrics.items()
        for name, value in (report or {}).items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def whole_name(metric: str) -> str:
    """The name of a metric with its part: the validation's, unless the metric names one."""
    return metric if metric.startswith(PARTS) else f"validation_{metric}"
