"""Versions and models by their tags, times and figures; what is searched by is kept beside the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from models.metrics import is_smaller_better
from service.registry.cursors import invalid_cursor, page_of, read_cursor, write_cursor
from service.registry.figures import figures_of, whole_name
from service.registry.tables import ModelRow, ModelTagRow, VersionMetricRow, VersionRow, VersionTagRow

METRIC_LENGTH = 80


@dataclass(frozen=True)
class TagIs:
    """A tag that must be there, with this value unless that is None."""

    tag: str
    value: str | None


@dataclass(frozen=True)
class MetricIs:
    """A figure that must be known, and stand so to a limit."""

    metric: str
    sign: Literal[">=", "<=", ">", "<"]
    limit: float


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows a caller asks for; all of it must hold. `sort` is a metric, best first; else the newest come first."""

    query: str | None = None
    tags: Sequence[TagIs] = ()
    metrics: Sequence[MetricIs] = ()
    after: datetime | None = None
    before: datetime | None = None
    sort: str | None = None


def keep(session: Session, version: VersionRow) -> None:
    """Note the figures and tags of a version that was just registered."""
    place = {"model_id": version.model_id, "number": version.number}
    figures = [
        place | {"metric": name[:METRIC_LENGTH], "value": value} for name, value in figures_of(version.metrics).items()
    ]
    if figures:
        session.execute(insert(VersionMetricRow), figures)
    _keep_tags(session, place, version.tags)


def keep_new_tags(session: Session, version: VersionRow) -> None:
    """Note the tags of a version whose tags have changed."""
    place = {"model_id": version.model_id, "number": version.number}
    session.execute(delete(VersionTagRow).filter_by(**place))
    _keep_tags(session, place, version.tags)


def forget_versions(session: Session, model_id: int, numbers: Sequence[int] | None = None) -> None:
    """Forget the figures and tags of versions that were deleted: these of a model, or all."""
    for table in (VersionMetricRow, VersionTagRow):
        gone = delete(table).where(table.model_id == model_id)
        session.execute(gone if numbers is None else gone.where(table.number.in_(numbers)))


def keep_tags_of_model(session: Session, model: ModelRow) -> None:
    """Note the tags of a model whose tags have changed."""
    session.execute(delete(ModelTagRow).where(ModelTagRow.model_id == model.id))
    if model.tags:
        session.execute(
            insert(ModelTagRow), [{"model_id": model.id, "tag": k, "value": value} for k, value in model.tags.items()]
        )


def _keep_tags(session: Session, place: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    if tags:
        session.execute(insert(VersionTagRow), [dict(place) | {"tag": k, "value": value} for k, value in tags.items()])


def models_query(wanted: Wanted) -> Select[ModelRow]:
    query = select(ModelRow).where(ModelRow.deleted_at.is_(None), *_in_time(ModelRow, wanted))
    for tag in wanted.tags:
        ids = select(ModelTagRow.model_id).where(ModelTagRow.tag == tag.tag)
        query = query.where(ModelRow.id.in_(ids if tag.value is None else ids.where(ModelTagRow.value == tag.value)))
    if wanted.query:
        told = (ModelRow.name, ModelRow.description)
        query = query.where(or_(*(column.icontains(wanted.query, autoescape=True) for column in told)))
    return query


def page_of_versions(
    session: Session, model: ModelRow, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Raises InvalidInput for a cursor of another list."""
    query = _versions_query(model, wanted)
    if wanted.sort is None:
        return page_of(session, query, VersionRow.number, limit, cursor)
    return _page_by_metric(session, query, model, wanted.sort, limit, cursor)


def _versions_query(model: ModelRow, wanted: Wanted) -> Select[VersionRow]:
    query = select(VersionRow).where(VersionRow.model_id == model.id, VersionRow.deleted_at.is_(None))
    query = query.where(*_in_time(VersionRow, wanted))
    for tag in wanted.tags:
        numbers = select(VersionTagRow.number).where(VersionTagRow.model_id == model.id, VersionTagRow.tag == tag.tag)
        numbers = numbers if tag.value is None else numbers.where(VersionTagRow.value == tag.value)
        query = query.where(VersionRow.number.in_(numbers))
    for metric in wanted.metrics:
        value = VersionMetricRow.value
        allowed = {
            ">=": value >= metric.limit,
            "<=": value <= metric.limit,
            ">": value > metric.limit,
            "<": value < metric.limit,
        }
        named = VersionMetricRow.metric == whole_name(metric.metric)
        numbers = select(VersionMetricRow.number).where(VersionMetricRow.model_id == model.id, named)
        query = query.where(VersionRow.number.in_(numbers.where(allowed[metric.sign])))
    return query


def _in_time(table: type[ModelRow] | type[VersionRow], wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.after is not None:
        yield table.created_at > wanted.after
    if wanted.before is not None:
        yield table.created_at < wanted.before


def _page_by_metric(
    session: Session, query: Select[VersionRow], model: ModelRow, sort: str, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Best first; of equal ones, the newest first where larger is better, else the oldest: as the index reads."""
    metric = whole_name(sort)
    key = VersionMetricRow.value, VersionMetricRow.number
    joined = (VersionMetricRow.model_id == model.id) & (VersionMetricRow.number == VersionRow.number)
    with_value = query.add_columns(VersionMetricRow.value)
    wanted: Select[Any] = with_value.join(VersionMetricRow, joined).where(VersionMetricRow.metric == metric)
    smaller_first = is_smaller_better(metric)
    if cursor is not None:
        last = tuple_(*_read_metric_cursor(cursor, metric))
        wanted = wanted.where(tuple_(*key) > last if smaller_first else tuple_(*key) < last)
    order = [column.asc() if smaller_first else column.desc() for column in key]
    rows = session.execute(wanted.order_by(*order).limit(limit + 1)).all()
    found = [row[0] for row in rows[:limit]]
    if len(rows) <= limit:
        return found, None
    last_row, value = rows[limit - 1]
    return found, write_cursor([metric, value, last_row.number])


def _read_metric_cursor(cursor: str, metric: str) -> tuple[float, int]:
    key = read_cursor(cursor, list)
    if len(key) == 3 and key[0] == metric and isinstance(key[1], int | float) and isinstance(key[2], int):
        return float(key[1]), min(key[2], 2**31 - 1)
    raise invalid_cursor()
