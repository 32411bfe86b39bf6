"""Comparison of a model's versions: by their stored metrics, or evaluated on the same rows by a job."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from service.api.examples.iris import DATASET
from service.api.http.addresses import TRAINING
from service.api.http.dependencies import Actor, ReadSession
from service.api.http.request_body import describe_body
from service.api.http.routing import resource_router
from service.api.training.request_data import describe_form
from service.api.training.version_jobs import DATA, VersionJobs
from service.registry.models import comparison
from service.schemas.comparison import MOST_VERSIONS, Comparison
from service.schemas.job import Job
from service.schemas.names import NAME_PATTERN, Name

router = resource_router("Versions")
REFERENCE = NAME_PATTERN.strip("^$")
References = Annotated[
    str,
    Query(
        pattern=f"^{REFERENCE}(,{REFERENCE}){{1,{MOST_VERSIONS - 1}}}$",
        description="Two to ten numbers or aliases, separated by commas.",
        examples=["1,2", "production,latest"],
    ),
]
VERSIONS = {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 2, "maxItems": MOST_VERSIONS}
VERSIONS_AND_ROWS: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["versions", "data"],
        "properties": {"versions": VERSIONS, "data": DATA},
        "additionalProperties": False,
    },
    "example": {"versions": ["production", "latest"], "data": {"dataset": DATASET}},
}
BODY = describe_body(TRAINING, VERSIONS_AND_ROWS, describe_form('{"versions": ["production", "latest"]}'))


@router.get("/models/{name}/compare", summary="Compare versions")
def compare(name: Name, versions: References, session: ReadSession, actor: Actor) -> Comparison:
    """Metrics with the best marked, settings that differ, curves, data and warnings.

    Each version was evaluated on its own held-out rows. `POST` data to this address to evaluate all on the same rows.
    """
    actor.require("read", model=name)
    return comparison.compare(session, name, versions.split(","))


@router.post(
    "/models/{name}/compare",
    status_code=202,
    summary="Compare versions on the same rows",
    openapi_extra=BODY,
)
async def judge(name: Name, request: Request, submission: VersionJobs) -> Job:
    """Queue a job whose `result` compares each version with the first one named.

    Each difference has a 95 % interval by a paired bootstrap over the rows, and is `better`, `worse` or `not clear`.
    The result also lists rows on which the versions disagree.
    """
    return await submission.compare(name, request)
