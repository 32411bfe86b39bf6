"""What live rows are compared with: a sample of the rows that a version was trained on, and its predictions of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.columns import Table, n_rows, take_rows
from models.evaluation import predict_in_parts
from models.formats import safetensors
from models.specification import ColumnOverride
from models.trained import TrainedNetwork
from service.monitoring.training_rows import sample_table
from service.problems import Conflict
from service.registry import datasets, versions
from service.registry.database import Database
from service.schemas.registry import Version
from service.settings import Settings

# Enough that chance moves no quantile by more than a hundredth.
MOST_ROWS = 5_000
MOST_VALUES = 2_000_000
MOST_KEPT = 16


@dataclass(frozen=True)
class Reference:
    """`columns` are the features' values, `outputs` of shape (n_rows, n_outputs) what the version predicts for them."""

    columns: Table
    outputs: NDArray[np.float64]

    @property
    def rows(self) -> int:
        return len(self.outputs)


class References:
    """Made when they are first asked for, one at a time; the last few are kept, since a version never changes."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Reference] = OrderedDict()

    def get(self, version: Version) -> Reference:
        """Raises Conflict for a version that was imported without its data."""
        key = (version.model, version.version)
        with self._lock:
            found = self._kept.get(key) or self._make(version)
            self._kept[key] = found
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return found

    def _make(self, version: Version) -> Reference:
        if version.dataset is None:
            what = f"Version {version.version} of `{version.model}` was imported without the data of its training"
            raise Conflict(f"{what}, so there is nothing to compare live predictions with. Live metrics need no data.")
        with self._database.read() as session:
            found, weights = versions.get_weights(session, version.model, version.version)
            total = datasets.get_row(session, version.dataset).rows
        if total is None:
            raise Conflict("The dataset of this version has no profile yet. Try again when it has.")
        trained = safetensors.loads(weights)
        most = max(MOST_ROWS // 20, min(MOST_ROWS, MOST_VALUES // len(trained.signature.features)))
        table = sample_table(self._database, self._settings, version.dataset, total, most, _types(trained, found))
        columns = _usable(trained, table)
        return Reference(columns, predict_in_parts(trained, trained.inputs(columns)))


def _types(trained: TrainedNetwork, version: Version) -> dict[str, ColumnOverride]:
    """The types that training met, and what its request said of them."""
    met = {feature.name: ColumnOverride(type=feature.type) for feature in trained.signature.features}
    told = (version.request or {}).get("columns") or {}
    return met | {name: ColumnOverride(**column) for name, column in told.items()}


def _usable(trained: TrainedNetwork, table: Table) -> Table:
    """The features of the rows that the version can predict: none missing that training never met missing."""
    usable = np.ones(n_rows(table), dtype=bool)
    for feature in trained.signature.features:
        if not feature.nullable:
            usable &= ~table[feature.name].missing
    names = trained.signature.feature_names
    return take_rows({name: table[name] for name in names}, np.flatnonzero(usable))
