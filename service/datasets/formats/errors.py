"""Errors of a table, and the problem document of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import BadColumn, ModelError
from service.problems import MOST_ERRORS, InputError, InvalidInput, Problem, UnreadableBody, input_error


@dataclass(frozen=True)
class Place:
    """The data's location in the request. `by_column` if a value is located by its column, then its row."""

    root: tuple[str | int, ...]
    by_column: bool = False

    def of_cell(self, column: str, row: int) -> list[str | int]:
        return [*self.root, column, row] if self.by_column else [*self.root, row, column]


INLINE_ROWS = Place(("body", "data", "rows"))
INLINE_COLUMNS = Place(("body", "data", "columns"), by_column=True)
NAMED_DATASET = Place(("body", "data", "dataset"))
FORM_FILE = Place(("body", "file"))
WHOLE_BODY = Place(("body",))


class TableError(Exception):
    """The bytes are not an acceptable table. Each item of `where` is a path within the data, such as `(line,)`.

    `messages` say what is wrong at each of these; `message` does where they are left out.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *where: tuple[str | int, ...],
        problem: type[Problem] = InvalidInput,
        count: int | None = None,
        messages: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.where, self.problem, self.count = code, message, where, problem, count
        self.messages = messages or [message] * max(1, len(where))


def unreadable(message: str) -> TableError:
    """The bytes are not what they claim to be."""
    return TableError("unreadable", message, problem=UnreadableBody)


def problem_of(error: ModelError | TableError, place: Place, specification: Sequence[str | int] = ("body",)) -> Problem:
    """The problem of an error in the data at `place`, or in the specification at `specification`."""
    if isinstance(error, TableError):
        return _problem_of_table(error, place)
    if isinstance(error, BadColumn) and error.rows:
        return _problem_of_cells(error, place)
    location = [*specification, *error.location]
    return InvalidInput(error.message, errors=[input_error(location, _code_of(error), error.message)])


def _problem_of_table(error: TableError, place: Place) -> Problem:
    where = error.where[:MOST_ERRORS] or ((),)
    errors = [
        input_error([*place.root, *parts], error.code, message)
        for parts, message in zip(where, error.messages, strict=False)
    ]
    return error.problem(error.message, errors=errors, error_count=error.count or len(error.where) or 1)


def _problem_of_cells(error: BadColumn, place: Place) -> Problem:
    errors: list[InputError] = [
        input_error(place.of_cell(error.column, row), "bad-value", message) for row, message in error.row_messages()
    ]
    return InvalidInput(error.message, errors=errors, error_count=len(error.rows))


def _code_of(error: ModelError) -> str:
    """`UnknownColumn` is `unknown-column`."""
    name = type(error).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() and i else letter.lower() for i, letter in enumerate(name))
