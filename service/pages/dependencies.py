"""What a page needs of the request: a session that reads, and the monitor of live predictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from service.monitoring.monitor import Monitor
from service.registry import Session
from service.registry.database import Database


def _read(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.read() as session:
        yield session


ReadSession = Annotated[Session, Depends(_read, scope="function")]


def _monitor(request: Request) -> Monitor:
    monitor: Monitor = request.app.state.monitor
    return monitor


LiveMonitor = Annotated[Monitor, Depends(_monitor)]
