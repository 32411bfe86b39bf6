"""Pages of a list, newest first, by key: rows added in the meantime never shift a page."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

import orjson
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.problems import InvalidInput, input_error

R = TypeVar("R")


def page_of(
    session: Session, query: Select[R], key: InstrumentedAttribute[Any], limit: int, cursor: str | None
) -> tuple[list[R], str | None]:
    """The rows of one page in falling order of `key`, and the cursor of the next page or None."""
    if cursor is not None:
        query = query.where(key < read_cursor(cursor, key.type.python_type))
    rows = list(session.scalars(query.order_by(key.desc()).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], write_cursor(getattr(rows[limit - 1], key.key))


def write_cursor(key: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str, kind: type) -> Any:
    """The key that a cursor holds. Raises InvalidInput for a cursor that this service did not write."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    is_odd = isinstance(key, str) and not key.isprintable()  # PostgreSQL rejects U+0000
    if type(key) is not kind or is_odd or (isinstance(key, int) and not -(2**63) <= key < 2**63):
        raise invalid_cursor()
    return key


def invalid_cursor() -> InvalidInput:
    return InvalidInput(
        "Use the `next_cursor` of the previous page unchanged.",
        errors=[input_error(["query", "cursor"], "cursor", "this is not a cursor of this list")],
    )
