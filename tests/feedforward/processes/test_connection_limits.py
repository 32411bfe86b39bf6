"""Connections that ask for nothing, or never to the end, keep nobody out."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from feedforward.processes.connection_limits import ConnectionLimits
from feedforward.processes.fast_path_protocol import FastPathProtocol
from service.app import create_app
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.settings import Settings

LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF_A_HEAD = LIVE[:40]
BODY = b'{"model": "nobody", "inputs": [[1]]}'
POST = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
)


DOCUMENT = LIVE.replace(b"/health/live", b"/openapi.json")


class NoEngine:
    """Nothing is trained here."""

    def submit(self, job_id: str) -> None: ...


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes) -> int:
        self.writer.write(request)
        return await self.status()

    async def status(self) -> int:
        """Of the next answer, which is read whole."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        return int(head.split()[1])

    async def is_closed(self) -> bool:
        try:
            return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True


Connect = Callable[[], Coroutine[None, None, Client]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, log_level="WARNING")


@asynccontextmanager
async def served(
    settings: Settings, limits: ConnectionLimits, state: ServerState | None = None, other_app: ASGIApp | None = None
) -> AsyncIterator[Connect]:
    """Opens connections to an application with these limits. Each has been answered once."""
    database = Database.of(settings)
    ensure_current(database)
    app = create_app(settings, database, NoEngine())
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    config.loaded_app = other_app or config.loaded_app
    state = state or ServerState()
    accept = partial(FastPathProtocol, config, state, {}, limits=limits)
    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    opened: list[Client] = []

    async def connect() -> Client:
        opened.append(Client(*await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])))
        return opened[-1]

    yield connect
    for client in opened:
        client.writer.close()
    server.close()
    await server.wait_closed()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=5)
    app.micro_batches._predictor.close()
    database.close()


HALF_HEADS = {
    "at once": (b"", HALF_A_HEAD),
    "behind an answer": (LIVE, HALF_A_HEAD),
    "behind a request that is answered": (b"", LIVE + HALF_A_HEAD),
    "of one byte": (b"", b"G"),
}


@pytest.mark.parametrize(("before", "half"), HALF_HEADS.values(), ids=HALF_HEADS)
def test_a_head_that_stays_away_is_given_up(settings: Settings, before: bytes, half: bytes):
    async def run() -> None:
        async with served(settings, ConnectionLimits(head_seconds=0.2)) as connect:
            client = await connect()
            if before:
                assert await client.ask(before) == 200
            client.writer.write(half)
            if LIVE in half:
                assert await client.status() == 200
            assert await client.status() == 408
            client.writer.write_eof()
            assert await client.is_closed()

    asyncio.run(run())


def test_a_head_gains_no_time_by_its_bytes(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(head_seconds=0.2)) as connect:
            client = await connect()
            client.writer.write(HALF_A_HEAD)
            status = asyncio.ensure_future(client.status())
            while not status.done():
                client.writer.write(b"b")
                await asyncio.wait([status], timeout=0.02)
            assert status.result() == 408

    asyncio.run(run())


def test_a_body_may_take_longer_than_a_head(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(head_seconds=0.2)) as connect:
            slow, late = await connect(), await connect()
            slow.writer.write(POST + BODY[:5])
            assert await late.ask(LIVE + HALF_A_HEAD) == 200  # so the other one's head was there before
            assert await late.status() == 408
            assert await slow.ask(BODY[5:]) == 404

    asyncio.run(run())


def test_the_connection_that_is_idle_for_longest_makes_room(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(3)) as connect:
            silent, half, idle = [await connect() for _ in range(3)]
            assert [await silent.ask(LIVE), await half.ask(LIVE + HALF_A_HEAD), await idle.ask(LIVE)] == [200] * 3
            assert await silent.ask(LIVE) == 200
            newest = await connect()
            assert await newest.ask(LIVE) == 200
            assert await half.is_closed()
            assert await (await connect()).ask(LIVE) == 200
            assert await idle.is_closed()
            assert [await silent.ask(LIVE), await newest.ask(LIVE)] == [200, 200]

    asyncio.run(run())


def test_a_request_that_is_answered_is_never_cut_for_another(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(2)) as connect:
            busy, idle = await connect(), await connect()
            busy.writer.write(POST + BODY[:5])
            assert await idle.ask(LIVE) == 200
            also_busy = await connect()
            assert await idle.is_closed()
            also_busy.writer.write(POST + BODY[:5])
            assert await until_refused(connect) == 503
            assert [await busy.ask(BODY[5:]), await also_busy.ask(BODY[5:])] == [404, 404]
            assert await (await connect()).ask(LIVE) == 200

    async def until_refused(connect: Connect) -> int:
        """New connections take each other's place until all others are found busy."""
        status = 200
        while status == 200:
            client = await connect()
            status = await client.ask(LIVE)
        assert await client.is_closed()
        return status

    asyncio.run(run())


PAUSED = {
    "a body": POST + BODY[:5],
    "a form": POST.replace(b"application/json", b"multipart/form-data; boundary=x").replace(b"/predict", b"/train")
    + b"--x",
    "a table": POST.replace(b"application/json", b"text/csv").replace(b"/predict", b"/datasets") + b"a,b",
}


@pytest.mark.parametrize("sent", PAUSED.values(), ids=PAUSED)
def test_a_request_whose_body_has_paused_makes_room(settings: Settings, sent: bytes):
    async def run() -> None:
        async with served(settings, ConnectionLimits(1, head_seconds=0.2, pause_seconds=0.2)) as connect:
            paused = await connect()
            paused.writer.write(sent)
            await until_served(connect)
            assert await paused.is_closed()

    asyncio.run(run())


def test_a_body_that_comes_is_no_pause(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(2, pause_seconds=0.5)) as connect:
            slow, paused = await connect(), await connect()
            slow.writer.write(POST)
            paused.writer.write(POST)
            served_newcomer = asyncio.ensure_future(until_served(connect))
            sent = 0
            while not served_newcomer.done() and sent < len(BODY) - 1:
                slow.writer.write(BODY[sent : sent + 1])
                sent += 1
                await asyncio.wait([served_newcomer], timeout=0.05)
            await served_newcomer
            assert await slow.ask(BODY[sent:]) == 404
            assert await paused.is_closed()

    asyncio.run(run())


def test_a_request_that_is_being_answered_is_no_pause(settings: Settings):
    async def run() -> None:
        busy = Busy()
        async with served(settings, ConnectionLimits(1, pause_seconds=0.0), other_app=busy) as connect:
            client = await connect()
            client.writer.write(POST + BODY[:5])
            await busy.has_begun.wait()
            newcomer = await connect()
            newcomer.writer.write(LIVE)
            assert await newcomer.is_closed() is False  # its answer has begun
            busy.may_end.set()
            assert await client.status() == 200

    asyncio.run(run())


class Busy:
    """An application that works on a part of a body, while the rest of it does not come."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        self.has_begun.set()
        await self.may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


async def until_served(connect: Connect) -> None:
    """Newcomers until there is room for one."""
    async with asyncio.timeout(60):
        while await (await connect()).ask(LIVE) == 503:
            pass


def test_silent_connections_are_closed_where_descriptors_run_short(settings: Settings):
    async def run() -> None:
        async with served(settings, ConnectionLimits(4, head_seconds=0.2, first_byte_seconds=0.2)) as connect:
            clients = [await connect() for _ in range(3)]
            assert [await client.is_closed() for client in clients] == [True] * 3
            assert await (await connect()).ask(LIVE) == 200

    asyncio.run(run())


class Stream:
    """An application whose answer never ends before its client leaves."""

    def __init__(self) -> None:
        self.has_ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sending = asyncio.ensure_future(self._send_all(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        sending.cancel()
        self.has_ended.set()

    async def _send_all(self, send: Send) -> None:
        while True:
            await send({"type": "http.response.body", "body": b"x" * 32 * 1024, "more_body": True})
            await asyncio.sleep(0)


UNREAD = {"answers to requests sent ahead": None, "a stream": Stream}
unread_kinds = pytest.mark.parametrize("stream", UNREAD.values(), ids=UNREAD)


@unread_kinds
def test_a_client_that_reads_nothing_is_given_up(settings: Settings, stream: type[Stream] | None):
    async def run() -> None:
        state, limits = ServerState(), ConnectionLimits(head_seconds=0.2, stalled_seconds=0.2)
        async with served(settings, limits, state, stream and stream()) as connect:
            (await connect()).writer.write(DOCUMENT * 16)
            await until(lambda: state.connections)
            await until(lambda: not state.connections)

    asyncio.run(run())


@unread_kinds
def test_a_client_that_reads_nothing_makes_room(settings: Settings, stream: type[Stream] | None):
    async def run() -> None:
        state, limits = ServerState(), ConnectionLimits(1, head_seconds=0.2, pause_seconds=0.1)
        async with served(settings, limits, state, stream and stream()) as connect:
            (await connect()).writer.write(DOCUMENT * 16)
            await until(lambda: state.connections)
            (deaf,) = state.connections
            await until(lambda: deaf.transport.get_write_buffer_size())
            async with asyncio.timeout(60):
                while await status_for_newcomer(connect) == 503:
                    pass  # until it has read nothing for a moment
            assert deaf not in state.connections

    async def status_for_newcomer(connect: Connect) -> int:
        newcomer = await connect()
        newcomer.writer.write(LIVE)
        return int((await newcomer.reader.readuntil(b"\r\n\r\n")).split()[1])

    asyncio.run(run())


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def test_the_answer_to_a_client_that_left_ends_whatever_it_had_sent_ahead(settings: Settings):
    async def run() -> None:
        stream = Stream()
        async with served(settings, ConnectionLimits(), other_app=stream) as connect:
            client = await connect()
            client.writer.write(LIVE * 2)
            await client.reader.readuntil(b"\r\n\r\n")
            client.writer.transport.abort()
            await until(stream.has_ended.is_set)

    asyncio.run(run())


def test_connections_without_room_leave_descriptors_for_the_rest(settings: Settings):
    async def run() -> None:
        state = ServerState()
        async with served(settings, ConnectionLimits(1), state) as connect:
            (await connect()).writer.write(POST)
            for _ in range(60):
                client = await connect()
                client.writer.write(POST)
                with suppress(ConnectionError, asyncio.IncompleteReadError):
                    assert await client.status() == 503
                assert len(state.connections) < 40

    asyncio.run(run())


def test_the_most_connections_leave_descriptors_for_the_rest():
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert ConnectionLimits().most == (4096 if soft == resource.RLIM_INFINITY else min(4096, soft - 128))
