"""Every error of the network library: a message that says what to do, and the place in the request that it concerns."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

Location = list[str | int]
# No message repeats more of a name or a value from outside.
LONGEST_VALUE = 100


class ModelError(Exception):
    """An error that the caller can correct. `location` is the path to it, as in `["training", "optimizer"]`."""

    def __init__(self, message: str, location: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.location: Location = list(location)


class BadRecipe(ModelError):
    """A choice about features, network or training that cannot be trained as it stands."""


class UnknownColumn(ModelError):
    """A column named in the recipe is not in the data."""

    def __init__(self, column: str, known: Sequence[str], location: Sequence[str | int] = ()) -> None:
        super().__init__(f"There is no column {shorten(column)}.{did_you_mean(column, known)}", location)
        self.column = column


class BadColumn(ModelError):
    """A column holds values that its type cannot; `rows` are their numbers, counted from 0."""

    def __init__(
        self, column: str, rows: Sequence[int], message: str, location: Sequence[str | int] | None = None
    ) -> None:
        super().__init__(message, [column] if location is None else location)
        self.column = column
        self.rows = list(rows)


class BadLabel(ModelError):
    """The label cannot be learned: one class only, missing values, or a type that the task does not take."""

    def __init__(self, message: str, location: Sequence[str | int] = ("label",)) -> None:
        super().__init__(message, location)


class BadFile(ModelError):
    """A file of a network is truncated, changed, or inconsistent."""


class BadCheckpoint(ModelError):
    """A saved training state is truncated, changed, or belongs to another training."""


class Diverged(ModelError):
    """The loss is no longer a finite number, so further steps cannot help."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"loss became NaN at epoch {epoch}; try a lower learning_rate", ["training"])
        self.epoch = epoch


class NotANumber(ModelError):
    """Predictions are NaN, so that no decision follows from them, and no figure of them means anything."""

    def __init__(self, n_bad: int, n_rows: int) -> None:
        super().__init__(
            f"The network predicts NaN for {n_bad} of {n_rows} rows: its weights or these rows' values are too large. "
            "Leave such rows out, or train it again with a lower learning_rate."
        )


class Interrupted(ModelError):
    """The callback ended the training; `reason` is "cancel" or "hand back"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The training was interrupted: {reason}.")
        self.reason = reason


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A sentence with a space before it: the nearest known name, or the first few where none is near."""
    nearest = nearest_name(name, known)
    if nearest is not None:
        return f" Did you mean {shorten(nearest)}?"
    if not known:
        return ""
    more = ", …" if len(known) > 8 else ""
    return f" Known: {', '.join(shorten(name) for name in known[:8])}{more}."


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like this one; None where none is near."""
    return next(iter(get_close_matches(name[:LONGEST_VALUE], list(known), n=1, cutoff=0.6)), None)


def shorten(value: object, limit: int = LONGEST_VALUE) -> str:
    """The value as Python writes it, cut so that no error repeats a long input."""
    return cut(repr(value), limit)


def cut(text: str, limit: int) -> str:
    """At most so many characters, the last an ellipsis where some are missing."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
