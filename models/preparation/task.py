"""Which task the label columns ask for, where the caller does not say."""

from collections.abc import Sequence

import numpy as np

from models.data.columns import Column
from models.errors import BadLabel, shorten
from models.specification import TaskName

MOST_CLASSES_IN_NUMBERS = 20
ROWS_A_CLASS = 5


def choose_task(labels: Sequence[Column], told: TaskName | None) -> TaskName:
    """The task told, if the columns can be its labels, else the one they show.

    One column: classification for text, booleans, or few whole numbers; else regression. Several columns: multilabel
    where all are booleans, or numbers that are each 0 or 1 often enough; else regression.
    """
    task = told or (_task_of_one(labels[0]) if len(labels) == 1 else _task_of_several(labels))
    for column in labels:
        _require_usable(column, task)
    if task == "classification" and len(labels) > 1:
        raise BadLabel("classification takes one label column; say task multilabel for several yes-or-no columns")
    return task


def _task_of_one(column: Column) -> TaskName:
    shows_classes = column.type in ("category", "boolean") or has_few_whole_numbers(column)
    return "classification" if shows_classes else "regression"


def _task_of_several(labels: Sequence[Column]) -> TaskName:
    return "multilabel" if all(_is_yes_or_no(column) for column in labels) else "regression"


def _is_yes_or_no(column: Column) -> bool:
    return column.type == "boolean" or (has_few_whole_numbers(column) and set(np.unique(column.values)) <= {0.0, 1.0})


def has_few_whole_numbers(column: Column) -> bool:
    """At most 20 distinct whole numbers, with five rows each on average."""
    if column.type != "number":
        return False
    distinct = np.unique(column.values)
    return bool(
        distinct.size <= MOST_CLASSES_IN_NUMBERS
        and np.all(distinct == np.floor(distinct))
        and column.values.size >= ROWS_A_CLASS * distinct.size
    )


def _require_usable(column: Column, task: TaskName) -> None:
    if column.type == "date":
        raise BadLabel(f"{column.name!r} is a date, which no task predicts; make it a number, as of days")
    if task == "regression" and column.type == "category":
        raise BadLabel(f"{column.name!r} holds text, and regression needs numbers; leave task out for classification")
    if task == "multilabel":
        _require_yes_or_no(column)


def _require_yes_or_no(column: Column) -> None:
    if column.type == "category":
        raise BadLabel(f"{column.name!r} holds text, and multilabel needs booleans, or 0 and 1, in each label column")
    wrong = np.flatnonzero((column.values != 0) & (column.values != 1))
    if wrong.size:
        value = float(column.values[wrong[0]])
        raise BadLabel(f"{column.name!r} holds {shorten(value)}, and multilabel needs booleans, or 0 and 1")
