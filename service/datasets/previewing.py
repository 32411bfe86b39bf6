"""Rows of a block as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from models.specification import ColumnType
from models.text_columns import parse_text_column
from service.datasets.blocks import Block
from service.datasets.number_sketch import finite


def json_rows(
    block: Block, types: Mapping[str, str], offset: int, limit: int, *, text_cells: bool
) -> list[dict[str, Any]]:
    """At most `limit` rows of the block from `offset` on."""
    end = min(offset + limit, block.n_rows)
    if offset >= end:
        return []
    columns = {}
    for name, values in block.columns.items():
        cells = values[offset:end] if isinstance(values, list) else values.slice(offset, end - offset).to_pylist()
        columns[name] = _parsed(cells, types.get(name)) if text_cells else [_json_value(cell) for cell in cells]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _parsed(cells: list[str | None], type_: str | None) -> list[Any]:
    return [_json_value(cell) for cell in parse_text_column(cells, cast(ColumnType | None, type_))]


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        return finite(value)
    return f"{value.isoformat()}Z" if isinstance(value, datetime | date) else value
