"""Versions and models by their tags, times and figures; what is searched by is kept beside the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.evaluation.metrics import is_smaller_better
from service.registry.models.metric_names import figures_of, whole_name
from service.registry.pagination import invalid_cursor, page_of, read_cursor, write_cursor
from service.registry.tables import ModelRow, ModelTagRow, VersionMetricRow, VersionRow, VersionTagRow

METRIC_LENGTH = 80
FEW = 1000
BY_VALUE = aliased(VersionMetricRow)  # one, so that its queries are compiled once


@dataclass(frozen=True)
class TagCondition:
    """A tag that must be there, with this value unless that is None."""

    tag: str
    value: str | None


@dataclass(frozen=True)
class MetricCondition:
    """A figure that must be known, and stand so to a limit."""

    metric: str
    sign: Literal[">=", "<=", ">", "<"]
    limit: float


@dataclass(frozen=True, kw_only=True)
class VersionFilter:
    """Which rows a caller asks for; all of it must hold. `sort` is a metric, best first; else the newest come first."""

    query: str | None = None
    tags: Sequence[TagCondition] = ()
    metrics: Sequence[MetricCondition] = ()
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


def models_query(wanted: VersionFilter) -> Select[ModelRow]:
    query = select(ModelRow).where(ModelRow.deleted_at.is_(None), *_in_time(ModelRow, wanted))
    for tag in wanted.tags:
        ids = select(ModelTagRow.model_id).where(ModelTagRow.tag == tag.tag)
        query = query.where(ModelRow.id.in_(ids if tag.value is None else ids.where(ModelTagRow.value == tag.value)))
    if wanted.query:
        told = (ModelRow.name, ModelRow.description)
        query = query.where(or_(*(column.icontains(wanted.query, autoescape=True) for column in told)))
    return query


def page_of_versions(
    session: Session, model: ModelRow, wanted: VersionFilter, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Raises InvalidInput for a cursor of another list."""
    query = select(VersionRow).where(VersionRow.model_id == model.id, VersionRow.deleted_at.is_(None))
    query = query.where(*_in_time(VersionRow, wanted))
    query, are_few = _narrowed(session, query, model, wanted)
    if wanted.sort is None:
        return page_of(session, query, VersionRow.number, limit, cursor)
    metric = whole_name(wanted.sort)
    with_value = _with_value_of_few if are_few else _with_value
    return _page_by_metric(session, *with_value(query, model, metric), metric, limit, cursor)


def _narrowed(
    session: Session, query: Select[VersionRow], model: ModelRow, wanted: VersionFilter
) -> tuple[Select[Any], bool]:
    """The query with what is asked of tags and metrics, and whether few versions are left by it."""
    few: set[int] | None = None
    for numbers in _conditions(model, wanted):
        first = set(session.scalars(numbers.limit(FEW + 1)))
        if len(first) <= FEW:
            few = first if few is None else few & first
        else:  # looked at for one version after the other: a list of so many would have to be made first
            of_version = numbers.where(numbers.selected_columns[0] == VersionRow.number).correlate(VersionRow)
            query = query.where(of_version.exists())
    return (query, False) if few is None else (query.where(VersionRow.number.in_(few)), True)


def _conditions(model: ModelRow, wanted: VersionFilter) -> Iterator[Select[int]]:
    """For each tag and metric that is asked for, the numbers of the model's versions that have it."""
    for tag in wanted.tags:
        numbers = select(VersionTagRow.number).where(VersionTagRow.model_id == model.id, VersionTagRow.tag == tag.tag)
        yield numbers if tag.value is None else numbers.where(VersionTagRow.value == tag.value)
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
        yield numbers.where(allowed[metric.sign])


def _in_time(table: type[ModelRow] | type[VersionRow], wanted: VersionFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.after is not None:
        yield table.created_at > wanted.after
    if wanted.before is not None:
        yield table.created_at < wanted.before


Key = tuple[ColumnElement[float] | InstrumentedAttribute[float], InstrumentedAttribute[int]]


def _with_value(query: Select[Any], model: ModelRow, metric: str) -> tuple[Select[Any], Key]:
    """The query with the metric's value, and what orders it: the index is walked, best first, until a page is full."""
    here = (BY_VALUE.model_id == model.id) & (BY_VALUE.number == VersionRow.number) & (BY_VALUE.metric == metric)
    return query.join(BY_VALUE, here).add_columns(BY_VALUE.value), (BY_VALUE.value, BY_VALUE.number)


def _with_value_of_few(query: Select[Any], model: ModelRow, metric: str) -> tuple[Select[Any], Key]:
    """The same, each value looked up and then sorted: joined, SQLite would walk the index past all versions."""
    row = VersionMetricRow
    of_version = (row.model_id == model.id) & (row.number == VersionRow.number) & (row.metric == metric)
    value = select(row.value).where(of_version).correlate(VersionRow).scalar_subquery()
    return query.add_columns(value).where(value.is_not(None)), (value, VersionRow.number)


def _page_by_metric(
    session: Session, query: Select[Any], key: Key, metric: str, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Best first; of equal ones, the newest first where larger is better, else the oldest: as the index reads."""
    smaller_first = is_smaller_better(metric)
    if cursor is not None:
        last = tuple_(*_read_metric_cursor(cursor, metric))
        query = query.where(tuple_(*key) > last if smaller_first else tuple_(*key) < last)
    order = [column.asc() if smaller_first else column.desc() for column in key]
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    page = [row[0] for row in rows[:limit]]
    if len(rows) <= limit:
        return page, None
    last_row, last_value = rows[limit - 1]
    return page, write_cursor([metric, last_value, last_row.number])


def _read_metric_cursor(cursor: str, metric: str) -> tuple[float, int]:
    key = read_cursor(cursor, list)
    if len(key) == 3 and key[0] == metric and isinstance(key[1], int | float) and isinstance(key[2], int):
        return float(key[1]), min(key[2], 2**31 - 1)
    raise invalid_cursor()
