"""Warnings about data that can be trained on."""

from collections.abc import Container, Iterable

import numpy as np

from models.arrays import Array
from models.coded_warnings import CodedWarning, WarningCode
from models.data.codes import are_all_codes
from models.data.columns import Column, Table
from models.data.dates import looks_like_date
from models.data.features.categories import MOST_LEVELS
from models.data.text_values import are_written_numbers

FEW_ROWS = 50
RARE_CLASS_ROWS = 5
IMBALANCE = 20
NEARLY_EMPTY = 0.95
FEWEST_IDENTIFIERS = 20
# What reading a column can find that keeps it out of the features, unless the caller names it as one.
LEFT_OUT_AS_READ = frozenset({WarningCode.AMBIGUOUS_DATE, WarningCode.INDEX_COLUMN})


def reason_to_leave_out(column: Column, reader: int) -> CodedWarning | None:
    """Why a column cannot be a feature by default; None if it can.

    The first `reader` took texts that all differ for categories where they were few.
    """
    name, missing = column.name, column.missing
    for warning in column.warnings:
        if warning.code in LEFT_OUT_AS_READ:
            return warning
    if missing.all():
        return CodedWarning(WarningCode.EMPTY_COLUMN, f"{name!r} has no value in any row and was left out.", name)
    if column.type != "category":
        return None
    n_known = int((~missing).sum())
    n_levels = len(set(column.values[~missing].tolist()))
    all_differ = n_known >= FEWEST_IDENTIFIERS and n_levels == n_known
    if n_levels <= MOST_LEVELS and not (all_differ and reader > 1):
        return None
    if (written := _written_numbers(column)) is not None:
        return written
    is_date = _all_dates(column)
    if not is_date and all_differ:
        return CodedWarning(
            WarningCode.IDENTIFIER, f"{name!r} has a different value in every row and was left out.", name
        )
    advice = f'set {{"columns": {{"{name}": {{"type": "date"}}}}}}' if is_date else "group its rare values"
    message = f"{name!r} has {n_levels} different texts and was left out; to use it, {advice}."
    return CodedWarning(WarningCode.TOO_MANY_CATEGORIES, message, name)


def feature_warnings(table: Table, features: Iterable[str]) -> list[CodedWarning]:
    """Features that are empty or nearly so, constant, dates read as text, or identifiers of the rows."""
    warnings = (_feature_warning(table[name]) for name in features)
    return [warning for warning in warnings if warning is not None]


def _feature_warning(column: Column) -> CodedWarning | None:
    known = column.values[~column.missing]
    if not known.size:
        return CodedWarning(WarningCode.EMPTY_COLUMN, f"{column.name!r} has no value in any row.", column.name)
    if known.size == column.values.size and np.all(known == known[0]):
        return CodedWarning(
            WarningCode.CONSTANT_COLUMN, f"{column.name!r} has the same value in every row.", column.name
        )
    if known.size <= (1 - NEARLY_EMPTY) * column.values.size:
        message = f"{column.name!r} has a value in only {known.size} of {column.values.size} rows."
        return CodedWarning(WarningCode.NEARLY_EMPTY_COLUMN, message, column.name)
    if column.type == "category" and _all_dates(column):
        message = f'{column.name!r} looks like dates but is read as text; set {{"type": "date"}} for it in columns.'
        return CodedWarning(WarningCode.DATES_AS_TEXT, message, column.name)
    if column.type == "category" and (written := _written_numbers(column)) is not None:
        return written
    if known.size >= FEWEST_IDENTIFIERS and _identifies_rows(column, known):
        message = f"{column.name!r} has a different value in every row, like an identifier; leave it out of features."
        return CodedWarning(WarningCode.IDENTIFIER, message, column.name)
    return None


def _written_numbers(column: Column) -> CodedWarning | None:
    known = [text for text in column.values[:1000].tolist() if text is not None]
    if not are_written_numbers(known):
        return None
    message = (
        f"{column.name!r} contains numbers written as text, for example {known[0][:30]!r}; write them like 1234.5."
    )
    return CodedWarning(WarningCode.NUMBERS_AS_TEXT, message, column.name)


def code_warnings(columns: Iterable[Column], declared: Container[str]) -> list[CodedWarning]:
    """Columns of whole numbers beyond 2^53, which are read as text unless the caller declares their type."""
    texts = (column for column in columns if column.type == "category" and column.name not in declared)
    return [_codes(column.name) for column in texts if are_all_codes(column.values.tolist())]


def _codes(name: str) -> CodedWarning:
    message = (
        f"{name!r} contains whole numbers beyond 2^53 and is read as text, so that no two become equal; for numbers, "
        f'set {{"columns": {{"{name}": {{"type": "number"}}}}}}.'
    )
    return CodedWarning(WarningCode.CODES, message, name)


def _identifies_rows(column: Column, known: Array) -> bool:
    """Whether values are all different, and either texts, or whole numbers in order or close together."""
    if column.type not in ("category", "number"):
        return False
    if column.type == "number":
        steps = np.diff(known)
        looks_counted = np.all(steps > 0) or np.all(steps < 0) or np.ptp(known) < 2 * known.size
        if not looks_counted or np.any(known != np.round(known)):
            return False
    return bool(np.unique(known).size == known.size)


def class_warnings(name: str, classes: Iterable[object], counts: Iterable[int]) -> list[CodedWarning]:
    """Classes of the label with too few rows to learn from, and classes of very unequal size."""
    sizes = dict(zip(map(str, classes), counts, strict=True))
    warnings = []
    rare = [text for text, n in sizes.items() if n < RARE_CLASS_ROWS]
    if rare:
        example = rare[0][:100]
        classes = "1 class" if len(rare) == 1 else f"{len(rare)} classes"
        has = "has" if len(rare) == 1 else "have"
        message = f"{classes} of {name!r} {has} fewer than {RARE_CLASS_ROWS} rows, for example {example!r}."
        warnings.append(CodedWarning(WarningCode.RARE_CLASS, message, name))
    if max(sizes.values()) > IMBALANCE * max(1, min(sizes.values())):
        message = f'The classes of {name!r} differ in size by over {IMBALANCE} times; try class_weight "balanced".'
        warnings.append(CodedWarning(WarningCode.IMBALANCED_CLASSES, message, name))
    return warnings


def row_warnings(n_training_rows: int) -> list[CodedWarning]:
    """A warning where there are too few rows to learn from."""
    if n_training_rows >= FEW_ROWS:
        return []
    return [
        CodedWarning(
            WarningCode.FEW_ROWS,
            f"Only {n_training_rows} rows to train on; metrics on held-out rows will be imprecise.",
        )
    ]


def _all_dates(column: Column) -> bool:
    known = [text for text in column.values[:1000].tolist() if text is not None]
    return bool(known) and all(looks_like_date(text) for text in known)
