"""Sessions of endpoints: begun, used and committed in one thread, before the response is built.

A `yield` dependency would hold the session while its endpoint waits for a thread of the pool. Requests waiting for
SQLite's one writer could then occupy every thread that the writing request needs: a deadlock.
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
    """Marks the parameter of an endpoint that receives its session."""

    kind: Literal["read", "write"]


ReadSession = Annotated[Session, Transaction("read")]
WriteSession = Annotated[Session, Transaction("write")]


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


ServiceDatabase = Annotated[Database, Depends(_database)]


def in_transaction(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint inside the session that a parameter requests; an endpoint without a session is unchanged."""
    signature = inspect.signature(endpoint, eval_str=True)
    sessions = {name: kind for name, parameter in signature.parameters.items() if (kind := _kind_of(parameter))}
    if not sessions:
        return endpoint
    if inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__name__} must be `def`: a session would block the event loop")
    [(name, kind)] = sessions.items()

    @wraps(endpoint)
    def run_in_session(**values: Any) -> Any:
        database: Database = values[name]
        with database.read() if kind == "read" else database.write() as session:
            return endpoint(**values | {name: session})

    parameters = [
        parameter.replace(annotation=ServiceDatabase) if parameter.name == name else parameter
        for parameter in signature.parameters.values()
    ]
    new_signature = signature.replace(parameters=parameters)
    run_in_session.__signature__ = new_signature  # type: ignore[attr-defined]  # inspect reads it
    return run_in_session


def _kind_of(parameter: inspect.Parameter) -> str | None:
    return next((mark.kind for mark in get_args(parameter.annotation) if isinstance(mark, Transaction)), None)
