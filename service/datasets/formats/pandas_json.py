"""Tables as pandas' `to_json` writes them: `columns`, its default, `split` and `index`, as rows or columns of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.datasets.formats.errors import TableError

# pandas' own name for an index without one, by which it is recognised in every format.
INDEX_NAME = "__index_level_0__"


def columns_of_pandas(value: Any) -> dict[str, list[Any]] | None:
    """The columns of a table that pandas wrote; None for any other value.

    Raises TableError where the rows of `split` do not fit its columns.
    """
    if type(value) is not dict or not value:
        return None
    if {"columns", "data"} <= value.keys() <= {"columns", "index", "data"}:
        return _of_split(value)
    if all(type(inner) is dict for inner in value.values()):
        return _of_objects(value)
    return None


def _of_split(value: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    names, rows, index = value["columns"], value["data"], value.get("index", [])
    if not (type(names) is type(rows) is type(index) is list) or any(type(name) in (list, dict) for name in names):
        return None
    for number, row in enumerate(rows):
        if type(row) is not list or len(row) != len(names):
            message = f"Row {number} of `data` must be a list of {len(names)} cells, one for each of `columns`."
            raise TableError("uneven", message, ("data", number))
    if index and len(index) != len(rows):
        raise TableError("uneven", f"`index` has {len(index)} entries and `data` {len(rows)} rows.", ("index",))
    columns = {str(name): [row[position] for row in rows] for position, name in enumerate(names)}
    return _with_index(columns, index)


def _of_objects(value: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]] | None:
    """Objects of objects: of columns if the inner keys count rows, of rows if only the outer ones do."""
    inner = list(dict.fromkeys(key for object_ in value.values() for key in object_))
    if _are_counts(inner):
        return _with_index({name: [cells.get(key) for key in inner] for name, cells in value.items()}, inner)
    if _are_counts(list(value)):
        return _with_index({name: [row.get(name) for row in value.values()] for name in inner}, list(value))
    return None


def _are_counts(keys: Sequence[str]) -> bool:
    return bool(keys) and all(key.isascii() and key.isdigit() for key in keys)


def _with_index(columns: dict[str, list[Any]], index: Sequence[Any]) -> dict[str, list[Any]]:
    """The columns, and the index beside them where it does more than count the rows."""
    if [str(entry) for entry in index] == [str(row) for row in range(len(index))]:
        return columns
    plain = [int(entry) for entry in index] if _are_counts([str(entry) for entry in index]) else list(index)
    return {**columns, INDEX_NAME: plain}
