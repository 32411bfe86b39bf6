"""A client that reads slowly differs from one that does not read, long before its connection takes new bytes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from feedforward.processes.unread_answers import UnreadAnswers

MEBIBYTE = 1024 * 1024


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.Transport, socket.socket]]:
    """A server's end of a connection, and the socket of its client."""
    loop = asyncio.get_running_loop()
    transports: asyncio.Queue[asyncio.Transport] = asyncio.Queue()

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
            transports.put_nowait(transport)

    server = await loop.create_server(Server, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()) as client:
        transport = await transports.get()
        yield transport, client
        transport.abort()
    server.close()
    await server.wait_closed()


async def fill(transport: asyncio.Transport) -> None:
    """Write more than the kernel takes at both ends, and wait until it has taken what it will."""
    transport.write(b"x" * 32 * MEBIBYTE)
    sizes: list[int] = []
    while sizes[-50:].count(transport.get_write_buffer_size()) < 50:
        sizes.append(transport.get_write_buffer_size())
        await asyncio.sleep(0.005)


def test_a_client_that_reads_a_little_has_not_stalled():
    async def run() -> None:
        async with connected() as (transport, client):
            await fill(transport)
            answers = UnreadAnswers(transport)
            assert [answers.stalled_since(now) for now in (1.0, 2.0, 3.0)] == [1.0, 1.0, 1.0]
            buffered, now = transport.get_write_buffer_size(), 4.0
            while answers.stalled_since(now) != now:
                client.recv(64 * 1024)
                now += 1
            assert now < 20
            assert transport.get_write_buffer_size() == buffered
            assert answers.stalled_since(now + 1) == now

    uvloop.run(run())


def test_a_client_that_has_read_all_has_not_stalled():
    async def run() -> None:
        async with connected() as (transport, client):
            await fill(transport)
            answers = UnreadAnswers(transport)
            assert answers.stalled_since(1.0) == 1.0
            client.setblocking(False)
            while transport.get_write_buffer_size():
                await asyncio.get_running_loop().sock_recv(client, MEBIBYTE)
            assert answers.stalled_since(2.0) is None

    uvloop.run(run())
