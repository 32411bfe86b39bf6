"""A learning curve as JSON or CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import Query, Request, Response

from service.api.http.content_negotiation import choose_type
from service.media_types import CSV, JSON
from service.schemas.job import Curve, CurvePoint

CURVE_TYPES = {
    JSON: {},
    CSV: {"schema": {"type": "string"}, "example": "epoch,loss,validation_loss,learning_rate,elapsed_seconds\r\n"},
}
Points = Annotated[int | None, Query(ge=1, le=100_000, description="Return at most this many epochs, evenly spaced.")]


def curve_response(request: Request, curve: Curve) -> Curve | Response:
    """The curve in the format that Accept prefers. Raises NotAcceptable."""
    if choose_type(request, list(CURVE_TYPES)) == CSV:
        return Response(_write_csv(curve), media_type=CSV)
    return curve


def _write_csv(curve: Curve) -> str:
    """A header and a line for each epoch; unknown values are empty."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(CurvePoint.model_fields)
    writer.writerows(point.model_dump().values() for point in curve.items)
    return lines.getvalue()
