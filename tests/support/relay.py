"""A network between a service and its PostgreSQL that a test can cut and restore."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PIECE_BYTES = 65_536


class Relay:
    """Carries bytes between a free port on loopback and a server's socket; when cut, none, but it closes nothing."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def cut(self, *, refusing: bool) -> None:
        """Stop carrying bytes. New connections are refused, or else get no response."""
        self._loop.call_soon_threadsafe(self._flowing.clear)
        if refusing:
            self._loop.call_soon_threadsafe(self._server.close)

    def heal(self) -> None:
        """Carry the bytes that wait, and accept new connections."""
        if not self._server.is_serving():
            self._server = self._do(asyncio.start_server(self._carry, "127.0.0.1", self.port))
        self._loop.call_soon_threadsafe(self._flowing.set)

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _carry(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await self._flowing.wait()
            far_in, far_out = await asyncio.open_unix_connection(self._target)
            await asyncio.gather(self._pump(near_in, far_out), self._pump(far_in, near_out))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                while piece := await source.read(PIECE_BYTES):
                    await self._flowing.wait()
                    target.write(piece)
                    await target.drain()
        finally:
            target.close()


@contextmanager
def relayed(database_url: str) -> Iterator[tuple[Relay, str]]:
    """A relay to a server that listens on a socket in a folder, and the database's address through the relay."""
    parts = urlsplit(database_url)
    folder = parse_qs(parts.query)["host"][0]
    relay = Relay(Path(folder) / ".s.PGSQL.5432")
    try:
        yield relay, f"{parts.scheme}://postgres@127.0.0.1:{relay.port}{parts.path}"
    finally:
        relay.close()
