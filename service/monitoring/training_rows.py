"""A fair sample of the rows of a stored dataset, read block by block, so that its size does not matter to memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.columns import Table
from models.errors import ModelError
from models.specification import ColumnOverride
from service.datasets.blocks import Block
from service.datasets.faults import NAMED_DATASET, TableFault, problem_of
from service.datasets.limits import Limits
from service.datasets.reading import open_blocks, table_of_blocks
from service.datasets.store import opened
from service.registry.database import Database
from service.settings import Settings

Indices = NDArray[np.int64]


def sample_table(
    database: Database,
    settings: Settings,
    dataset: str,
    n_rows: int,
    most_rows: int,
    overrides: Mapping[str, ColumnOverride],
) -> Table:
    """At most `most_rows` of the dataset's `n_rows` rows, each with the same chance, the same ones each time.

    Raises NotFound, CorruptDataset, and the problem of data that is no table.
    """
    chosen = np.sort(np.random.default_rng(0).choice(n_rows, min(n_rows, most_rows), replace=False))
    limits = Limits.of(settings)
    with opened(database, settings, dataset) as stored:
        try:
            with open_blocks(stored.path, stored.format, limits) as reading:
                return table_of_blocks(replace(reading, blocks=_chosen(reading.blocks, chosen)), overrides)
        except (TableFault, ModelError) as error:
            raise problem_of(error, NAMED_DATASET) from error


def _chosen(blocks: Iterator[Block], rows: Indices) -> Iterator[Block]:
    first_row = 0
    for block in blocks:
        start, stop = np.searchsorted(rows, [first_row, first_row + block.n_rows])
        if stop > start:
            taken = rows[start:stop] - first_row
            yield Block({name: _take(values, taken) for name, values in block.columns.items()}, taken.size)
        first_row += block.n_rows


def _take(values: Any, rows: Indices) -> Any:
    if isinstance(values, list):
        return [values[row] for row in rows]
    import pyarrow as pa

    return values.take(pa.array(rows))
