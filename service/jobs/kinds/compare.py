"""The kind `compare`: versions judged on the same rows, and whether one is really better than the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Table, n_rows
from models.data.signature import OutputSignature
from models.evaluation.bootstrap import RowScores, paired_bootstrap, verdict
from models.evaluation.evaluate import report
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork, plain_values
from service.datasets.load import load_table
from service.jobs.attempt.attempt import JobAttempt
from service.jobs.kinds.evaluate import column_types
from service.problems import Conflict
from service.registry.models import versions
from service.schemas.registry import Version

ROWS_SHOWN = 20
Values = Mapping[str, NDArray[Any]]


def compare_versions(run: JobAttempt) -> None:
    """End with the figures of each version, their differences from the first, and rows on which they disagree."""
    numbers, dataset = run.request["versions"], run.request["data"]["dataset"]
    with run.database.read() as session:
        found = [versions.get_weights(session, run.row.model, number) for number in numbers]
    networks = [safetensors.loads(weights) for _, weights in found]
    _check_comparable(numbers, networks)
    tables = _tables(run, dataset, networks)
    judged = [RowScores.of(network, table) for network, table in zip(networks, tables, strict=True)]
    figures = [report(one.target, one.labels, one.predicted) for one in judged]
    run.succeed(
        {
            "dataset": dataset,
            "rows": n_rows(tables[0]),
            "versions": [{"version": k, "metrics": told} for k, told in zip(numbers, figures, strict=True)],
            "differences": _differences(numbers, judged),
            "disagreements": _disagreements(numbers, networks, judged),
            "notes": _notes([version for version, _ in found], dataset),
        }
    )


def _tables(run: JobAttempt, dataset: str, networks: Sequence[TrainedNetwork]) -> list[Table]:
    """The dataset as each version reads it: one table for all, unless they read a column differently."""
    readings = [column_types(network) for network in networks]
    shared = {name: one for reading in readings for name, one in reading.items()}
    if all(reading.items() <= shared.items() for reading in readings):
        return [load_table(run.database, run.settings, dataset, shared)] * len(networks)
    return [load_table(run.database, run.settings, dataset, reading) for reading in readings]


def _check_comparable(numbers: Sequence[int], networks: Sequence[TrainedNetwork]) -> None:
    """Raises Conflict where they don't predict the same."""
    first = _predicts(networks[0])
    for number, network in zip(numbers, networks, strict=True):
        if network.task != networks[0].task or _predicts(network) != first:
            raise Conflict(
                f"Version {number} predicts something different from version {numbers[0]}: other labels or classes."
            )


def _predicts(network: TrainedNetwork) -> list[OutputSignature]:
    """Labels and classes; where one is told from may differ."""
    return [replace(output, threshold=None) for output in network.signature.outputs]


def _differences(numbers: Sequence[int], judged: Sequence[RowScores]) -> list[dict[str, Any]]:
    first = judged[0].values_by_row()
    others = zip(numbers[1:], judged[1:], strict=True)
    return [_difference(numbers[0], first, number, one.values_by_row()) for number, one in others]


def _difference(against: int, first: Values, number: int, second: Values) -> dict[str, Any]:
    found = {metric: paired_bootstrap(first[metric], second[metric]) for metric in second}
    told = [{"metric": name, "verdict": verdict(name, one)} | asdict(one) for name, one in found.items()]
    return {"version": number, "against": against, "metrics": told}


def _disagreements(
    numbers: Sequence[int], networks: Sequence[TrainedNetwork], judged: Sequence[RowScores]
) -> dict[str, Any]:
    """Of classes and labels: how many rows, and the first of them with what each version says."""
    named = [network.target.decision_columns(one.predicted) for network, one in zip(networks, judged, strict=True)]
    columns = list(named[0])
    if not columns:
        return {"rows": None, "examples": []}
    differs = np.zeros(len(judged[0].predicted), bool)
    for one in named[1:]:
        for name in columns:
            differs |= np.asarray(one[name] != named[0][name], bool)
    labels = [plain_values(column) for column in judged[0].labels]
    examples = [
        {
            "row": int(row),
            "truth": [values[row] for values in labels],
            "predictions": {
                str(k): [_plain(one[name][row]) for name in columns] for k, one in zip(numbers, named, strict=True)
            },
        }
        for row in np.flatnonzero(differs)[:ROWS_SHOWN]
    ]
    return {"rows": int(differs.sum()), "examples": examples}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _notes(found: Sequence[Version], dataset: str) -> list[str]:
    trained_on = [str(version.version) for version in found if version.dataset == dataset]
    if not trained_on:
        return []
    return [f"Trained on these very rows, so judged too well: version {', '.join(trained_on)}. Compare on new rows."]
