"""One API process: uvicorn on a socket that its parent opened. Says `ready` on standard output when it answers.

Run by `up` and `api` as `python -m feedforward.command_line.api_process SOCKET [WAKE]`; it ends when its standard
input closes, which is when its parent is gone.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import uvicorn

from feedforward.command_line.quick_connections import QuickConnection
from service.app import create_app
from service.jobs.engine import Engine
from service.jobs.engines.messages import FleetEngine
from service.jobs.engines.pipe import PipeEngine
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.settings import Settings


class Server(uvicorn.Server):
    """Uvicorn, telling its parent when it has started."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print("ready", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.drain()  # type: ignore[union-attr]  # our application, which ends its streams of events
        await super().shutdown(sockets)


def main() -> None:
    settings = Settings()
    threading.Thread(target=end_with_parent, daemon=True).start()
    database = Database.of(settings)
    ensure_current(database, migrate=settings.migrate)
    listener = socket.socket(fileno=int(sys.argv[1]))
    app = create_app(settings, database, engine_of(settings, sys.argv[2:]))
    config = uvicorn.Config(
        app,
        http=QuickConnection,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.drain_seconds),
        backlog=2048,
    )
    Server(config).run(sockets=[listener])


def engine_of(settings: Settings, arguments: list[str]) -> Engine:
    if settings.on_sqlite:
        return PipeEngine(int(arguments[0]))
    return FleetEngine(settings.resolved_database_url)


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
