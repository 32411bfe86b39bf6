"""The kind `evaluate`: the metrics of a version on labelled rows."""

from __future__ import annotations

from models.evaluation.evaluate import evaluate, labelled_rows
from models.formats import safetensors
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.registry.models import versions
from service.registry.models.recipes import reading_options


def evaluate_version(attempt: JobAttempt) -> None:
    """End with every metric of the version's task, of the rows that have a label."""
    with attempt.database.read() as session:
        version, weights = versions.get_weights(session, attempt.row.model, attempt.request["version"])
    trained = safetensors.loads(weights)
    dataset = attempt.request["data"]["dataset"]
    table = load_table(attempt.database, attempt.settings, dataset, reading_options(version.request, trained))
    [rows] = labelled_rows([trained.target], [table])
    attempt.succeed({"version": version.version, "dataset": dataset, "metrics": evaluate(trained, rows)})
