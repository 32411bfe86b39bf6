"""Errors that FastAPI and Starlette raise, as problems of this service."""

from __future__ import annotations

from typing import NoReturn

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from service.api.http.addresses import methods_at
from service.api.http.request_body import ClientLeft
from service.problems import InternalError, MethodNotAllowed, NotFound, Problem, UnreadableBody, shorten
from service.schemas.errors.validation import invalid_input


def translate_errors(app: FastAPI) -> None:
    """Have the framework's own errors raised as problems, which the outermost middleware sends."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def _validation_error(request: Request, error: Exception) -> NoReturn:
    assert isinstance(error, RequestValidationError)
    field = getattr(request.scope.get("route"), "body_field", None)
    shape = None if field is None else field.field_info.annotation
    raise invalid_input(error.errors(), root=(), shape=shape) from None


async def _http_error(request: Request, error: Exception) -> NoReturn:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Problem | ClientLeft):
        raise error.__cause__ from None  # FastAPI wraps what is raised while it reads a body
    if error.status_code == 405:
        allowed = methods_at(request.scope["path"])
        useful = [method for method in allowed if method not in {"HEAD", "OPTIONS"}]
        detail = f"{shorten(request.method, 20)} is not allowed here. Use {' or '.join(useful)}."
        raise MethodNotAllowed(detail, headers={"Allow": ", ".join(allowed)}) from None
    raise _problem_of(request, error) from error


def _problem_of(request: Request, error: HTTPException) -> Problem:
    if error.status_code == 404:
        return NotFound(f"Nothing exists at {shorten(request.url.path)}. See /openapi.json for all addresses.")
    if error.status_code == 400:
        return UnreadableBody(str(error.detail))
    return InternalError()
