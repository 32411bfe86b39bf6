"""The kind `compare`: versions scored on the same rows, and whether one is really better than the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Table, n_rows
from models.data.reading.options import ReadingOptions
from models.data.signature import OutputSignature
from models.evaluation.bootstrap import RowScores, paired_bootstrap, verdict
from models.evaluation.evaluate import labelled_rows, report
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork, plain_values
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.problems import Conflict
from service.registry.models import versions
from service.registry.models.recipes import reading_options
from service.schemas.registry import Version

ROWS_SHOWN = 20
Values = Mapping[str, NDArray[Any]]


def compare_versions(attempt: JobAttempt) -> None:
    """End with the metrics of each version, their differences from the first, and rows on which they disagree."""
    numbers, dataset = attempt.request["versions"], attempt.request["data"]["dataset"]
    with attempt.database.read() as session:
        stored = [versions.get_weights(session, attempt.row.model, number) for number in numbers]
    networks = [safetensors.loads(weights) for _, weights in stored]
    _check_comparable(numbers, networks)
    requests = [version.request for version, _ in stored]
    tables = _tables(attempt, dataset, list(map(reading_options, requests, networks)))
    tables = labelled_rows([network.target for network in networks], tables)
    scores = [RowScores.of(network, table) for network, table in zip(networks, tables, strict=True)]
    reports = [report(row_scores.target, row_scores.labels, row_scores.predicted) for row_scores in scores]
    attempt.succeed(
        {
            "dataset": dataset,
            "rows": n_rows(tables[0]),
            "versions": [{"version": k, "metrics": metrics} for k, metrics in zip(numbers, reports, strict=True)],
            "differences": _differences(numbers, scores),
            "disagreements": _disagreements(numbers, networks, scores),
            "notes": _notes([version for version, _ in stored], dataset),
        }
    )


def _tables(attempt: JobAttempt, dataset: str, readings: Sequence[ReadingOptions]) -> list[Table]:
    """The dataset as each version reads it: one table for all, unless they read a column differently."""
    shared = {name: column for reading in readings for name, column in reading.columns.items()}
    for_all = replace(readings[0], columns=shared)
    agree = all(reading.columns.items() <= shared.items() for reading in readings)
    if agree and all(replace(reading, columns=shared) == for_all for reading in readings):
        return [load_table(attempt.database, attempt.settings, dataset, for_all)] * len(readings)
    return [load_table(attempt.database, attempt.settings, dataset, reading) for reading in readings]


def _check_comparable(numbers: Sequence[int], networks: Sequence[TrainedNetwork]) -> None:
    """Raises Conflict unless the versions predict the same labels and classes."""
    first = _outputs(networks[0])
    for number, network in zip(numbers, networks, strict=True):
        if network.task != networks[0].task or _outputs(network) != first:
            raise Conflict(
                f"Version {number} predicts something different from version {numbers[0]}: other labels or classes."
            )


def _outputs(network: TrainedNetwork) -> list[OutputSignature]:
    """The labels and classes that a network predicts; decision thresholds may differ."""
    return [replace(output, threshold=None) for output in network.signature.outputs]


def _differences(numbers: Sequence[int], scores: Sequence[RowScores]) -> list[dict[str, Any]]:
    first = scores[0].values_by_row()
    others = zip(numbers[1:], scores[1:], strict=True)
    return [_difference(numbers[0], first, number, other.values_by_row()) for number, other in others]


def _difference(against: int, first: Values, number: int, second: Values) -> dict[str, Any]:
    bootstraps = {metric: paired_bootstrap(first[metric], second[metric]) for metric in second}
    metrics = [
        {"metric": name, "verdict": verdict(name, result)} | asdict(result) for name, result in bootstraps.items()
    ]
    return {"version": number, "against": against, "metrics": metrics}


def _disagreements(
    numbers: Sequence[int], networks: Sequence[TrainedNetwork], scores: Sequence[RowScores]
) -> dict[str, Any]:
    """How many rows the versions classify differently, and what each predicts for the first of them."""
    decisions = [
        network.target.decision_columns(row_scores.predicted)
        for network, row_scores in zip(networks, scores, strict=True)
    ]
    columns = list(decisions[0])
    if not columns:
        return {"rows": None, "examples": []}
    differs = np.zeros(len(scores[0].predicted), bool)
    for other in decisions[1:]:
        for name in columns:
            differs |= np.asarray(other[name] != decisions[0][name], bool)
    labels = [plain_values(column) for column in scores[0].labels]
    examples = [
        {
            "row": int(row),
            "truth": [values[row] for values in labels],
            "predictions": {
                str(k): [_plain(decision[name][row]) for name in columns]
                for k, decision in zip(numbers, decisions, strict=True)
            },
        }
        for row in np.flatnonzero(differs)[:ROWS_SHOWN]
    ]
    return {"rows": int(differs.sum()), "examples": examples}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _notes(compared: Sequence[Version], dataset: str) -> list[str]:
    numbers = [str(version.version) for version in compared if version.dataset == dataset]
    if not numbers:
        return []
    return [f"Trained on these very rows, so judged too well: version {', '.join(numbers)}. Compare on new rows."]
