"""The kind `evaluate`: the figures of a version on rows whose labels are known."""

from __future__ import annotations

from models.evaluation.evaluate import evaluate
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.specification import ColumnOverride
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.kinds.train import recipe_of
from service.registry.models import versions


def evaluate_version(run: JobAttempt) -> None:
    """End with every figure of the version's task, confusion matrix and calibration among them."""
    with run.database.read() as session:
        version, weights = versions.get_weights(session, run.row.model, run.request["version"])
    trained = safetensors.loads(weights)
    dataset = run.request["data"]["dataset"]
    told = recipe_of(version.request).columns if version.request else {}
    table = load_table(run.database, run.settings, dataset, column_types(trained) | told)
    run.succeed({"version": version.version, "dataset": dataset, "metrics": evaluate(trained, table)})


def column_types(trained: TrainedNetwork) -> dict[str, ColumnOverride]:
    """The types and formats that training met, so that rows are read as its own were."""
    features = trained.signature.features
    return {feature.name: ColumnOverride(type=feature.type, format=feature.format) for feature in features}
