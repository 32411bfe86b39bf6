"""`POST /train` as the OpenAPI document describes it; `train.py` serves it, since its body is streamed."""

from __future__ import annotations

from typing import Any, NoReturn

from fastapi import APIRouter

from service.api.jobs.responses import IdempotencyKey, Prefer
from service.api.training.train import OnlyLook
from service.schemas.job import Job
from service.schemas.training import DryRun, TrainRequest

router = APIRouter(tags=["Training"])
FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["file", "spec"],
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "CSV, Parquet, NDJSON, JSON or Arrow."},
            "spec": {"type": "string", "description": "The JSON above, without `data`."},
        },
    },
    "example": {"spec": '{"model": "iris", "label": "species"}'},
}
LOCATION = {"Location": {"description": "The job's address.", "schema": {"type": "string"}}}
REPLAYED = {"Idempotent-Replayed": {"description": "The key had made this job before.", "schema": {"type": "string"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Job | DryRun, "description": "The job, which ended in time; or what `dry_run` found."},
    202: {"model": Job, "description": "The job is queued.", "headers": LOCATION | REPLAYED},
}


@router.post(
    "/train",
    status_code=202,
    summary="Train",
    responses=ANSWERS,
    operation_id="train",
    openapi_extra={"requestBody": {"content": {"multipart/form-data": FORM}}},
)
def train(
    request: TrainRequest, dry_run: OnlyLook = False, prefer: Prefer = None, idempotency_key: IdempotencyKey = None
) -> Job:
    """Train a network on rows, columns, a stored dataset or a file, and register it as a new version of `model`.

    Only `model`, `data` and `label` are required. What can be seen to be wrong is told at once; else a job is queued,
    and answered with `202`.
    """
    raise_served_elsewhere()


def raise_served_elsewhere() -> NoReturn:
    raise AssertionError("this is served by a route that streams its body")
