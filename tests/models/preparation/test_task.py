"""The task is the one that the label shows, unless the caller says another that it can be."""

from datetime import date

import numpy as np
import pytest

from models.data.columns import infer_table
from models.errors import BadLabel
from models.preparation.task import choose_task


def columns(*labels):
    raw = {f"y{k}": values for k, values in enumerate(labels)}
    dates = {name: np.array(values, dtype="datetime64[us]") for name, values in raw.items() if is_dates(values)}
    return list(infer_table(raw | dates).values())


def is_dates(values):
    return isinstance(values[0], date)


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        ([["a", "b"]], "classification"),
        ([[True, False]], "classification"),
        ([[0, 1] * 5], "classification"),
        ([[0, 1] * 4 + [1]], "regression"),  # nine rows of two numbers: fewer than five each
        ([list(range(20)) * 5], "classification"),
        ([list(range(21)) * 5], "regression"),
        ([[0.5, 1] * 5], "regression"),
        ([[True, False], [False, True]], "multilabel"),
        ([[0, 1] * 5, [1, 1] * 5], "multilabel"),
        ([[0, 1] * 5, [1, 2] * 5], "regression"),
        ([[1.5, 2], [3, 4]], "regression"),
    ],
)
def test_the_task_is_what_the_labels_show(labels, task):
    assert choose_task(columns(*labels), None) == task


@pytest.mark.parametrize("told", ["classification", "regression", "multilabel"])
def test_the_task_that_is_told_wins(told):
    assert choose_task(columns([0, 1, 1, 0]), told) == told


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([["a", "b"]], "regression"),
        ([["a", "b"]], "multilabel"),
        ([[0, 2]], "multilabel"),
        ([[0, 1], [1, 0]], "classification"),
        ([["a", "b"], [1, 2]], None),
        ([[date(2024, 2, 29), date(2024, 3, 1)]], "regression"),
        ([[date(2024, 2, 29), date(2024, 3, 1)]], None),
    ],
)
def test_a_task_that_the_labels_cannot_be_is_refused(labels, told):
    with pytest.raises(BadLabel):
        choose_task(columns(*labels), told)
