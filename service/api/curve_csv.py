"""A learning curve as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io

from service.schemas.job import Curve, CurvePoint


def write_csv(curve: Curve) -> str:
    """A header and a line for each epoch; what is unknown is empty."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(CurvePoint.model_fields)
    writer.writerows(point.model_dump().values() for point in curve.items)
    return lines.getvalue()
