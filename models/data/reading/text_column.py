"""What a column of text cells is: `find_reading` decides once, in training; `read_text_cells` reads, then and later."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from models.arrays import Array
from models.coded_warnings import CodedWarning, WarningCode
from models.data.codes import is_code
from models.data.columns import TOO_LARGE
from models.data.dates import bad_dates, looks_like_date, parse_dates
from models.data.reading.cells import MISSING_TEXTS, TextCells
from models.data.reading.dates import find_date_formats
from models.data.reading.numbers import PLAIN, NumberForm, find_number_form, is_plain_number, looks_like_number
from models.errors import BadColumn, shorten
from models.specification import ColumnOverride, ColumnType

# What people write among numbers, dates and yes-or-no for a value that they do not have. Among texts it is a text.
MISSING_TOKENS = frozenset(
    {"?", "-", "--", "---", ".", "..", "*", "None", "none", "NONE", "NULL", "Null", "N/A", "n/a", "N.A.", "n.a."}
    | {"#N/A", "#N/A N/A", "#NA", "<NA>", "NAN", "Nan", "-NaN", "-nan", "NaT", "na", "nil", "(null)", "missing"}
)
SHARE_THAT_DECIDES = 0.9
_BOOLEANS = {"true": 1.0, "false": 0.0}
_Found = tuple[ColumnOverride, tuple[CodedWarning, ...]]


def find_reading(name: str, cells: TextCells, override: ColumnOverride, comma_is_decimal: bool = False) -> _Found:
    """The override with all that it leaves open, as the cells show it, and what the caller should know about it."""
    present = cells.without(missing_texts(override))
    tokens = set() if override.missing_values is not None else {text.strip() for text in present.texts} & MISSING_TOKENS
    known = present.without(tokens) if tokens else present
    reading, warnings = _of_type(name, known, override, comma_is_decimal)
    if tokens and reading.type == "category" and not _all_codes(known.texts):
        tokens = set()  # among texts they are texts
        reading, warnings = _of_type(name, present, override, comma_is_decimal)
    if override.missing_values is None and (tokens or len(present.texts) < len(cells.texts)):
        reading = replace(reading, missing_values=(*sorted(MISSING_TEXTS - {""}), *sorted(tokens)))
    return reading, (*warnings, *(_token_warning(name, token, present) for token in sorted(tokens)))


def missing_texts(reading: ColumnOverride) -> set[str]:
    """The texts of missing cells; the empty one is always among them."""
    return {*MISSING_TEXTS} if reading.missing_values is None else {"", *reading.missing_values}


def _of_type(name: str, cells: TextCells, override: ColumnOverride, comma_is_decimal: bool) -> _Found:
    if override.type is None:
        return _inferred(name, cells, override, comma_is_decimal)
    if override.type == "number" and not override.has_number_form:
        return _as_numbers(name, cells.texts, override, comma_is_decimal) or (override, ())
    if override.type == "date" and override.format is None and not all(map(looks_like_date, cells.texts)):
        return _as_dates(name, cells, override) or (override, ())
    return override, ()


def _inferred(name: str, cells: TextCells, override: ColumnOverride, comma_is_decimal: bool) -> _Found:
    texts = cells.texts
    if not texts:
        return replace(override, type="number"), ()
    if all(text.strip().lower() in _BOOLEANS for text in texts):
        return replace(override, type="boolean"), ()
    if _all_codes(texts):
        return replace(override, type="category"), (_codes_warning(name, texts),)
    if _n_cells(cells, looks_like_number) >= SHARE_THAT_DECIDES * _n_cells(cells):
        numbers = _as_numbers(name, texts, replace(override, type="number"), comma_is_decimal)
        if numbers is not None:
            return numbers
    return _as_dates(name, cells, override) or (replace(override, type="category"), ())


def _n_cells(cells: TextCells, is_counted: Callable[[str], bool] = bool) -> int:
    counted = [is_counted(text) for text in cells.texts]
    return int(cells.counts()[counted].sum()) if counted else 0


def _all_codes(texts: Iterable[str]) -> bool:
    """Whether texts are whole numbers, and some have a leading zero or are beyond 2^53."""
    known = [text.strip() for text in texts]
    whole = [text.removeprefix("-").removeprefix("+") for text in known]
    if not whole or not all(text.isascii() and text.isdigit() for text in whole):
        return False
    return any(text[0] == "0" and len(text) > 1 for text in known if text) or any(map(is_code, known))


def _as_numbers(name: str, texts: Sequence[str], override: ColumnOverride, comma_is_decimal: bool) -> _Found | None:
    """The form of those texts that are numbers, of which the others are mistakes; None where there is no one form."""
    numbers = [text for text in texts if looks_like_number(text)]
    form = find_number_form(numbers, comma_is_decimal)
    if form is None:
        return None
    if form != PLAIN:
        return _of_form(name, numbers, override, form)
    exponents = [text for text in numbers if "e" in text.lower()]
    return override, (_exponent_warning(name, exponents[0]),) if _look_like_codes(numbers, exponents) else ()


def _look_like_codes(texts: Iterable[str], exponents: list[str]) -> bool:
    """Whether numbers with an exponent may be names, as `1E3` is: digits, a letter and digits, no point in any."""
    return bool(exponents) and not any("." in text or "-" in text or "+" in text for text in texts)


def _of_form(name: str, texts: Iterable[str], override: ColumnOverride, form: NumberForm) -> _Found:
    example = next(text.strip() for text in texts if not is_plain_number(text))
    number = form.number(example)
    message = (
        f"{name!r} is read as numbers: {shorten(example, 40)} is {number:.15g}; to read it otherwise, set `decimal`, "
        f'`thousands` and `unit`, or the type "category", in {{"columns": {{"{name}": …}}}}.'
    )
    chosen = replace(override, decimal=form.decimal, thousands=form.thousands, unit=form.unit)
    return chosen, (CodedWarning(WarningCode.NUMBERS_AS_TEXT, message, name),)


def _as_dates(name: str, cells: TextCells, override: ColumnOverride) -> _Found | None:
    texts = cells.texts
    if all(map(looks_like_date, texts)):
        return replace(override, type="date"), ()
    formats = find_date_formats(texts)
    if not formats:
        return None
    if len(formats) == 1:
        message = (
            f"{name!r} is read as dates in the format {formats[0]!r}; to read it otherwise, set `format`, or the type "
            f'"category", in {{"columns": {{"{name}": …}}}}.'
        )
        return replace(override, type="date", format=formats[0]), (
            CodedWarning(WarningCode.DATE_FORMAT, message, name),
        )
    choices = " or ".join(f'"{date_format}"' for date_format in formats)
    message = (
        f"{name!r} holds dates such as {shorten(texts[0].strip(), 40)} that can be read in several ways and was left "
        f'out; to use it, set {{"columns": {{"{name}": {{"type": "date", "format": {choices}}}}}}}.'
    )
    return replace(override, type="category"), (CodedWarning(WarningCode.AMBIGUOUS_DATE, message, name),)


def _codes_warning(name: str, texts: Iterable[str]) -> CodedWarning:
    example = next(text.strip() for text in texts if text.strip().startswith("0") or is_code(text.strip()))
    message = (
        f"{name!r} contains codes such as {shorten(example, 40)} and is read as text, so that each stays as it is "
        f'written; for numbers, set {{"columns": {{"{name}": {{"type": "number"}}}}}}.'
    )
    return CodedWarning(WarningCode.CODES, message, name)


def _exponent_warning(name: str, example: str) -> CodedWarning:
    message = (
        f"{name!r} is read as numbers, so that {shorten(example.strip(), 40)} is {float(example):.15g}; for codes, set "
        f'{{"columns": {{"{name}": {{"type": "category"}}}}}}.'
    )
    return CodedWarning(WarningCode.CODES, message, name)


def _token_warning(name: str, token: str, cells: TextCells) -> CodedWarning:
    count = _n_cells(cells, lambda text: text.strip() == token)
    message = (
        f"{name!r} has {token!r} in {count} row{'s' * (count != 1)}, read as missing; to read it otherwise, set "
        f'{{"columns": {{"{name}": {{"missing_values": […]}}}}}}.'
    )
    return CodedWarning(WarningCode.MISSING_TOKEN, message, name)


def read_text_cells(name: str, cells: TextCells, reading: ColumnOverride) -> tuple[ColumnType, Array]:
    """The type and the values of shape (n_rows,), as `Column` holds them. Raises BadColumn with the rows of a fault.

    `reading` names the type; what else it leaves open is read in the plainest form.
    """
    type_ = reading.type or "category"
    known = cells.without(missing_texts(reading)).trimmed()
    return type_, _READERS[type_](name, known, reading)


def _numbers(name: str, cells: TextCells, reading: ColumnOverride) -> Array:
    form = number_form(reading)
    numbers = [form.number(text) for text in cells.texts]
    wrong = {text for text, number in zip(cells.texts, numbers, strict=True) if number is None}
    if wrong:
        raise _fault(name, "number", cells, wrong.__contains__)
    values = cells.spread(np.array(numbers, dtype=np.float64), np.nan)
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise BadColumn.of_values(name, infinite.tolist(), cells.text_at, TOO_LARGE, "correct it.")
    return without_missing_numbers(values, reading)


def number_form(reading: ColumnOverride) -> NumberForm:
    """How the numbers of a column are written."""
    return NumberForm(reading.decimal or ".", reading.thousands, reading.unit)


def without_missing_numbers(values: Array, reading: ColumnOverride) -> Array:
    """float64 with NaN for each number that is a missing token, as -9 is where "-9" is one."""
    tokens = [float(token) for token in reading.missing_values or () if is_plain_number(token)]
    return np.where(np.isin(values, tokens), np.nan, values) if tokens else values


def _booleans(name: str, cells: TextCells, reading: ColumnOverride) -> Array:
    values = [_BOOLEANS.get(text.strip().lower()) for text in cells.texts]
    if None in values:
        raise _fault(name, "boolean", cells, lambda text: text.strip().lower() not in _BOOLEANS)
    return cells.spread(np.array(values, dtype=np.float64), np.nan)


def _categories(name: str, cells: TextCells, reading: ColumnOverride) -> Array:
    return cells.as_texts()


def _dates(name: str, cells: TextCells, reading: ColumnOverride) -> Array:
    try:
        moments = parse_dates(name, cells.texts, reading.format)
    except BadColumn as error:
        wrong = {cells.texts[place] for place in error.rows}
        rows = cells.rows_where(wrong.__contains__).tolist()
        raise bad_dates(name, rows, cells.text_at, reading.format) from None
    return cells.spread(moments, np.datetime64("NaT"))


def _fault(name: str, type_: str, cells: TextCells, is_wrong: Callable[[str], bool]) -> BadColumn:
    rows = cells.rows_where(is_wrong).tolist()
    token, _ = Counter(map(cells.text_at, rows)).most_common(1)[0]
    advice = (
        f"correct it, or, where such a text stands for no value, set "
        f'{{"columns": {{"{name}": {{"missing_values": [{shorten(token)}]}}}}}}.'
    )
    return BadColumn.of_values(name, rows, cells.text_at, f"is a {type_} column but has", advice)


_READERS: dict[ColumnType, Callable[[str, TextCells, ColumnOverride], Array]] = {
    "number": _numbers,
    "boolean": _booleans,
    "category": _categories,
    "date": _dates,
}
