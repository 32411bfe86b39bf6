"""What an export tells of its version, checked as if a caller had said it."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import ValidationError

from service.problems import InvalidInput, input_error
from service.schemas.errors.specification import read_specification
from service.schemas.errors.validation import invalid_input
from service.schemas.strict import write_time
from service.schemas.training import StoredData
from service.schemas.transfer import ExportedVersion, ExportRecord
from service.settings import Settings
from service.transfer.file_names import RECORD, WEIGHTS

ROOT = ["body", RECORD]
LOCATION = [*ROOT, "version"]


def read_record(value: Any, weights: bytes, settings: Settings) -> ExportRecord:
    """Raises InvalidInput for a fault in it, for other weights than it tells, and for a request over a limit."""
    try:
        record = ExportRecord.model_validate(value)
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), ROOT, ExportRecord) from None
    _check_weights(record.version, weights)
    if record.version.request is not None:  # it may be trained again here
        request = {name: part for name, part in record.version.request.items() if name != "data"}
        read_specification(request, settings, [*LOCATION, "request"])
    return record


def stored_fields(told: ExportedVersion) -> dict[str, Any]:
    """What is stored of the version as it was told, and where it comes from."""
    origin = {"form": "zip", "model": told.model, "version": told.version, "created_at": write_time(told.created_at)}
    return {
        "metrics": told.metrics.model_dump(),
        "request": told.request,
        "dataset": _dataset(told),
        "split": told.split,
        "seed": told.seed,
        "environment": told.environment,
        "duration_seconds": told.duration_seconds,
        "warnings": told.warnings,
        "tags": told.tags,
        "description": told.description,
        "notes": told.notes,
        "origin": origin,
    }


def _check_weights(told: ExportedVersion, weights: bytes) -> None:
    """Raises InvalidInput where the record is that of other weights."""
    if hashlib.sha256(weights).hexdigest() != told.weights_sha256:
        message = f"the SHA-256 of {WEIGHTS} is another one"
        raise InvalidInput(
            f"`{RECORD}` belongs to other weights.",
            errors=[input_error([*LOCATION, "weights_sha256"], "checksum", message)],
        )


def _dataset(told: ExportedVersion) -> str | None:
    """The data that it was trained on. A version that was imported before tells them in its request alone."""
    if told.request is None:
        return told.dataset
    try:
        return StoredData.model_validate(told.request.get("data")).dataset
    except ValidationError as error:
        root = [*LOCATION, "request", "data"]
        raise invalid_input(error.errors(include_url=False), root, StoredData) from None
