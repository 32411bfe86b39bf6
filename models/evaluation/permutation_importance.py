"""How much a trained network needs each feature: what its figure loses when the feature's values are shuffled."""

from dataclasses import dataclass

import numpy as np

from models.data.columns import Column, Table, n_rows
from models.evaluation.evaluate import evaluate
from models.evaluation.metrics.by_task import METRICS
from models.inference.trained_network import TrainedNetwork


@dataclass(frozen=True, slots=True)
class Importance:
    """The mean loss of the figure over the repeats, and its standard deviation."""

    feature: str
    mean: float
    deviation: float


def permutation_importance(trained: TrainedNetwork, table: Table, repeats: int = 5, seed: int = 0) -> list[Importance]:
    """Each feature in turn (Breiman 2001, section 10); the figure is R² for a regression, else accuracy."""
    figure = METRICS[trained.task].score
    whole, rng = evaluate(trained, table)[figure], np.random.default_rng(seed)
    importances = []
    for name in trained.signature.feature_names:
        losses = [whole - evaluate(trained, _shuffled(table, name, rng))[figure] for _ in range(repeats)]
        importances.append(Importance(name, float(np.mean(losses)), float(np.std(losses))))
    return importances


def _shuffled(table: Table, name: str, rng: np.random.Generator) -> Table:
    column = table[name]
    return {**table, name: Column(name, column.type, column.values[rng.permutation(n_rows(table))])}
