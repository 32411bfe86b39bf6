"""Datasets and their bytes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Double, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.registry.tables.base import Json, Row


class DatasetRow(Row):
    """Uploaded bytes, identified by their digest.

    They are in the object store that `store` names; without one, in a file on SQLite, else in `DatasetPartRow`s.
    """

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(71), primary_key=True)
    format: Mapped[str] = mapped_column(String(20))
    bytes: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    columns: Mapped[list[Json] | None]
    warnings: Mapped[list[Json] | None]
    error: Mapped[Json | None]
    name: Mapped[str | None] = mapped_column(String(63), unique=True)
    created_at: Mapped[datetime]
    store: Mapped[str | None] = mapped_column(String(1000))
    progress: Mapped[float | None] = mapped_column(Double)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class DatasetPartRow(Row):
    """A piece of a dataset's bytes, used if the processes share no file system."""

    __tablename__ = "dataset_parts"
    dataset: Mapped[str] = mapped_column(String(71), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
