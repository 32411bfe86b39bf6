"""Versions and models by their tags, times and metrics; tags and metrics are indexed in tables of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, insert, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.evaluation.metrics import is_smaller_better
from service.registry.models.metric_names import finite_metrics, whole_name
from service.registry.pagination import invalid_cursor, page_of, read_cursor, write_cursor
from service.registry.tables import ModelRow, ModelTagRow, VersionMetricRow, VersionRow, VersionTagRow

METRIC_LENGTH = 80
FEW = 1000
BY_VALUE = aliased(VersionMetricRow)  # a single alias, so that its queries are compiled once


@dataclass(frozen=True)
class TagCondition:
    """A tag that must exist, with this value unless it is None."""

    tag: str
    value: str | None


@dataclass(frozen=True)
class MetricCondition:
    """A metric that must be known and satisfy a limit."""

    metric: str
    sign: Literal[">=", "<=", ">", "<"]
    limit: float


@dataclass(frozen=True, kw_only=True)
class VersionFilter:
    """Conditions that must all hold. `sort` is a metric, best first; otherwise the newest come first."""

    query: str | None = None
    tags: Sequence[TagCondition] = ()
    metrics: Sequence[MetricCondition] = ()
    after: datetime | None = None
    before: datetime | None = None
    sort: str | None = None


def keep(session: Session, version: VersionRow) -> None:
    """Index the metrics and tags of a newly registered version."""
    place = {"model_id": version.model_id, "number": version.number}
    metrics = [
        place | {"metric": name[:METRIC_LENGTH], "value": value}
        for name, value in finite_metrics(version.metrics).items()
    ]
    if metrics:
        session.execute(insert(VersionMetricRow), metrics)
    _keep_tags(session, place, version.tags)


def keep_new_tags(session: Session, version: VersionRow) -> None:
    """Index the tags of a version whose tags have changed."""
    place = {"model_id": version.model_id, "number": version.number}
    session.execute(delete(VersionTagRow).filter_by(**place))
    _keep_tags(session, place, version.tags)


def forget_versions(session: Session, model_id: int, numbers: Sequence[int] | None = None) -> None:
    """Remove deleted versions of a model, or all of its versions, from the index."""
    for table in (VersionMetricRow, VersionTagRow):
        of_model = delete(table).where(table.model_id == model_id)
        session.execute(of_model if numbers is None else of_model.where(table.number.in_(numbers)))


def keep_tags_of_model(session: Session, model: ModelRow) -> None:
    """Index the tags of a model whose tags have changed."""
    session.execute(delete(ModelTagRow).where(ModelTagRow.model_id == model.id))
    if model.tags:
        session.execute(
            insert(ModelTagRow),
            [{"model_id": model.id, "tag": tag, "value": value} for tag, value in model.tags.items()],
        )


def _keep_tags(session: Session, place: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    if tags:
        session.execute(
            insert(VersionTagRow), [dict(place) | {"tag": tag, "value": value} for tag, value in tags.items()]
        )


def models_query(version_filter: VersionFilter) -> Select[ModelRow]:
    """The models that match a filter."""
    query = select(ModelRow).where(ModelRow.deleted_at.is_(None), *_in_time(ModelRow, version_filter))
    for tag in version_filter.tags:
        ids = select(ModelTagRow.model_id).where(ModelTagRow.tag == tag.tag)
        query = query.where(ModelRow.id.in_(ids if tag.value is None else ids.where(ModelTagRow.value == tag.value)))
    if version_filter.query:
        columns = (ModelRow.name, ModelRow.description)
        query = query.where(or_(*(column.icontains(version_filter.query, autoescape=True) for column in columns)))
    return query


def page_of_versions(
    session: Session, model: ModelRow, version_filter: VersionFilter, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """A page of the versions that match a filter. Raises InvalidInput for a cursor of another list."""
    query = select(VersionRow).where(VersionRow.model_id == model.id, VersionRow.deleted_at.is_(None))
    query = query.where(*_in_time(VersionRow, version_filter))
    query, are_few = _narrow(session, query, model, version_filter)
    if version_filter.sort is None:
        return page_of(session, query, VersionRow.number, limit, cursor)
    metric = whole_name(version_filter.sort)
    with_value = _with_value_of_few if are_few else _with_value
    return _page_by_metric(session, *with_value(query, model, metric), metric, limit, cursor)


def _narrow(
    session: Session, query: Select[VersionRow], model: ModelRow, version_filter: VersionFilter
) -> tuple[Select[Any], bool]:
    """The query narrowed by tags and metrics, and whether few versions are left."""
    few: set[int] | None = None
    for numbers in _conditions(model, version_filter):
        first = set(session.scalars(numbers.limit(FEW + 1)))
        if len(first) <= FEW:
            few = first if few is None else few & first
        else:  # checked for each version in turn, since a list of so many would have to be built first
            of_version = numbers.where(numbers.selected_columns[0] == VersionRow.number).correlate(VersionRow)
            query = query.where(of_version.exists())
    return (query, False) if few is None else (query.where(VersionRow.number.in_(few)), True)


def _conditions(model: ModelRow, version_filter: VersionFilter) -> Iterator[Select[int]]:
    """For each tag and metric condition, the numbers of the model's versions that satisfy it."""
    for tag in version_filter.tags:
        numbers = select(VersionTagRow.number).where(VersionTagRow.model_id == model.id, VersionTagRow.tag == tag.tag)
        yield numbers if tag.value is None else numbers.where(VersionTagRow.value == tag.value)
    for metric in version_filter.metrics:
        value = VersionMetricRow.value
        allowed = {
            ">=": value >= metric.limit,
            "<=": value <= metric.limit,
            ">": value > metric.limit,
            "<": value < metric.limit,
        }
        is_metric = VersionMetricRow.metric == whole_name(metric.metric)
        numbers = select(VersionMetricRow.number).where(VersionMetricRow.model_id == model.id, is_metric)
        yield numbers.where(allowed[metric.sign])


def _in_time(table: type[ModelRow] | type[VersionRow], version_filter: VersionFilter) -> Iterator[ColumnElement[bool]]:
    if version_filter.after is not None:
        yield table.created_at > version_filter.after
    if version_filter.before is not None:
        yield table.created_at < version_filter.before


Key = tuple[ColumnElement[float] | InstrumentedAttribute[float], InstrumentedAttribute[int]]


def _with_value(query: Select[Any], model: ModelRow, metric: str) -> tuple[Select[Any], Key]:
    """The query with the metric's value, and its sort key: the index is walked, best first, until a page is full."""
    is_value = (BY_VALUE.model_id == model.id) & (BY_VALUE.number == VersionRow.number) & (BY_VALUE.metric == metric)
    return query.join(BY_VALUE, is_value).add_columns(BY_VALUE.value), (BY_VALUE.value, BY_VALUE.number)


def _with_value_of_few(query: Select[Any], model: ModelRow, metric: str) -> tuple[Select[Any], Key]:
    """The query with each value looked up, and its sort key: a join would have SQLite walk the whole index."""
    row = VersionMetricRow
    of_version = (row.model_id == model.id) & (row.number == VersionRow.number) & (row.metric == metric)
    value = select(row.value).where(of_version).correlate(VersionRow).scalar_subquery()
    return query.add_columns(value).where(value.is_not(None)), (value, VersionRow.number)


def _page_by_metric(
    session: Session, query: Select[Any], key: Key, metric: str, limit: int, cursor: str | None
) -> tuple[list[VersionRow], str | None]:
    """Best first; equal values newest first where larger is better, else oldest first, in the order of the index."""
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
