"""Rows of a block as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from models.data.text_values import parse_text_column
from models.specification import ColumnType
from service.datasets.formats.blocks import Block
from service.datasets.profile.number_sketch import finite


def json_rows(
    block: Block, types: Mapping[str, str], offset: int, limit: int, *, text_cells: bool
) -> list[dict[str, Any]]:
    """At most `limit` rows of the block from `offset` on."""
    end = min(offset + limit, block.n_rows)
    if offset >= end:
        return []
    columns = {}
    for name, values in block.columns.items():
        cells = values[offset:end] if isinstance(values, list) else _cells(values.slice(offset, end - offset))
        columns[name] = _parse(cells, types.get(name)) if text_cells else [_json_value(cell) for cell in cells]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _parse(cells: list[str | None], type_: str | None) -> list[Any]:
    return [_json_value(cell) for cell in parse_text_column(cells, cast(ColumnType | None, type_))]


def _cells(values: Any) -> list[Any]:
    """The cells of an Arrow array; codes as text, and dates too, since Python's own end with the year 9999."""
    import pyarrow as pa

    if pa.types.is_integer(values.type) or pa.types.is_decimal(values.type):  # too long for float64
        values = values.cast(pa.string())
    if not pa.types.is_timestamp(values.type):
        cells: list[Any] = values.to_pylist()
        return cells
    moments = np.asarray(values.to_numpy(zero_copy_only=False), dtype="datetime64[us]")
    return [None if np.isnat(moment) else f"{moment}Z" for moment in moments]


def _json_value(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value
