"""Names of the columns of X, and whether those of a prediction are those of `fit`: scikit-learn's rules and words."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_LIST = 5


def is_frame(x: Any) -> bool:
    """Whether X is a data frame, whose columns have names and are read by them."""
    return hasattr(x, "columns") and hasattr(x, "__getitem__")


def column_keys(frame: Any) -> list[Any]:
    """What the columns of a frame are read by, of any type. Raises ValueError where two are written alike."""
    keys = list(frame.column_names if hasattr(frame, "column_names") else frame.columns)
    texts = [str(key) for key in keys]
    for text in texts:
        if texts.count(text) > 1:
            raise ValueError(f"X has more than one column {text!r}; give each column a name of its own.")
    return keys


def feature_names(x: Any) -> list[str] | None:
    """The names of X's columns; None for a matrix, and for a frame without names that are texts."""
    if isinstance(x, Mapping):
        return [str(key) for key in x]
    if not is_frame(x):
        return None
    keys = column_keys(x)
    types = sorted({type(key).__qualname__ for key in keys})
    if "str" in types and len(types) > 1:
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your input has "
            f"{types} as feature name / column name types. Convert them all to strings, for example by "
            "X.columns = X.columns.astype(str)."
        )
    return keys if types == ["str"] else None


def check_feature_names(fitted: Sequence[str] | None, names: Sequence[str] | None, estimator: str) -> None:
    """Warn where only one of both has names; raise ValueError where they differ, if only in their order."""
    if fitted is None and names is not None:
        _warn(f"X has feature names, but {estimator} was fitted without feature names")
    elif fitted is not None and names is None:
        _warn(f"X does not have valid feature names, but {estimator} was fitted with feature names")
    elif fitted is not None and names is not None and list(fitted) != list(names):
        raise ValueError(_difference(fitted, names))


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=6)


def _difference(fitted: Sequence[str], names: Sequence[str]) -> str:
    message = "The feature names should match those that were passed during fit.\n"
    unseen, absent = sorted(set(names) - set(fitted)), sorted(set(fitted) - set(names))
    if unseen:
        message += "Feature names unseen at fit time:\n" + _listed(unseen)
    if absent:
        message += "Feature names seen at fit time, yet now missing:\n" + _listed(absent)
    if not unseen and not absent:
        message += "Feature names must be in the same order as they were in fit.\n"
    return message


def _listed(names: Sequence[str]) -> str:
    lines = [f"- {name}\n" for name in names[:LONGEST_LIST]]
    return "".join(lines) + ("- ...\n" if len(names) > LONGEST_LIST else "")
