"""Pages of a model's log: inputs, predictions and labels by name."""

from __future__ import annotations

from service.registry import Session
from service.registry.models import models, versions
from service.registry.monitoring import logged_predictions, prediction_log
from service.registry.tables import LoggedPredictionRow
from service.schemas.monitoring import LoggedPrediction
from service.schemas.registry import Version
from service.schemas.strict import Page
from service.serving.output_view import OutputView, output_view


def list_predictions(
    session: Session, model: str, version: int | None, limit: int, cursor: str | None
) -> Page[LoggedPrediction]:
    """A page of a model's log, newest first. Raises NotFound, and Conflict where nothing is logged."""
    owner = models.get_row(session, model)
    prediction_log.get_row(session, owner)
    rows, next_cursor = logged_predictions.list_page(session, owner.id, version, limit, cursor)
    records = versions.get_records(session, owner, {row.version for row in rows})
    views = {number: output_view(version.task, version.signature.outputs) for number, version in records.items()}
    items = [_to_schema(row, records[row.version], views[row.version]) for row in rows]
    return Page(items=items, next_cursor=next_cursor)


def _to_schema(row: LoggedPredictionRow, version: Version, view: OutputView) -> LoggedPrediction:
    names = [feature.name for feature in version.signature.features]
    return LoggedPrediction(
        at=row.at,
        version=row.version,
        request=row.request,
        row=row.row,
        inputs=dict(zip(names, row.inputs, strict=True)),
        prediction=view.prediction(row.outputs),
        label=None if row.label is None else row.label["value"],
        labelled_at=row.labelled_at,
        labels=row.labels,
    )
