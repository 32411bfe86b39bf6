"""How much a trained network needs each feature: how far its score drops when the feature's values are shuffled."""

from dataclasses import dataclass

import numpy as np

from models.data.columns import Column, Table, n_rows
from models.evaluation.evaluate import evaluate
from models.evaluation.metrics.by_task import METRICS
from models.inference.trained_network import TrainedNetwork


@dataclass(frozen=True, slots=True)
class Importance:
    """The mean drop of the score over the repeats, and its standard deviation."""

    feature: str
    mean: float
    deviation: float


def permutation_importance(trained: TrainedNetwork, table: Table, repeats: int = 5, seed: int = 0) -> list[Importance]:
    """The importance of each feature in turn (Breiman 2001, section 10), by R² for a regression, else by accuracy."""
    metric = METRICS[trained.task].score
    score, rng = evaluate(trained, table)[metric], np.random.default_rng(seed)
    importances = []
    for name in trained.signature.feature_names:
        drops = [score - evaluate(trained, _shuffled(table, name, rng))[metric] for _ in range(repeats)]
        importances.append(Importance(name, float(np.mean(drops)), float(np.std(drops))))
    return importances


def _shuffled(table: Table, name: str, rng: np.random.Generator) -> Table:
    column = table[name]
    return {**table, name: Column(name, column.type, column.values[rng.permutation(n_rows(table))])}
