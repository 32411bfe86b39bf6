"""A fair sample of a dataset's rows, read block by block, so that the dataset's size does not matter to memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column, Table
from models.errors import ModelError
from models.specification import ColumnOverride
from service.datasets.formats.blocks import Block, TableFile
from service.datasets.formats.errors import NAMED_DATASET, TableError, problem_of
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import open_blocks, table_of_blocks

Indices = NDArray[np.int64]


def sample_file(
    file: TableFile, limits: Limits, names: Sequence[str], most_rows: int, overrides: Mapping[str, ColumnOverride]
) -> dict[str, list[Any]]:
    """JSON values of some columns of at most `most_rows` rows, each row with the same chance, the same ones each time.

    The file is read twice: its rows have to be counted first. Raises the problem of data that is no table.
    """
    try:
        with open_blocks(file.path, file.format, limits) as reading:
            n_rows = sum(block.n_rows for block in reading.blocks)
        chosen = np.sort(np.random.default_rng(0).choice(n_rows, min(n_rows, most_rows), replace=False))
        with open_blocks(file.path, file.format, limits) as reading:
            blocks = _chosen(reading.blocks, chosen, names)
            return _json_columns(table_of_blocks(replace(reading, blocks=blocks), overrides))
    except (TableError, ModelError) as error:
        raise problem_of(error, NAMED_DATASET) from error


def _chosen(blocks: Iterator[Block], rows: Indices, names: Sequence[str]) -> Iterator[Block]:
    first_row = 0
    for block in blocks:
        start, stop = np.searchsorted(rows, [first_row, first_row + block.n_rows])
        if stop > start:
            taken = rows[start:stop] - first_row
            yield Block(
                {name: _take(block.columns[name], taken) for name in names if name in block.columns}, taken.size
            )
        first_row += block.n_rows


def _take(values: Any, rows: Indices) -> Any:
    if isinstance(values, list):
        return [values[row] for row in rows]
    import pyarrow as pa

    return values.take(pa.array(rows))


def _json_columns(table: Table) -> dict[str, list[Any]]:
    return {name: _json_values(column) for name, column in table.items()}


def _json_values(column: Column) -> list[Any]:
    values = column.values
    plain: list[Any] = values.astype(str).tolist() if column.type == "date" else values.tolist()
    return [None if gone else value for gone, value in zip(column.missing.tolist(), plain, strict=True)]
