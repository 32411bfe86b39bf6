"""INSERT … ON CONFLICT DO NOTHING, which SQLAlchemy spells per database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.registry.tables import Row


def insert_ignoring_conflict(session: Session, table: type[Row], **values: Any) -> bool:
    """Insert a row unless one with its keys is there. Returns whether it was inserted."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(*inspect(table).primary_key)).one_or_none() is not None
