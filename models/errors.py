"""Every error of the network library: a message that says what to do, and the place in the request that it concerns."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

Location = list[str | int]
# No message repeats more of a name or a value from outside.
LONGEST_VALUE = 100
# No error describes more rows than this one by one, nor looks for rare values among more.
MOST_ROWS, MOST_COMPARED_ROWS = 20, 10_000


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
    """A column holds values that its type cannot; `rows` are their numbers, counted from 0.

    `details` say of some of these rows what is wrong there; `message` does of all where there are none.
    """

    def __init__(
        self,
        column: str,
        rows: Sequence[int],
        message: str,
        location: Sequence[str | int] | None = None,
        details: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__(message, [column] if location is None else location)
        self.column = column
        self.rows = list(rows)
        self.details = dict(details or {})

    @classmethod
    def of_values(
        cls,
        column: str,
        rows: Sequence[int],
        value_at: Callable[[int], object],
        fault: str,
        advice: str,
        location: Sequence[str | int] | None = None,
    ) -> "BadColumn":
        """The error of rows with wrong values, the rarest value first: it is the likeliest to be a typing mistake.

        `fault` stands between column and value, such as "is a number column but has"; `advice` says what to do.
        """
        values = {row: shorten(value_at(row)) for row in rows[:MOST_COMPARED_ROWS]}
        counts = Counter(values.values())
        rarest = sorted(values, key=lambda row: (counts[values[row]], row))[:MOST_ROWS]
        details = {row: f"{column!r} {fault} {values[row]} in row {row}" for row in rarest}
        n_others = len(rows) - 1
        others = f" and wrong values in {n_others:,} more row{'s' * (n_others > 1)}" if n_others else ""
        return cls(column, rows, f"{details[rarest[0]]}{others}; {advice}", location, details)

    @classmethod
    def of_missing(
        cls, column: str, rows: Sequence[int], reason: str, location: Sequence[str | int] | None = None
    ) -> "BadColumn":
        """The error of rows without a value, where `reason` needs one."""
        details = {row: f"{column!r} is missing in row {row}" for row in rows[:MOST_ROWS]}
        return cls(column, rows, f"{details[rows[0]]}: {reason}", location, details)

    def row_messages(self) -> list[tuple[int, str]]:
        """Some rows, each with what is wrong there."""
        return list(self.details.items()) or [(row, self.message) for row in self.rows[:MOST_ROWS]]


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
    """The known name that is spelled most like this one, capital letters apart; None where none is near."""
    names = list(known)
    same = next((other for other in names if other.casefold() == name.casefold()), None)
    return same or next(iter(get_close_matches(name[:LONGEST_VALUE], names, n=1, cutoff=0.6)), None)


def shorten(value: object, limit: int = LONGEST_VALUE) -> str:
    """The value as Python writes it, cut so that no error repeats a long input."""
    return cut(repr(value), limit)


def cut(text: str, limit: int) -> str:
    """At most so many characters, the last an ellipsis where some are missing."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
