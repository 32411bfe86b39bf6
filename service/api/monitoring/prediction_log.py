"""The log of a model's predictions: its settings and its rows."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from service.api.http.dependencies import DEFAULT_LIMIT, Actor, Cursor, IfMatch, Limit, ReadSession, WriteSession
from service.api.http.etags import etag
from service.api.http.routing import resource_router
from service.monitoring import logged_predictions
from service.registry.monitoring import prediction_log
from service.schemas.monitoring import LoggedPrediction, PredictionLog, PredictionLogSettings
from service.schemas.names import Name
from service.schemas.strict import Page

router = resource_router("Monitoring")


@router.get("/models/{name}/prediction-log", summary="Get the prediction log's settings")
def get_prediction_log(name: Name, session: ReadSession, actor: Actor, response: Response) -> PredictionLog:
    """Which share of a model's predictions is logged; 409 if none is."""
    actor.require("read", model=name)
    log, revision = prediction_log.get_log(session, name)
    response.headers["ETag"] = etag(revision)
    return log


@router.put(
    "/models/{name}/prediction-log",
    summary="Log predictions",
    responses={201: {"model": PredictionLog, "description": "The log is created."}},
)
def set_prediction_log(
    name: Name,
    log_settings: PredictionLogSettings,
    session: WriteSession,
    actor: Actor,
    expected: IfMatch,
    response: Response,
) -> PredictionLog:
    """From now on, log a share of predicted rows with time, version, inputs and prediction.

    A logged row is identified by the response's `X-Request-ID` and its number in the request. These alone decide which
    rows are logged; the header `Feedforward-Logged` is their number.
    """
    actor.require("manage", model=name)
    log, revision, is_new = prediction_log.set_log(session, name, log_settings, actor.name, expected)
    response.headers["ETag"] = etag(revision)
    response.status_code = 201 if is_new else 200
    return log


@router.delete("/models/{name}/prediction-log", status_code=204, summary="Delete the prediction log")
def delete_prediction_log(name: Name, session: WriteSession, actor: Actor, expected: IfMatch) -> None:
    """Stop logging and delete all logged rows and labels. To keep them, set `sample` to 0 instead."""
    actor.require("manage", model=name)
    prediction_log.delete_log(session, name, actor.name, expected)


@router.get("/models/{name}/predictions", summary="List logged predictions")
def list_predictions(
    name: Name,
    session: ReadSession,
    actor: Actor,
    version: Annotated[int | None, Query(ge=1, description="Only rows of this version.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[LoggedPrediction]:
    """The logged rows, newest first."""
    actor.require("read", model=name)
    return logged_predictions.list_predictions(session, name, version, limit, cursor)
