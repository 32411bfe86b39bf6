"""The server's connection itself, where the order of what happens in one turn of its event loop decides."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from feedforward.processes.connection_limits import ConnectionLimits
from feedforward.processes.fast_path_protocol import FastPathProtocol
from feedforward.processes.guarded_connection import GuardedConnection
from models.formats import safetensors
from service.app import create_app
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import versions
from service.settings import Settings
from tests.support.serving import networks

BODY = b'{"model":"line","inputs":[[1]]}'
REQUEST = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n" + BODY
)
both_ways = pytest.mark.parametrize("protocol", [FastPathProtocol, GuardedConnection])
BAD_REQUEST = REQUEST.replace(b"[[1]]", b"[[x]]")


class NoEngine:
    """Nothing is trained here."""

    def submit(self, job_id: str) -> None: ...


class Ends:
    """Both ends of one connection."""

    def __init__(self, server: GuardedConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer

    async def ask(self, request: bytes = REQUEST) -> bytes:
        self.writer.write(request)
        return await self.read()

    async def read(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await self.reader.readexactly(length)


@asynccontextmanager
async def served(
    settings: Settings, keep_alive: float = 75, protocol: type[GuardedConnection] = FastPathProtocol
) -> AsyncIterator[Callable[[], Awaitable[Ends]]]:
    """Opens connections to an application with a model `line`, 2 x + 1, whose head is known already."""
    database = Database.of(settings)
    ensure_current(database)
    trained = networks.line()
    signature, metrics = trained.signature.to_json(), {"training": None, "validation": None}
    new = versions.NewVersion(
        task=trained.task, signature=signature, metrics=metrics, weights=safetensors.dumps(trained), environment={}
    )
    with database.write() as session:
        versions.add(session, "line", new, "test")
    app = create_app(settings, database, NoEngine())
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=keep_alive)
    config.load()
    opened: list[GuardedConnection] = []
    limits = ConnectionLimits()

    def accept() -> GuardedConnection:
        opened.append(protocol(config, ServerState(), {}, limits=limits))
        return opened[-1]

    async def connect() -> Ends:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not opened or opened[-1].transport is None:
            await asyncio.sleep(0)
        ends.append(Ends(opened.pop(), reader, writer))
        return ends[-1]

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    port, ends = server.sockets[0].getsockname()[1], []
    for _ in range(2):  # to load the version, and to have the head known
        assert b'{"value":3.0}' in await (await connect()).ask()
    yield connect
    for one in ends:
        one.writer.close()
    server.close()
    await server.wait_closed()
    app.micro_batches._predictor.close()
    database.close()


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data=tmp_path, log_level="WARNING")


def test_a_known_request_makes_no_cycle_and_any_other_does(settings):
    async def run() -> None:
        async with served(settings) as connect:
            quick, layered = await connect(), await connect()
            assert b'{"value":3.0}' in await quick.ask()
            assert quick.server.cycle is None
            assert b'{"value":3.0}' in await layered.ask(REQUEST.replace(b"Host:", b"X-Way: layers\r\nHost:"))
            assert layered.server.cycle is not None

    asyncio.run(run())


@both_ways
def test_what_is_asked_when_the_server_ends_is_answered_and_then_closed(settings, protocol):
    async def run() -> None:
        async with served(settings, protocol=protocol) as connect:
            for request, status in ((REQUEST, b"200"), (BAD_REQUEST, b"400")):
                ends = await connect()
                ends.server.data_received(request)
                ends.server.shutdown()
                answer = await ends.read()
                assert answer.startswith(b"HTTP/1.1 " + status)
                assert b"\r\nconnection: close\r\n" in answer
                assert await ends.reader.read() == b""

    asyncio.run(run())


@both_ways
def test_a_body_half_there_when_the_server_ends_is_waited_for(settings, protocol):
    async def run() -> None:
        async with served(settings, protocol=protocol) as connect:
            ends = await connect()
            ends.server.data_received(REQUEST[:-5])
            ends.server.shutdown()
            ends.server.data_received(REQUEST[-5:])
            answer = await ends.read()
            assert b'{"value":3.0}' in answer
            assert b"\r\nconnection: close\r\n" in answer
            assert await ends.reader.read() == b""

    asyncio.run(run())


def test_what_comes_in_the_same_turn_is_answered_after_it(settings):
    async def run() -> None:
        async with served(settings) as connect:
            for first in (REQUEST, BAD_REQUEST):
                ends = await connect()
                for piece in (
                    first,
                    REQUEST.replace(b"[[1]]", b"[[5]]")[:40],
                    REQUEST.replace(b"[[1]]", b"[[5]]")[40:],
                ):
                    ends.server.data_received(piece)
                statuses = (await ends.read())[9:12], (await ends.read())
                assert statuses[0] == (b"200" if first == REQUEST else b"400")
                assert b'{"value":11.0}' in statuses[1]

    asyncio.run(run())


def test_what_comes_behind_a_request_is_not_read_on_before_its_answer(settings):
    async def run() -> None:
        async with served(settings) as connect:
            for first in (REQUEST, BAD_REQUEST):
                ends = await connect()
                ends.server.data_received(first)
                assert ends.server.transport.is_reading()
                ends.server.data_received(REQUEST)
                assert not ends.server.transport.is_reading()
                assert (await ends.read())[9:12] == (b"200" if first == REQUEST else b"400")
                assert b'{"value":3.0}' in await ends.read()
                assert b'{"value":3.0}' in await ends.ask()

    asyncio.run(run())


def test_of_requests_sent_ahead_few_are_kept_waiting_and_all_are_answered(settings):
    async def run() -> None:
        async with served(settings) as connect:
            ends = await connect()
            layered = REQUEST.replace(b"Host:", b"X-Way: layers\r\nHost:")
            ends.server.data_received(layered * 1000)
            assert len(ends.server.pipeline) < 100
            for number in range(1000):
                assert not ends.server.transport.is_reading() or number > 900
                assert b'{"value":3.0}' in await ends.read()
            assert b'{"value":3.0}' in await ends.ask()

    asyncio.run(run())


def test_a_client_that_left_is_no_error(settings):
    async def run() -> None:
        async with served(settings) as connect:
            for request in (REQUEST, BAD_REQUEST, REQUEST[:-5]):
                ends = await connect()
                ends.server.data_received(request)
                ends.server.transport.abort()
            assert b'{"value":3.0}' in await (await connect()).ask()

    asyncio.run(run())


def test_a_connection_that_is_quiet_for_long_is_closed_and_one_that_asks_is_kept(settings):
    async def run() -> None:
        async with served(settings, keep_alive=0.3) as connect:
            busy, quiet = await connect(), await connect()
            await quiet.ask()
            closed = asyncio.ensure_future(quiet.reader.read())
            while not closed.done():  # each answer begins the time anew
                assert b"200 OK" in await busy.ask()
            assert closed.result() == b""
            assert await busy.reader.read() == b""

    asyncio.run(run())


def test_heads_that_are_never_the_same_fill_no_memory(settings):
    async def run() -> None:
        async with served(settings) as connect:
            ends = await connect()
            for number in range(1200):
                agent = b"User-Agent: %d\r\nHost:" % number
                assert b"200 OK" in await ends.ask(REQUEST.replace(b"Host:", agent))
            assert len(ends.server.config.app.micro_batches.heads.known) <= 1000

    asyncio.run(run())


def test_the_same_number_has_the_same_text_either_way(settings):
    async def run() -> None:
        async with served(settings) as connect:
            ends = await connect()
            for number in (0.1, 1e22, 5e-324, -0.0, 2**53):
                body = json.dumps({"model": "line", "inputs": [[number]]}).encode()
                head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                asked = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
                bodies = {(await ends.ask(asked)).split(b"\r\n\r\n")[1] for _ in range(3)}
                assert len(bodies) == 1
                assert (await ends.ask(asked.replace(b"Host:", b"X-Way: layers\r\nHost:"))).endswith(bodies.pop())

    asyncio.run(run())


@both_ways
@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_client_that_will_send_nothing_more_gets_all_answers(settings, protocol, count: int):
    async def run() -> None:
        async with served(settings, protocol=protocol) as connect:
            ends = await connect()
            ends.writer.write(REQUEST * count)
            ends.writer.write_eof()
            for _ in range(count):
                assert b'{"value":3.0}' in await ends.read()
            assert await ends.reader.read() == b""

    asyncio.run(run())


@both_ways
def test_a_request_that_will_never_be_whole_is_not_waited_for(settings, protocol):
    async def run() -> None:
        async with served(settings, protocol=protocol) as connect:
            for part in (REQUEST[:-5], REQUEST[:40]):
                ends = await connect()
                ends.writer.write(part)
                ends.writer.write_eof()
                assert await ends.reader.read() == b""

    asyncio.run(run())


@both_ways
def test_what_comes_before_a_request_that_will_never_be_whole_is_answered(settings, protocol):
    async def run() -> None:
        async with served(settings, protocol=protocol) as connect:
            for part in (REQUEST[:-5], REQUEST[:40]):
                ends = await connect()
                ends.writer.write(REQUEST * 2 + part)
                ends.writer.write_eof()
                assert [b'{"value":3.0}' in await ends.read() for _ in range(2)] == [True, True]
                assert await ends.reader.read() == b""

    asyncio.run(run())
