"""Which engine feeds the trainers. Imported after the API processes have been started, since it imports much."""

from __future__ import annotations

from feedforward.processes.process_tree import Feeder, environment_of
from service.jobs.engines.embedded import EmbeddedSupervisor
from service.jobs.engines.fleet import FleetWorker
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.settings import Settings


def make_feeder(settings: Settings) -> Feeder:
    """The embedded supervisor on SQLite, a worker of the fleet on PostgreSQL; the tables are brought up to date."""
    database = Database.of(settings)
    ensure_current(database, migrate=settings.migrate)
    engine = EmbeddedSupervisor if settings.on_sqlite else FleetWorker
    return engine(database, settings, environment_of(settings))
