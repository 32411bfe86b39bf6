"""Liveness and readiness of the process."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from service.api.http.dependencies import ServiceDatabase
from service.api.http.routing import resource_router
from service.problems import Unavailable
from service.registry.migrate import HEAD, current_revision
from service.schemas.strict import ResponseSchema

router = resource_router("Operations")


class Live(ResponseSchema):
    status: Literal["live"] = "live"


class Ready(ResponseSchema):
    """The database is reachable, and its migrations are current."""

    status: Literal["ready"] = "ready"
    database: Literal["sqlite", "postgresql"]
    database_version: str = Field(description="Of SQLite's library, or of PostgreSQL's server.")
    revision: str


@router.get("/health/live", summary="Is the process alive?")
async def is_live() -> Live:
    """200 as long as the process responds; for a supervisor that restarts hanging processes."""
    return Live()


@router.get("/health/ready", summary="Can it serve?")
def is_ready(database: ServiceDatabase) -> Ready:
    """200 if the database is reachable and its migrations are current, else 503; for a load balancer."""
    revision = current_revision(database) if database.is_alive() else None
    if revision is None:
        raise Unavailable("The database is unreachable or has no tables yet.", headers={"Retry-After": "2"})
    if revision != HEAD:
        raise Unavailable(f"The database is at revision {revision}, not {HEAD}.", headers={"Retry-After": "10"})
    name: Literal["sqlite", "postgresql"] = "sqlite" if database.on_sqlite else "postgresql"
    return Ready(database=name, database_version=database.version, revision=revision)
