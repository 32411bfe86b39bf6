"""Jobs in requests and responses."""

from __future__ import annotations

from typing import Any, Literal

from service.schemas.strict import JsonObject, Request, ResponseSchema, Time

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Kind = Literal["train", "search", "reproduce", "evaluate", "batch", "compare"]
ACTIVE: frozenset[str] = frozenset({"queued", "running"})
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})


class Progress(ResponseSchema):
    """The progress of a training. Losses are in the units that the network is trained on."""

    epoch: int
    epochs: int | None
    loss: float | None
    validation_loss: float | None
    rows_per_second: float | None
    eta_seconds: float | None


class Job(ResponseSchema):
    """One piece of background work, from the queue to its end."""

    id: str
    kind: Kind
    model: str
    state: State
    attempt: int
    priority: int = 0
    not_before: Time | None = None
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    progress: Progress | None
    version: int | None
    result: JsonObject | None
    warnings: list[JsonObject]
    error: JsonObject | None
    request: JsonObject | None = None
    links: dict[str, str]


class CurvePoint(ResponseSchema):
    """One epoch of a learning curve."""

    epoch: int
    loss: float | None
    validation_loss: float | None
    learning_rate: float | None
    elapsed_seconds: float


class Curve(ResponseSchema):
    """A job's learning curve, oldest epoch first."""

    items: list[CurvePoint]


class Cancellation(Request):
    """`{"keep": "best"}` ends a running job as succeeded, with its best network so far."""

    keep: Literal["best"] | None = None


def links_of(job: str, model: str, version: int | None) -> dict[str, Any]:
    links = {
        "self": f"/jobs/{job}",
        "curve": f"/jobs/{job}/curve",
        "events": f"/jobs/{job}/events",
        "cancel": f"/jobs/{job}/cancel",
        "model": f"/models/{model}",
    }
    if version is not None:
        links["version"] = f"/models/{model}/versions/{version}"
    return links


class JobEvent(ResponseSchema):
    """One event of a job's stream; `number` is its id in the stream."""

    number: int
    event: str
    data: JsonObject
