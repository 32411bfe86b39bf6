"""One API process: uvicorn on a socket that its parent opened. Says `ready` on standard output when it answers.

Run by `up` and `api` as `python -P -m feedforward.processes.api_process SOCKET [WAKE]`; it ends when its standard
input closes, which is when its parent is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from functools import partial
from typing import cast

import structlog
import uvicorn

from feedforward.processes.connection_limits import ConnectionLimits
from feedforward.processes.fast_path_protocol import FastPathProtocol
from feedforward.processes.guarded_connection import GuardedConnection
from service.app import create_app
from service.child_processes import follow_parent
from service.jobs.engine import Engine
from service.jobs.engines.notifiers import FleetEngine, PipeEngine
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.settings import Settings

BACKLOG = 2048


class Server(uvicorn.Server):
    """Uvicorn, telling its parent when it has started, and letting in who has connected already when it ends."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._door = listener.dup()  # uvloop closes the listener itself with all who wait at it

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what is there now stays; looking through it again and again would hold up requests
        print("ready", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.drain()  # type: ignore[union-attr]  # our application, which ends its streams of events
        for server in self.servers:
            server.close()
        await self._let_in()
        await super().shutdown(sockets)

    async def _let_in(self) -> None:
        self._door.setblocking(False)
        came: list[socket.socket] = []
        with contextlib.suppress(OSError):  # nobody waits any more
            while len(came) < BACKLOG:
                came.append(self._door.accept()[0])
        self._door.close()
        for connection in came:
            await asyncio.get_running_loop().connect_accepted_socket(self._new_connection, connection)
        await asyncio.sleep(0)  # those that uvloop has just let in become connections now, which uvicorn then ends

    def _new_connection(self) -> asyncio.Protocol:
        new_connection = self.config.http_protocol_class
        return new_connection(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def main() -> None:
    settings = Settings()
    follow_parent(lambda _line: None, exit_code=1)
    database = Database.of(settings)
    ensure_current(database, migrate=settings.migrate)
    listener = socket.socket(fileno=int(sys.argv[1]))
    app = create_app(settings, database, engine_of(database, sys.argv[2:]))
    new_connection = partial(connection_class(settings), limits=ConnectionLimits())
    structlog.get_logger().info(
        "an API process starts", database=database.engine.dialect.name, database_version=database.version
    )
    config = uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], new_connection),
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
        backlog=BACKLOG,
    )
    Server(config, listener).run(sockets=[listener])


def connection_class(settings: Settings) -> type[GuardedConnection]:
    return FastPathProtocol if settings.fast_path else GuardedConnection


def engine_of(database: Database, arguments: list[str]) -> Engine:
    if database.on_sqlite:
        return PipeEngine(int(arguments[0]))
    return FleetEngine(database)


if __name__ == "__main__":
    main()
