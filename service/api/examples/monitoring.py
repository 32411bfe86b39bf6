"""Examples of requests and responses about live predictions, from a real run with the iris data."""

from __future__ import annotations

from typing import Any

AT = "2026-11-25T07:32:16.051953Z"
START, END = "2026-11-25T06:32:17.644389Z", "2026-11-25T07:32:17.644389Z"
DRIFTED = "`petal_length` has drifted: its mean is 4.736, in training 3.758 (PSI 1.9)."
RULES: dict[str, Any] = {"psi": 0.25, "live_metric": {"metric": "accuracy", "minimum": 0.9}, "window_hours": 24}
METRICS = {"accuracy": 1.0, "f1_macro": 1.0, "roc_auc": None, "log_loss": 0.046550283176650956}
PETALS = {
    "name": "petal_length",
    "type": "number",
    "state": "drifted",
    "sentence": DRIFTED,
    "psi": 1.9432626023447777,
    "psi_by_chance": 0.3729022076188494,
    "ks": {"statistic": 0.32671081677704195, "p_value": 1.2864502174157393e-07},
    "training_missing": 0.0,
    "live_missing": 0.0,
    "training_mean": 3.7580000000000005,
    "live_mean": 4.735761589403973,
    "new_categories": [],
    "bins": [{"name": "up to 1.4", "training": 0.16, "live": 0.006622516556291391}],
}

# By the name of the schema that they are examples of.
MONITORING_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "PredictionLogSettings": [{"sample": 0.1}, {"sample": 1, "keep_days": 7, "keep_rows": 50000}],
    "PredictionLog": [
        {
            "model": "iris",
            "sample": 0.1,
            "keep_days": 30.0,
            "keep_rows": 100000,
            "rows": 151,
            "updated_at": AT,
            "updated_by": "anonymous",
        }
    ],
    "LoggedPrediction": [
        {
            "at": AT,
            "version": 1,
            "request": "flowers-1",
            "row": 149,
            "inputs": {"sepal_length": 5.9, "sepal_width": 3.0, "petal_length": 6.1, "petal_width": 1.8},
            "prediction": {"label": "virginica", "probabilities": {"setosa": 0.0007, "virginica": 0.9993}},
            "label": "virginica",
            "labelled_at": AT,
            "labels": 1,
        }
    ],
    "Feedback": [{"items": [{"request": "flowers-1", "row": 0, "label": "setosa"}]}],
    "FeedbackResult": [
        {
            "received": 2,
            "matched": 1,
            "replaced": 0,
            "unmatched": 1,
            "unmatched_items": [{"request": "unknown", "row": 0}],
        }
    ],
    "DriftReport": [
        {
            "model": "iris",
            "version": 1,
            "state": "drifted",
            "sentence": f"3 of 8 features and predictions have drifted. Most of all: {DRIFTED}",
            "rows": 151,
            "rows_needed": 0,
            "first_at": AT,
            "last_at": AT,
            "training_rows": 150,
            "features": [PETALS],
            "predictions": [],
        }
    ],
    "LiveMetrics": [
        {
            "model": "iris",
            "start": START,
            "end": END,
            "complete": True,
            "versions": [
                {
                    "version": 1,
                    "rows": 151,
                    "labelled": 2,
                    "metrics": METRICS,
                    "validation": {"accuracy": 0.9666666666666667, "log_loss": 0.15025387160096593},
                    "buckets": [{"start": START, "end": END, "rows": 151, "labelled": 2, "metrics": METRICS}],
                }
            ],
        }
    ],
    "AlertRules": [RULES],
    "Alerts": [
        {
            "model": "iris",
            **RULES,
            "states": [{"version": 1, "rule": "psi", "alarm": True, "since": AT, "sentence": DRIFTED}],
            "checked_at": AT,
            "updated_at": AT,
            "updated_by": "anonymous",
        }
    ],
}
