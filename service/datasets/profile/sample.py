"""A uniform sample of a dataset's rows, read block by block, so that memory does not grow with the dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column, Table
from models.data.reading.options import ReadingOptions
from models.errors import ModelError
from service.datasets.formats.blocks import Block, TableFile
from service.datasets.formats.errors import NAMED_DATASET, TableError, problem_of
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import open_blocks, table_of_blocks

Indices = NDArray[np.int64]


def sample_file(
    file: TableFile, limits: Limits, names: Sequence[str], most_rows: int, options: ReadingOptions
) -> dict[str, list[Any]]:
    """JSON values of some columns of at most `most_rows` rows, chosen uniformly, the same ones each time.

    The file is read twice, since its rows have to be counted first. Raises the problem of data that is not a table.
    """
    try:
        with open_blocks(file.path, file.format, limits, has_header=options.header) as reading:
            n_rows = sum(block.n_rows for block in reading.blocks)
        rows = np.sort(np.random.default_rng(0).choice(n_rows, min(n_rows, most_rows), replace=False))
        with open_blocks(file.path, file.format, limits, has_header=options.header) as reading:
            blocks = _select(reading.blocks, rows, names)
            return _json_columns(table_of_blocks(replace(reading, blocks=blocks), options))
    except (TableError, ModelError) as error:
        raise problem_of(error, NAMED_DATASET) from error


def _select(blocks: Iterator[Block], rows: Indices, names: Sequence[str]) -> Iterator[Block]:
    first_row = 0
    for block in blocks:
        start, stop = np.searchsorted(rows, [first_row, first_row + block.n_rows])
        if stop > start:
            rows_of_block = rows[start:stop] - first_row
            yield Block(
                {name: _take(block.columns[name], rows_of_block) for name in names if name in block.columns},
                rows_of_block.size,
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
    cells: list[Any] = values.astype(str).tolist() if column.type == "date" else values.tolist()
    return [None if is_missing else value for is_missing, value in zip(column.missing.tolist(), cells, strict=True)]
