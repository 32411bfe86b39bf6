"""True labels, which arrive after the predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from models.data.reading.numbers import NumberForm
from service.problems import MOST_ERRORS, InputError, InvalidInput, input_error
from service.registry import Session
from service.registry.models import models, versions
from service.registry.models.recipes import label_forms
from service.registry.monitoring import logged_predictions, prediction_log
from service.registry.tables import LoggedPredictionRow
from service.schemas.monitoring import FeedbackItem, FeedbackResult, UnmatchedLabel
from service.serving.output_view import BadLabel, OutputView, output_view

MOST_LISTED = 20
Match = tuple[int, FeedbackItem, LoggedPredictionRow]


def store_labels(session: Session, model: str, items: Sequence[FeedbackItem]) -> FeedbackResult:
    """Store the labels of logged rows; if a row is labelled twice, the last label wins.

    Raises NotFound, Conflict where nothing is logged, and InvalidInput for a label that the version could not have
    predicted; then none is stored.
    """
    owner = models.get_row(session, model)
    prediction_log.get_row(session, owner)
    requests = list(dict.fromkeys(item.request for item in items))
    logged_rows = logged_predictions.find_of_requests(session, owner.id, requests)
    pairs = [(place, item, logged_rows.get((item.request, item.row))) for place, item in enumerate(items)]
    logged = [(place, item, row) for place, item, row in pairs if row is not None]
    records = versions.get_records(session, owner, {row.version for _, _, row in logged})
    forms = {number: label_forms(version.request) for number, version in records.items()}
    matches: list[Match] = [(place, _as_read(item, forms[row.version]), row) for place, item, row in logged]
    views = {number: output_view(version.task, version.signature.outputs) for number, version in records.items()}
    errors = [error for match in matches if (error := _label_error(match, views)) is not None]
    if errors:
        count = f"{len(errors)} of {len(items)} labels do not fit what was predicted, so none was stored"
        raise InvalidInput(f"{count}: {errors[0]['message']}", errors=errors[:MOST_ERRORS], error_count=len(errors))
    now = datetime.now(UTC)
    replaced = sum([logged_predictions.set_label(row, item.label, now) for _, item, row in matches])
    unmatched = [UnmatchedLabel(request=item.request, row=item.row) for _, item, row in pairs if row is None]
    return FeedbackResult(
        received=len(items),
        matched=len(matches),
        replaced=replaced,
        unmatched=len(unmatched),
        unmatched_items=unmatched[:MOST_LISTED],
    )


def _as_read(item: FeedbackItem, forms: Mapping[str, NumberForm]) -> FeedbackItem:
    """The label as a number where it is a text of the form in which the training table had it."""
    label = item.label
    if isinstance(label, dict):
        label = {name: _number_or_value(value, forms.get(name)) for name, value in label.items()}
    elif len(forms) == 1:
        [form] = forms.values()
        label = _number_or_value(label, form)
    return item.model_copy(update={"label": label})


def _number_or_value(value: Any, form: NumberForm | None) -> Any:
    number = form.number(value) if form is not None and isinstance(value, str) else None
    return value if number is None else number


def _label_error(match: Match, views: dict[int, OutputView]) -> InputError | None:
    place, item, row = match
    try:
        views[row.version].truth(item.label)
    except BadLabel as error:
        return input_error(["body", "items", place, "label"], "label", str(error))
    return None
