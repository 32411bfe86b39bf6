"""Endpoints that ask for a session run inside it: begun, used and committed in one thread, before the answer is made.

As a `yield` dependency a session would be held while its endpoint waits for a thread of the pool: enough requests that
wait for SQLite's one writer would then keep every thread from the one that has it, for ever.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Request

from service.registry import Session
from service.registry.database import Database


@dataclass(frozen=True)
class Transaction:
    """Marks the parameter of an endpoint that takes its session."""

    kind: Literal["read", "write"]


ReadSession = Annotated[Session, Transaction("read")]
WriteSession = Annotated[Session, Transaction("write")]


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


ServiceDatabase = Annotated[Database, Depends(_database)]


def in_transaction(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint with the session that it asks for opened around it; any other endpoint as it is."""
    signature = inspect.signature(endpoint, eval_str=True)
    asked = {name: kind for name, parameter in signature.parameters.items() if (kind := _kind_of(parameter))}
    if not asked:
        return endpoint
    if inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__name__} must be `def`: a session would block the event loop")
    [(name, kind)] = asked.items()

    @wraps(endpoint)
    def inside(**values: Any) -> Any:
        opened = values[name].read() if kind == "read" else values[name].write()
        with opened as session:
            return endpoint(**values | {name: session})

    replaced = [
        parameter.replace(annotation=ServiceDatabase) if parameter.name == name else parameter
        for parameter in signature.parameters.values()
    ]
    inside.__signature__ = signature.replace(parameters=replaced)  # type: ignore[attr-defined]  # inspect reads it
    return inside


def _kind_of(parameter: inspect.Parameter) -> str | None:
    return next((mark.kind for mark in get_args(parameter.annotation) if isinstance(mark, Transaction)), None)
