"""Examples of requests and responses, from a real training of the iris data (examples/iris.csv)."""

from __future__ import annotations

from typing import Any

from service.api.examples.comparison import COMPARISON_EXAMPLES
from service.api.examples.monitoring import MONITORING_EXAMPLES
from service.api.examples.webhooks import WEBHOOK_EXAMPLES

JOB = "01a210a6-bc5c-7577-86f1-11769ced0e2a"
DATASET = "sha256:e6311b89c04474925cb628cae5fa3acf93441b3c9670958089aea06d815b0484"
MOVED_AT = "2026-11-25T03:01:33.282106Z"
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
REQUEST: dict[str, Any] = {
    "model": "iris",
    "data": {"dataset": DATASET},
    "label": "species",
    "features": list(FLOWER),
    "task": "classification",
    "network": {"hidden": [16], "activation": "relu", "output": "softmax", "dtype": "float32"},
    "training": {"epochs": 60, "batch_size": 32, "optimizer": {"name": "adam", "learning_rate": 0.01}, "seed": 7},
    "validation": {"fraction": 0.2, "method": "stratified"},
    "alias": "production",
}
RANGES = {"sepal_length": (4.3, 7.9), "sepal_width": (2.0, 4.2), "petal_length": (1.0, 6.7), "petal_width": (0.1, 2.5)}
FEATURES = [
    {"name": name, "type": "number", "nullable": False, "minimum": low, "maximum": high, "categories": None}
    for name, (low, high) in RANGES.items()
]
SPECIES = {"name": "species", "type": "category", "classes": ["setosa", "versicolor", "virginica"]}
PREDICTION = {
    "label": "setosa",
    "probabilities": {"setosa": 0.9998030066490173, "versicolor": 0.00019699972472153604, "virginica": 2.2e-10},
}


def _points() -> list[dict[str, Any]]:
    rows = [(1, 1.0346305, 0.8076088, 0.0081), (31, 0.0935513, 0.1868909, 0.0522), (60, 0.0551987, 0.1566543, 0.0848)]
    names = ("epoch", "loss", "validation_loss", "elapsed_seconds")
    return [dict(zip(names, row, strict=True)) | {"learning_rate": 0.01} for row in rows]


# By the name of the schema that they are examples of.
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    **COMPARISON_EXAMPLES,
    **MONITORING_EXAMPLES,
    **WEBHOOK_EXAMPLES,
    "PredictionRequest": [{"model": "iris", "version": "production", "inputs": [FLOWER]}],
    "ModelPrediction": [{"version": "production", "inputs": [FLOWER]}],
    "VersionPrediction": [{"inputs": [FLOWER]}],
    "PredictionAnswer": [{"model": "iris", "version": 2, "predictions": [PREDICTION], "warnings": []}],
    "Description": [{"description": "Tells three kinds of iris apart.", "tags": {"team": "flowers"}}],
    "AliasRequest": [{"version": 2}, {"split": {"2": 0.9, "1": 0.1}}, {"version": 2, "shadow": 1}],
    "Rollback": [{"steps": 1}],
    "RetentionRule": [{"keep_last": 10}, {"keep_last": 5, "keep_days": 30, "keep_rollbacks": 3}],
    "Retention": [
        {
            "model": "iris",
            "keep_last": 10,
            "keep_days": None,
            "keep_rollbacks": 1,
            "to_delete": 0,
            "updated_at": MOVED_AT,
            "updated_by": "anonymous",
        }
    ],
    "RetentionPreview": [{"count": 3, "versions": [1, 2, 4], "kept": 11}],
    "Cancellation": [{"keep": "best"}],
    "Alias": [
        {
            "model": "iris",
            "alias": "production",
            "version": 2,
            "split": None,
            "shadow": None,
            "updated_at": MOVED_AT,
            "updated_by": "anonymous",
        }
    ],
    "AliasMove": [{"version": 2, "split": None, "shadow": None, "moved_at": MOVED_AT, "moved_by": "anonymous"}],
    "Event": [
        {
            "id": 5,
            "at": "2026-11-25T03:01:33.301689Z",
            "actor": "anonymous",
            "action": "alias-moved",
            "model": "iris",
            "subject": {"alias": "production", "before": 1, "after": 2},
            "address": "127.0.0.1",
            "key": None,
            "job": None,
        }
    ],
    "Model": [
        {
            "name": "iris",
            "description": "",
            "tags": {},
            "created_at": "2026-11-25T03:01:32.217350Z",
            "updated_at": "2026-11-25T03:01:33.229458Z",
            "latest": 2,
            "versions": 2,
            "aliases": {"production": 2},
            "links": {"self": "/models/iris", "versions": "/models/iris/versions"},
        }
    ],
    "Version": [
        {
            "model": "iris",
            "version": 2,
            "created_at": "2026-11-25T03:01:33.229458Z",
            "aliases": ["production"],
            "task": "classification",
            "signature": {"features": FEATURES, "outputs": [SPECIES]},
            "metrics": {
                "training": {"loss": 0.05399588942527771, "rows": 120, "accuracy": 0.9833333333333333},
                "validation": {"loss": 0.1566543420155843, "rows": 30, "accuracy": 0.9666666666666667},
            },
            "request": REQUEST,
            "dataset": DATASET,
            "seed": 7,
            "weights_sha256": "1ac6a00f1dc4f91f89da70be5252b0d2a0cdf7160ebf7b17f5c2318ce4e16e13",
            "weights_bytes": 3604,
            "environment": {"feedforward": "0.1.0", "numpy": "2.4.6", "python": "3.11.7", "threads": 1},
            "job": JOB,
            "duration_seconds": 0.5452923900002133,
            "warnings": [],
            "tags": {},
            "description": "",
            "links": {"self": "/models/iris/versions/2", "predict": "/models/iris/versions/2/predict"},
        }
    ],
    "Curve": [{"items": _points()}],
    "Job": [
        {
            "id": JOB,
            "kind": "train",
            "model": "iris",
            "state": "succeeded",
            "attempt": 1,
            "priority": 0,
            "not_before": None,
            "created_at": "2026-11-25T03:01:32.380591Z",
            "started_at": "2026-11-25T03:01:32.392192Z",
            "finished_at": "2026-11-25T03:01:33.301817Z",
            "progress": {
                "epoch": 60,
                "epochs": 60,
                "loss": 0.05519865353902181,
                "validation_loss": 0.1566543420155843,
                "rows_per_second": 905489.5,
                "eta_seconds": 0.0,
            },
            "version": 2,
            "result": {"stopped": None, "best_epoch": 57, "promotion": {"alias": "production", "moved": True}},
            "warnings": [],
            "error": None,
            "request": REQUEST,
            "links": {"self": f"/jobs/{JOB}", "version": "/models/iris/versions/2"},
        }
    ],
}
