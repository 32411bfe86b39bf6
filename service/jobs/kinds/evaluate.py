"""The kind `evaluate`: the metrics of a version on labelled rows."""

from __future__ import annotations

from models.evaluation.evaluate import evaluate
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.specification import ColumnOverride
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.kinds.train import recipe_of
from service.registry.models import versions


def evaluate_version(attempt: JobAttempt) -> None:
    """End with every metric of the version's task, including confusion matrix and calibration."""
    with attempt.database.read() as session:
        version, weights = versions.get_weights(session, attempt.row.model, attempt.request["version"])
    trained = safetensors.loads(weights)
    dataset = attempt.request["data"]["dataset"]
    overrides = recipe_of(version.request).columns if version.request else {}
    table = load_table(attempt.database, attempt.settings, dataset, column_types(trained) | overrides)
    attempt.succeed({"version": version.version, "dataset": dataset, "metrics": evaluate(trained, table)})


def column_types(trained: TrainedNetwork) -> dict[str, ColumnOverride]:
    """The types and formats of the training data, so that rows are read as the training's were."""
    features = trained.signature.features
    return {feature.name: ColumnOverride(type=feature.type, format=feature.format) for feature in features}
