"""References for drift: a sample of the rows that a version was trained on, and its predictions for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Table, n_rows, take_rows, typed_column
from models.evaluation.evaluate import predict_in_parts
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from service.datasets.storage.store import open_checked
from service.problems import Conflict
from service.registry.database import Database
from service.registry.models import versions
from service.registry.models.recipes import reading_options
from service.schemas.registry import Version
from service.schemas.strict import JsonObject
from service.settings import Settings

# Enough rows that chance moves a quantile by at most 0.01.
MOST_ROWS = 5_000
FEWEST_ROWS = 250
MOST_VALUES = 2_000_000
CACHE_SIZE = 16

ReadRows = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Reference:
    """`columns` are the features' values, `outputs` of shape (n_rows, n_outputs) what the version predicts for them."""

    columns: Table
    outputs: NDArray[np.float64]

    @property
    def rows(self) -> int:
        return len(self.outputs)


class References:
    """References are computed on first use, one at a time; the last few are kept, since a version never changes.

    `read_rows` sends a request to the sandboxed process that reads files.
    """

    def __init__(self, database: Database, settings: Settings, read_rows: ReadRows) -> None:
        self._database, self._settings, self._read_rows = database, settings, read_rows
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, int], Reference] = OrderedDict()

    def get(self, version: Version) -> Reference:
        """The reference of a version. Raises Conflict for a version that was imported without its data."""
        key = (version.model, version.version)
        with self._lock:
            reference = self._cache.get(key) or self._compute(version)
            self._cache[key] = reference
            self._cache.move_to_end(key)
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
            return reference

    def _compute(self, version: Version) -> Reference:
        if version.dataset is None:
            what = f"Version {version.version} of `{version.model}` was imported without the data of its training"
            raise Conflict(f"{what}, so there is nothing to compare live predictions with. Live metrics need no data.")
        with self._database.read() as session:
            record, weights = versions.get_weights(session, version.model, version.version)
        trained = safetensors.loads(weights)
        columns = _predictable_rows(trained, self._sample(trained, version.dataset, record.request))
        return Reference(columns, predict_in_parts(trained, trained.inputs(columns)))

    def _sample(self, trained: TrainedNetwork, dataset: str, request: JsonObject | None) -> Table:
        """Rows of the dataset, read in the same way as in training."""
        features = trained.signature.features
        names = trained.signature.feature_names
        sampling = {
            "ask": "sample",
            "names": names,
            "most_rows": max(FEWEST_ROWS, min(MOST_ROWS, MOST_VALUES // len(features))),
            "options": reading_options(request, trained).to_json(),
        }
        with open_checked(self._database, self._settings, dataset) as stored:
            values = self._read_rows({**sampling, "file": {"path": str(stored.path), "format": stored.format}})
        return {feature.name: typed_column(feature.name, feature.type, values[feature.name]) for feature in features}


def _predictable_rows(trained: TrainedNetwork, table: Table) -> Table:
    """The rows that the version can predict: without missing values where training had none."""
    is_predictable = np.ones(n_rows(table), dtype=bool)
    for feature in trained.signature.features:
        if not feature.nullable:
            is_predictable &= ~table[feature.name].missing
    return take_rows(table, np.flatnonzero(is_predictable))
