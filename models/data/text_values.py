"""Columns of text cells, as a CSV file has them, to JSON values; and whether texts are numbers written for people."""

import re
from collections.abc import Iterable, Sequence

from models.data.codes import texts_hold_codes
from models.specification import ColumnType

JsonValue = bool | int | float | str | None
MISSING_TEXTS = frozenset({"", "NA", "NaN", "nan", "null"})
SHARE_OF_NUMBERS_THAT_DECIDES = 0.9
_WRITTEN = re.compile(r"[+-]?[$€£]? ?\d{1,3}(?:[ ',.\u00a0\u202f]?\d{3})*(?:[.,]\d+)?(?:[ \u00a0]?[%$€£])?")


def parse_text_column(values: Sequence[str | None], type_: ColumnType | None = None) -> Sequence[JsonValue]:
    """JSON values of the cells: all of type `type_` where it is set, else all numbers, all booleans, or all text.

    Empty, NA, NaN and null are missing. Where nine cells of ten are numbers, the others are treated as mistakes: they
    stay text among numbers, so that `infer_table` reports their rows. Whole numbers beyond 2^53 are text.
    """
    cells = [
        None if cell is None or cell in MISSING_TEXTS or cell.strip() in MISSING_TEXTS else cell for cell in values
    ]
    if type_ in ("category", "date"):
        return cells
    if type_ in (None, "boolean") and _all_booleans(cells):
        return [None if cell is None else cell.strip().lower() == "true" for cell in cells]
    if type_ is None and texts_hold_codes(cells):
        return cells
    if _only_number_characters(cells):
        try:
            return [None if cell is None else float(cell) for cell in cells]
        except ValueError:
            pass  # a cell has only the characters of numbers, but is not a number
    numbers = [_number_or_text(cell) for cell in cells]
    return numbers if type_ is not None or _mostly_numbers(numbers) else cells


def _only_number_characters(cells: Sequence[str | None]) -> bool:
    characters = set("".join(filter(None, cells)))
    return characters <= _NUMBER_CHARACTERS


def _all_booleans(cells: Sequence[str | None]) -> bool:
    distinct = {cell.strip().lower() for cell in set(cells) if cell is not None}
    return bool(distinct) and distinct <= {"true", "false"}


def _number_or_text(cell: str | None) -> JsonValue:
    """The number that the cell contains, else its text; `1_000` and `inf` are text."""
    if cell is None or not set(cell) <= _NUMBER_CHARACTERS:
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell


_NUMBER_CHARACTERS = set("0123456789+-.eE \t")


def _mostly_numbers(values: Sequence[JsonValue]) -> bool:
    known = [value for value in values if value is not None]
    n_numbers = sum(not isinstance(value, str) for value in known)
    return n_numbers >= max(1, SHARE_OF_NUMBERS_THAT_DECIDES * len(known))


def are_written_numbers(texts: Iterable[str]) -> bool:
    """Whether all texts are numbers to a person, such as `1.234,5`, and some of them are not numbers to a program."""
    known = [text.strip() for text in texts]
    return bool(known) and all(map(_WRITTEN.fullmatch, known)) and not all(map(_is_plain, known))


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
