"""The names of a CSV file's columns, from its first records: pandas, R and Excel do not name every column."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from models.data.text_values import MISSING_TEXTS
from service.datasets.formats.errors import TableError

Record = Sequence[str]

INDEX_NAME = "index"
# How many of a header's numbers must be distinct and lie outside of what their columns hold.
SHARE_OF_NAMES = 0.9
# So many numbers rise by chance in one of 40,000 rows; evenly spaced ones hardly do so from three on.
FEWEST_RISING, FEWEST_EVENLY_SPACED = 8, 3
FEWEST_ROWS_BELOW = 2


@dataclass(frozen=True)
class Header:
    """`is_line` unless the first record is data. `index_columns` have no name in the file.

    Those of them that are `empty` stand behind the last name and may not hold any value.
    """

    names: list[str]
    index_columns: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    is_line: bool = True


def find_header(records: Sequence[Record], has_header: bool | None = None) -> Header:
    """The header of the records, of which the first names the columns or, where `has_header` is False, is data.

    Raises TableError where `has_header` is None and the first record may be either.
    """
    names, rows = [name.strip() for name in records[0]], records[1:]
    if has_header is False and names != numbered_names(len(names)):
        return Header(numbered_names(len(names)), is_line=False)
    if has_header is None and _looks_like_data(names) and not _is_of_other_numbers(names, rows):
        raise _in_doubt(names)
    return _with_unnamed(_as_wide_as(names, rows))


def numbered_names(n_columns: int) -> list[str]:
    """The names of columns whose file does not name them."""
    return [f"column_{position + 1}" for position in range(n_columns)]


def _in_doubt(names: Sequence[str]) -> TableError:
    shown = ", ".join(name[:12] for name in names[:3])
    message = (
        f"The first line ({shown}, …) may be data. Put a line with names above it, or train with `header` true if it "
        "names the columns, false if not."
    )
    return TableError("no-header", message, (1,))


def _as_wide_as(names: list[str], rows: Sequence[Record]) -> list[str]:
    """The names with an empty one for each column of the rows that the first line leaves out, and none beyond them.

    R leaves out the name of its row names; and lines may end in a separator where the header does not.
    """
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        return names
    [width] = widths
    while len(names) > max(width, 1) and not names[-1]:
        names = names[:-1]
    if width != len(names) + 1:
        return names
    if not any(row[-1].strip() for row in rows):
        return [*names, ""]
    are_row_names = len(names) > 1 and len({row[0] for row in rows}) == len(rows)
    return ["", *names] if are_row_names else names


def _with_unnamed(names: list[str]) -> Header:
    """Names for the first column and the last ones, where they have none; an empty name between others stays one."""
    known = set(names)
    n_named = max((position for position, name in enumerate(names, 1) if name), default=len(names))
    named = names[:n_named]
    if n_named and not named[0] and any(named):
        named[0] = _unused(INDEX_NAME, known)
    empty = [_unused(f"column_{position + 1}", known) for position in range(n_named, len(names))]
    index = () if not n_named or named[0] == names[0] else (named[0],)
    return Header([*named, *empty], (*index, *empty), tuple(empty))


def _unused(name: str, known: Container[str]) -> str:
    """The name, with a number behind it where a column has it already."""
    number = 2
    candidate = name
    while candidate in known:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def _looks_like_data(names: Sequence[str]) -> bool:
    """A line of numbers alone, or one with a number like 5.1 in it. Some whole numbers may be names, as years are."""
    given = [name for name in names if name not in MISSING_TEXTS]
    return bool(given) and (all(map(_is_number, given)) or any(map(_is_measure, given)))


def _is_of_other_numbers(names: Sequence[str], rows: Sequence[Record]) -> bool:
    """Whether the numbers of a first line are names: distinct, and unlike those below or on a scale of their own."""
    positions = [position for position, name in enumerate(names) if _is_number(name)]
    numbers = [float(names[position]) for position in positions]
    if len(rows) < FEWEST_ROWS_BELOW or len(set(numbers)) < SHARE_OF_NAMES * len(numbers):
        return False
    columns = [[row[position] for row in rows if position < len(row)] for position in positions]
    n_unlike = sum(
        _is_unlike(names[position], position, cells) for position, cells in zip(positions, columns, strict=True)
    )
    if n_unlike >= SHARE_OF_NAMES * len(numbers):
        return True
    if len(numbers) >= FEWEST_EVENLY_SPACED and numbers == list(range(len(numbers))):
        return all(_numbers(row) != numbers for row in rows)
    return _is_scale(numbers) and not any(_is_scale(_numbers(row)) for row in rows)


def _is_unlike(name: str, position: int, cells: Sequence[str]) -> bool:
    """Whether a number is no value of its column: out of its range, above texts, or its position above fractions."""
    given = [cell for cell in cells if cell.strip() not in MISSING_TEXTS]
    numbers = [float(cell) for cell in given if _is_number(cell)]
    if not given or 2 * len(numbers) < len(given):
        return bool(given)
    if name in (str(position), str(position - 1)) and any(not value.is_integer() for value in numbers):
        return True
    number, low, high = float(name), min(numbers), max(numbers)
    return not low - (high - low) <= number <= high + (high - low)


def _is_scale(numbers: Sequence[float]) -> bool:
    """Whether numbers rise, evenly where they are few, as years, wavelengths or the positions of columns do."""
    steps = np.diff(numbers)
    if len(numbers) < FEWEST_EVENLY_SPACED or not (steps > 0).all():
        return False
    return len(numbers) >= FEWEST_RISING or bool(np.allclose(steps, steps[0], rtol=1e-6))


def _numbers(row: Record) -> list[float]:
    return [float(cell) for cell in row if _is_number(cell)]


def _is_measure(text: str) -> bool:
    """Whether a text is a number that is no usual name, as years are."""
    return _is_number(text) and not text.isdigit()


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False
