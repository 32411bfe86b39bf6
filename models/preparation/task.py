"""The task that the label columns suggest, where the caller chooses none."""

from collections.abc import Sequence

import numpy as np

from models.data.columns import Column, shown_value
from models.data.targets import TARGETS
from models.errors import BadLabel
from models.specification import TaskName

MOST_CLASSES_IN_NUMBERS = 20
ROWS_A_CLASS = 5


def choose_task(labels: Sequence[Column], requested: TaskName | None) -> TaskName:
    """The requested task, if the columns can be its labels, else the one they suggest. Raises BadLabel.

    One column: classification for text, booleans, or few whole numbers; else regression. Several columns: multilabel
    where all are booleans, or numbers that are each 0 or 1 often enough; else regression.
    """
    task = requested or (_task_of_one(labels[0]) if len(labels) == 1 else _task_of_several(labels))
    TARGETS[task].check_labels(labels)
    return task


def check_labels_vary(labels: Sequence[Column]) -> None:
    """Raises BadLabel for a label that is the same in every row, from which nothing can be learned."""
    for column in labels:
        if (column.values == column.values[0]).all():
            value = shown_value(column, 0)
            raise BadLabel(f"{column.name!r} is {value} in every row; a label needs rows of at least two values")


def _task_of_one(column: Column) -> TaskName:
    shows_classes = column.type in ("category", "boolean") or has_few_whole_numbers(column)
    return "classification" if shows_classes else "regression"


def _task_of_several(labels: Sequence[Column]) -> TaskName:
    return "multilabel" if all(_is_yes_or_no(column) for column in labels) else "regression"


def _is_yes_or_no(column: Column) -> bool:
    return column.type == "boolean" or (has_few_whole_numbers(column) and set(np.unique(column.values)) <= {0.0, 1.0})


def has_few_whole_numbers(column: Column) -> bool:
    """Whether a column has at most 20 distinct whole numbers, with at least five rows each on average."""
    if column.type != "number":
        return False
    distinct = np.unique(column.values)
    return bool(
        distinct.size <= MOST_CLASSES_IN_NUMBERS
        and np.all(distinct == np.floor(distinct))
        and column.values.size >= ROWS_A_CLASS * distinct.size
    )
