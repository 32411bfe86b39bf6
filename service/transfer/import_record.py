"""The record of an exported version, validated like any other input."""

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
from service.transfer.archive import RECORD, WEIGHTS

ROOT = ["body", RECORD]
LOCATION = [*ROOT, "version"]


def read_record(value: Any, weights: bytes, settings: Settings) -> ExportRecord:
    """Raises InvalidInput for an invalid record, one that does not match the weights, or a request over a limit."""
    try:
        record = ExportRecord.model_validate(value)
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), ROOT, ExportRecord) from None
    _check_weights(record.version, weights)
    if record.version.request is not None:  # it may be used to train here
        request = {name: field for name, field in record.version.request.items() if name != "data"}
        read_specification(request, settings, [*LOCATION, "request"])
    return record


def stored_fields(exported: ExportedVersion) -> dict[str, Any]:
    """The stored fields of an imported version, with its origin."""
    origin = {
        "form": "zip",
        "model": exported.model,
        "version": exported.version,
        "created_at": write_time(exported.created_at),
    }
    return {
        "metrics": exported.metrics.model_dump(),
        "request": exported.request,
        "dataset": _dataset(exported),
        "split": exported.split,
        "seed": exported.seed,
        "environment": exported.environment,
        "duration_seconds": exported.duration_seconds,
        "warnings": exported.warnings,
        "tags": exported.tags,
        "description": exported.description,
        "notes": exported.notes,
        "origin": origin,
    }


def _check_weights(exported: ExportedVersion, weights: bytes) -> None:
    """Raises InvalidInput if the record belongs to other weights."""
    if hashlib.sha256(weights).hexdigest() != exported.weights_sha256:
        message = f"the SHA-256 of {WEIGHTS} does not match"
        raise InvalidInput(
            f"`{RECORD}` belongs to other weights.",
            errors=[input_error([*LOCATION, "weights_sha256"], "checksum", message)],
        )


def _dataset(exported: ExportedVersion) -> str | None:
    """The dataset that the version was trained on, by its request; a version that was imported before may have none."""
    if exported.request is None:
        return exported.dataset
    try:
        return StoredData.model_validate(exported.request.get("data")).dataset
    except ValidationError as error:
        root = [*LOCATION, "request", "data"]
        raise invalid_input(error.errors(include_url=False), root, StoredData) from None
