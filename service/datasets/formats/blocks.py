"""What every reader returns: a table in blocks of rows, so that no file has to be in memory whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.coded_warnings import CodedWarning

Cell = bool | int | float | str | None


@dataclass(frozen=True)
class Block:
    """Some rows. A column is an Arrow array, or a list of JSON values if the format is JSON.

    `share` is the share of the file that was read up to the end of this block. `index_columns` are those that the file
    has as the names of its rows.
    """

    columns: dict[str, Any]
    n_rows: int
    share: float = 1.0
    index_columns: Sequence[str] = ()


@dataclass(frozen=True)
class Reading:
    """A file as blocks. `text_cells` if each cell is a text that may mean a number, as in CSV.

    `comma_is_decimal` if the file suggests so: those who write decimal commas separate cells by semicolons.
    """

    blocks: Iterator[Block]
    text_cells: bool = False
    warnings: Sequence[CodedWarning] = ()
    comma_is_decimal: bool = False


@dataclass(frozen=True)
class TableFile:
    """A file that holds a table."""

    path: Path
    format: str
