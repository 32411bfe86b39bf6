"""Datasets: uploaded bytes, identified by their digest, immutable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.problems import Conflict, NotFound, did_you_mean
from service.registry import audit
from service.registry.dialects import insert_ignoring_conflict, named_lock
from service.registry.pagination import invalid_cursor, read_cursor, write_cursor
from service.registry.revisions import check_revision
from service.registry.tables import DatasetPartRow, DatasetRow, JobRow, VersionRow
from service.schemas.dataset import ColumnProfile, Dataset, DatasetState, DatasetWarning
from service.schemas.job import ACTIVE, TERMINAL
from service.schemas.strict import Page, write_time


@dataclass(frozen=True, kw_only=True)
class NewDataset:
    """A dataset before it is stored; its profile comes later."""

    id: str
    format: str
    bytes: int
    store: str | None = None


def hold_content(session: Session, dataset: str) -> None:
    """Keep others from storing or removing these bytes until the transaction ends."""
    named_lock(session, f"dataset:{dataset}")


def add(session: Session, new: NewDataset) -> bool:
    """Store a dataset's row. Returns whether it is new: the same content twice is one dataset."""
    return insert_ignoring_conflict(session, DatasetRow, **vars(new), created_at=datetime.now(UTC))


def add_parts(session: Session, dataset: str, parts: Iterable[bytes]) -> None:
    """Store a dataset's bytes in the database, piece by piece."""
    for position, content in enumerate(parts):
        session.add(DatasetPartRow(dataset=dataset, position=position, content=content))
        session.flush()
        session.expunge_all()


def read_parts(session: Session, dataset: str) -> Iterator[bytes]:
    """A dataset's bytes in order; one piece is in memory at a time."""
    for position in count():
        content = find_part(session, dataset, position)
        if content is None:
            return
        yield content


def find_part(session: Session, dataset: str, position: int) -> bytes | None:
    """None after the last one."""
    return session.scalar(
        select(DatasetPartRow.content).where(DatasetPartRow.dataset == dataset, DatasetPartRow.position == position)
    )


def find_row(session: Session, reference: str) -> DatasetRow | None:
    """The dataset with this digest (`sha256:…`) or name, or None."""
    column = DatasetRow.id if reference.startswith("sha256:") else DatasetRow.name
    return session.scalars(select(DatasetRow).where(column == reference)).one_or_none()


def get_row(session: Session, reference: str) -> DatasetRow:
    """The dataset with this digest or name. Raises NotFound, which suggests the nearest name that exists."""
    row = find_row(session, reference)
    if row is None:
        names = session.scalars(select(DatasetRow.name).where(DatasetRow.name.is_not(None)).limit(1000))
        existing = [name for name in names if name is not None]
        raise NotFound(f"There is no dataset `{reference[:80]}`.{did_you_mean(reference, existing)}")
    return row


def get_locked_row(session: Session, reference: str) -> DatasetRow:
    """The dataset's row, locked until the transaction ends. Raises NotFound."""
    dataset = get_row(session, reference).id
    query = select(DatasetRow).where(DatasetRow.id == dataset).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(f"The dataset `{reference[:80]}` has been deleted in the meantime.")
    return row


def get_dataset(session: Session, reference: str) -> tuple[Dataset, int]:
    """The dataset and its revision. Raises NotFound."""
    row = get_row(session, reference)
    return as_dataset(row), row.revision


def hold(session: Session, dataset: str) -> None:
    """Keep a dataset from being deleted until this transaction ends. Raises NotFound."""
    query = select(DatasetRow.id).where(DatasetRow.id == dataset).with_for_update(read=True)
    if session.scalars(query).one_or_none() is None:
        raise NotFound(f"The dataset `{dataset[:80]}` has been deleted in the meantime.")


def known_ids(session: Session, ids: list[str]) -> set[str]:
    """The ids that belong to an existing dataset."""
    return stores_of(session, ids).keys() | set()


def stores_of(session: Session, ids: list[str]) -> dict[str, str | None]:
    """The object store of each id that belongs to an existing dataset; None for the database or a file."""
    query = select(DatasetRow.id, DatasetRow.store).where(DatasetRow.id.in_(ids))
    return {row.id: row.store for row in session.execute(query)}


def list_datasets(session: Session, limit: int, cursor: str | None) -> Page[Dataset]:
    query = select(DatasetRow).order_by(DatasetRow.created_at.desc(), DatasetRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        moment, dataset = _read_place(cursor)
        query = query.where(tuple_(DatasetRow.created_at, DatasetRow.id) < tuple_(moment, dataset))
    rows = list(session.scalars(query))
    place = [write_time(rows[limit - 1].created_at), rows[limit - 1].id] if len(rows) > limit else None
    items = [as_dataset(row, with_columns=False) for row in rows[:limit]]
    return Page(items=items, next_cursor=None if place is None else write_cursor(place))


def _read_place(cursor: str) -> tuple[datetime, str]:
    place = read_cursor(cursor, list)
    try:
        moment, dataset = place
        return datetime.fromisoformat(moment), str(dataset)
    except (TypeError, ValueError):
        raise invalid_cursor() from None


def set_name(session: Session, dataset: str, name: str | None, actor: str, expected: int | None = None) -> None:
    """Name a dataset, or remove its name.

    Raises NotFound, Conflict when the name is another dataset's, and PreconditionFailed.
    """
    row = get_locked_row(session, dataset)
    check_revision(row.revision, expected)
    if row.name == name:
        return
    conflict = f"Another dataset is named `{name}`. Choose another name, or rename or delete that dataset first."
    if name is not None and find_row(session, name) is not None:
        raise Conflict(conflict)
    before, row.name, row.revision = row.name, name, row.revision + 1
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(conflict) from None
    audit.record(session, actor, "dataset-named", None, dataset=row.id, before=before, after=name)


def set_progress(session: Session, dataset: str, share: float) -> None:
    """Store the share of the file that has been profiled."""
    session.execute(update(DatasetRow).where(DatasetRow.id == dataset).values(progress=share))


def finish_profile(
    session: Session, dataset: str, rows: int, columns: list[dict[str, Any]], warnings: list[dict[str, Any]]
) -> None:
    values = {"rows": rows, "columns": columns, "warnings": warnings, "error": None}
    session.execute(update(DatasetRow).where(DatasetRow.id == dataset).values(**values))


def fail_profile(session: Session, dataset: str, error: dict[str, Any]) -> None:
    session.execute(update(DatasetRow).where(DatasetRow.id == dataset).values(error=error))


def delete_dataset(session: Session, reference: str, actor: str, expected: int | None = None) -> tuple[str, str | None]:
    """Delete a dataset; returns its id and the object store where its bytes are.

    Raises NotFound, Conflict while a version or a job needs it, and PreconditionFailed.
    """
    row = get_locked_row(session, reference)
    dataset, store = row.id, row.store
    check_revision(row.revision, expected)
    _check_unused(session, dataset)
    finished_jobs = (JobRow.dataset == dataset) & JobRow.state.in_(TERMINAL)
    session.execute(update(JobRow).where(finished_jobs).values(dataset=None))
    audit.record(session, actor, "dataset-deleted", None, dataset=dataset, name=row.name)
    try:
        session.delete(row)
        session.execute(delete(DatasetPartRow).where(DatasetPartRow.dataset == dataset))
        session.flush()
    except IntegrityError:
        raise Conflict("A job created in the meantime needs this dataset.") from None
    return dataset, store


def _check_unused(session: Session, dataset: str) -> None:
    versions = session.scalar(select(func.count()).where(VersionRow.dataset == dataset)) or 0
    if versions:
        raise Conflict(
            f"{versions} version{'s' * (versions > 1)} came from this dataset, so it is kept as their record."
        )
    validates = JobRow.request["validation"]["dataset"].as_string() == dataset
    active_jobs = ((JobRow.dataset == dataset) | validates) & JobRow.state.in_(ACTIVE)
    job = session.scalar(select(JobRow.id).where(active_jobs).limit(1))
    if job is not None:
        raise Conflict(f"The job {job} needs this dataset. Cancel it, or wait until it has ended.")


def as_dataset(row: DatasetRow, *, with_columns: bool = True) -> Dataset:
    state: DatasetState = "failed" if row.error is not None else "profiling" if row.columns is None else "ready"
    columns = None
    if with_columns and row.columns is not None:
        columns = [ColumnProfile.model_validate(column) for column in row.columns]
    path = f"/datasets/{row.id}"
    return Dataset(
        id=row.id,
        name=row.name,
        state=state,
        format=row.format,
        bytes=row.bytes,
        progress=row.progress if state == "profiling" else None,
        rows=row.rows,
        columns=columns,
        warnings=[DatasetWarning.model_validate(warning) for warning in row.warnings or []],
        error=row.error,
        created_at=row.created_at,
        links={"self": path, "rows": f"{path}/rows", "content": f"{path}/content"},
    )
