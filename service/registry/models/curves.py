"""Learning curves: a job's while it runs, then its version's, since jobs are pruned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from service.registry.jobs import jobs
from service.registry.models import models, versions
from service.registry.tables import JobCurveRow, VersionCurveRow, VersionRow
from service.schemas.job import Curve, CurvePoint

Points = Sequence[dict[str, Any]]


def move_to_version(session: Session, job: str) -> None:
    """Give a job's curve to the version that it produced, in the transaction that registers the version."""
    version = session.scalars(select(VersionRow.id).where(VersionRow.job == job)).one()
    of_job = select(literal(version), JobCurveRow.first_epoch, JobCurveRow.points).where(JobCurveRow.job == job)
    session.execute(insert(VersionCurveRow).from_select(["version_id", "first_epoch", "points"], of_job))
    session.execute(delete(JobCurveRow).where(JobCurveRow.job == job))


def add_points(session: Session, model: str, version: int, points: Points) -> None:
    """Store the curve of an imported version."""
    row = versions.get_row(session, models.get_row(session, model), version)
    if points:
        session.add(VersionCurveRow(version_id=row.id, first_epoch=points[0]["epoch"], points=list(points)))


def get_of_job(session: Session, job: str, points: int | None = None) -> Curve:
    """The job's learning curve, thinned to about `points`, its last epoch always among them. Raises NotFound."""
    jobs.get_row(session, job)
    stretches = session.scalars(
        select(JobCurveRow.points).where(JobCurveRow.job == job).order_by(JobCurveRow.first_epoch)
    ).all()
    if stretches:
        return _curve(stretches, points)
    version = session.scalars(select(VersionRow.id).where(VersionRow.job == job)).one_or_none()
    return _curve([] if version is None else _of_version(session, version), points)


def get_of_version(session: Session, model: str, reference: str | int | None, points: int | None = None) -> Curve:
    """A version's learning curve, thinned to about `points`; empty if it has none. Raises NotFound and Gone."""
    row = versions.get_row(session, models.get_row(session, model), reference)
    return _curve(_of_version(session, row.id), points)


def _of_version(session: Session, version: int) -> Sequence[Points]:
    query = select(VersionCurveRow.points).where(VersionCurveRow.version_id == version)
    return session.scalars(query.order_by(VersionCurveRow.first_epoch)).all()


def _curve(stretches: Sequence[Points], points: int | None) -> Curve:
    curve_points = [point for stretch in stretches for point in stretch]
    return Curve(items=[CurvePoint.model_validate(point) for point in _thin(curve_points, points)])


def _thin(curve_points: Points, points: int | None) -> Points:
    if points is None or len(curve_points) <= points:
        return curve_points
    if points == 1:
        return curve_points[-1:]
    step = (len(curve_points) - 1) / (points - 1)
    return [curve_points[round(position * step)] for position in range(points)]
