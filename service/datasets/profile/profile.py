"""A dataset's profile and preview, in memory that does not grow with its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from models.coded_warnings import CodedWarning, WarningCode
from models.data.text_values import are_written_numbers
from models.errors import ModelError
from service.datasets.formats.blocks import Block, Reading, TableFile
from service.datasets.formats.csv_header import numbered_names
from service.datasets.formats.errors import WHOLE_BODY, TableError, problem_of
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import PREVIEW_SCAN_BYTES, open_blocks
from service.datasets.profile.column_reader import ColumnReader
from service.datasets.profile.column_sketch import ColumnSketch
from service.datasets.profile.preview import json_rows
from service.problems import shorten


def profile_file(
    file: TableFile, limits: Limits, report: Callable[[float], None], has_header: bool | None = None
) -> dict[str, Any]:
    """Rows, columns and warnings, for `service.registry.datasets.finish_profile`.

    `report` is called after each block with the share read. Raises the problem of a file that is not a table.
    """
    try:
        with open_blocks(file.path, file.format, limits, has_header=has_header) as reading:
            sketches, n_rows = _sketches(replace(reading, blocks=_with_reports(reading.blocks, report)))
            warnings = list(reading.warnings)
    except (TableError, ModelError) as error:
        raise problem_of(error, WHOLE_BODY) from error
    for name, sketch in sketches.items():
        warnings += _warnings(name, sketch)
    return {
        "rows": n_rows,
        "columns": [_profile(name, sketch) for name, sketch in sketches.items()],
        "warnings": [warning.for_dataset() for warning in warnings],
    }


def _with_reports(blocks: Iterator[Block], report: Callable[[float], None]) -> Iterator[Block]:
    for block in blocks:
        yield block
        report(block.share)


def _sketches(file: Reading) -> tuple[dict[str, ColumnSketch], int]:
    sketches: dict[str, ColumnSketch] = {}
    readers: dict[str, ColumnReader] = {}
    n_rows = 0
    for block in file.blocks:
        for name in [name for name in block.columns if name not in sketches]:
            readers[name] = ColumnReader(name, block, file)
            sketches[name] = ColumnSketch(readers[name].warnings)
            sketches[name].add_missing(n_rows)
        for name, sketch in sketches.items():
            column = readers[name].read(block.columns[name]) if name in block.columns else None
            if column is not None:
                sketch.add_column(column)
            else:
                _add(sketch, block, name, file.text_cells)
        n_rows += block.n_rows
    return sketches, n_rows


def _add(sketch: ColumnSketch, block: Block, name: str, text_cells: bool) -> None:
    values = block.columns.get(name)
    if values is None:
        sketch.add_missing(block.n_rows)
    elif isinstance(values, list):
        sketch.add_json(values)
    elif text_cells:
        sketch.add_text_cells(values)
    else:
        sketch.add_arrow(values)


def _profile(name: str, sketch: ColumnSketch) -> dict[str, Any]:
    """The profile of one column, by the names in `ColumnProfile`."""
    kind = _kind(sketch)
    profile: dict[str, Any] = {"name": name, "type": kind, "missing": sketch.missing, "approximate": []}
    profile["distinct"] = sketch.distinct.count() + bool(sketch.true) + bool(sketch.false)
    if kind == "number":
        profile |= sketch.numbers.statistics()
    elif kind == "date":
        profile |= {"minimum": _iso(sketch.first_date), "maximum": _iso(sketch.last_date)}
    elif kind == "boolean":
        counts: list[tuple[bool, int]] = [(True, sketch.true), (False, sketch.false)]
        ordered = sorted(counts, key=lambda pair: -pair[1])
        profile["top_values"] = [{"value": value, "count": count} for value, count in ordered if count]
    else:
        profile["top_values"] = sketch.top.top()
        profile["approximate"] = [] if sketch.top.is_exact and sketch.n_texts == _n_values(sketch) else ["top_values"]
    if not sketch.distinct.is_exact:
        profile["approximate"] = [*profile["approximate"], "distinct"]
    return profile


def _n_values(sketch: ColumnSketch) -> int:
    return sketch.n_rows - sketch.missing


def _kind(sketch: ColumnSketch) -> str:
    if sketch.n_texts or (sketch.numbers.count and sketch.true + sketch.false):
        return "category"
    if sketch.first_date is not None:
        return "date"
    return "boolean" if sketch.true + sketch.false else "number"


def _warnings(name: str, sketch: ColumnSketch) -> list[CodedWarning]:
    warnings = list(sketch.reading_warnings)
    if sketch.first_text is not None and sketch.numbers.count + sketch.n_number_cells:
        row, text = sketch.first_text
        message = (
            f"`{shorten(name, 60)}` mixes numbers and text: the first text is {shorten(repr(text), 60)} in row {row}."
        )
        warnings.append(CodedWarning(WarningCode.MIXED_COLUMN, message, name))
    common = [str(entry["value"]) for entry in sketch.top.top()]
    if are_written_numbers(common) and not sketch.reading_warnings:
        message = f"`{shorten(name, 60)}` contains numbers written as text, for example {shorten(repr(common[0]), 60)}."
        message = f"{message} Write them like 1234.5."
        warnings.append(CodedWarning(WarningCode.NUMBERS_AS_TEXT, message, name))
    if sketch.infinite:
        message = f"`{shorten(name, 60)}` holds {sketch.infinite} infinite numbers, or numbers too large for float64."
        warnings.append(CodedWarning(WarningCode.INFINITE, message, name))
    return warnings


def _iso(moment: Any) -> str | None:
    return None if moment is None else f"{moment}Z"


def preview_file(file: TableFile, limits: Limits, types: Mapping[str, str], offset: int, limit: int) -> dict[str, Any]:
    """Some rows from `offset` on, as JSON values. `types` are those of the profile, if there is one."""
    columns: list[str] = []
    rows: list[dict[str, Any]] = []
    try:
        has_header = False if types and list(types) == numbered_names(len(types)) else None
        with open_blocks(file.path, file.format, limits, PREVIEW_SCAN_BYTES, has_header) as reading:
            for block in reading.blocks:
                columns += [name for name in block.columns if name not in columns]
                rows += json_rows(block, types, offset, limit - len(rows), text_cells=reading.text_cells)
                offset = max(offset - block.n_rows, 0)
                if len(rows) >= limit:
                    break
    except (TableError, ModelError) as error:
        raise problem_of(error, WHOLE_BODY) from error
    return {"columns": columns, "rows": [{name: row.get(name) for name in columns} for row in rows]}
