"""Bodies as the limits see them arrive: piece by piece, up to a size and a moment."""

import asyncio
import time
from collections.abc import Coroutine

import pytest
from starlette.types import Message, Receive

from service.api.middleware.body_limits import TICK_SECONDS, CountedBody, Deadlines
from service.problems import RequestTimeout, TooLarge

LIMIT = (10, "FEEDFORWARD_MAX_TRAIN_BYTES")
MEBIBYTE = 1024 * 1024
SOON_SECONDS = 0.05


def arriving(*pieces: bytes, is_whole: bool = True) -> Receive:
    """A `receive` of these pieces; a body that is not whole never ends."""
    remaining = list(pieces)

    async def receive() -> Message:
        if not remaining:
            await asyncio.Event().wait()
        piece = remaining.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(remaining) or not is_whole}

    return receive


def counted(receive: Receive, timeout_seconds: float = 60, deadlines: Deadlines | None = None) -> CountedBody:
    return CountedBody(receive, LIMIT, timeout_seconds, deadlines or Deadlines())


async def read(body: CountedBody) -> bytes:
    content, has_more = b"", True
    while has_more:
        message = await body.receive()
        content, has_more = content + message["body"], message["more_body"]
    return content


def run(test: Coroutine[object, object, None]) -> None:
    """Run a coroutine, which fails if it waits for half a minute."""
    asyncio.run(asyncio.wait_for(test, 30))


def test_a_body_of_the_limit_is_read_and_a_byte_more_is_refused():
    async def test() -> None:
        assert await read(counted(arriving(b"12345", b"67890"))) == b"1234567890"
        with pytest.raises(TooLarge, match=r"10 bytes.*FEEDFORWARD_MAX_TRAIN_BYTES"):
            await read(counted(arriving(b"12345", b"678901")))

    run(test())


def test_a_client_has_the_timeout_and_a_second_for_each_64_kib_that_arrived():
    async def test() -> None:
        earliest = time.monotonic()
        body = CountedBody(arriving(bytes(131_072), is_whole=False), (MEBIBYTE, ""), 60, Deadlines())
        latest = time.monotonic()
        assert earliest + 60 <= body.deadline <= latest + 60
        await body.receive()
        assert earliest + 62 <= body.deadline <= latest + 62

    run(test())


def test_a_body_that_stops_arriving_is_given_up():
    async def test() -> None:
        deadlines = Deadlines()
        for _ in range(2):
            with pytest.raises(RequestTimeout, match="FEEDFORWARD_BODY_TIMEOUT_SECONDS"):
                await read(counted(arriving(b"1", is_whole=False), SOON_SECONDS, deadlines))
            await asyncio.sleep(3 * TICK_SECONDS)  # no body is watched any more, so that the next starts the timer anew

    run(test())


def test_a_body_with_time_left_is_waited_for_while_another_is_given_up():
    async def test() -> None:
        deadlines, is_sent = Deadlines(), asyncio.Event()

        async def receive() -> Message:
            await is_sent.wait()
            return {"type": "http.request", "body": b"late"}

        patient = asyncio.create_task(read_message(counted(receive, 60, deadlines)))
        with pytest.raises(RequestTimeout):
            await read(counted(arriving(is_whole=False), SOON_SECONDS, deadlines))
        is_sent.set()
        assert await patient == b"late"

    run(test())


async def read_message(body: CountedBody) -> bytes:
    return (await body.receive())["body"]


def test_a_request_that_has_its_body_may_take_longer_than_the_body_could():
    async def test() -> None:
        deadlines, is_over = Deadlines(), asyncio.Event()

        async def serve() -> str:
            await read(counted(arriving(b"1"), SOON_SECONDS, deadlines))
            await is_over.wait()
            return "served"

        request = asyncio.create_task(serve())
        await asyncio.sleep(0)
        with pytest.raises(RequestTimeout):  # this one, which began later, is over its time, and so is the first
            await read(counted(arriving(is_whole=False), SOON_SECONDS, deadlines))
        is_over.set()
        assert await request == "served"

    run(test())


def test_a_request_that_ends_for_another_reason_is_not_reported_as_slow():
    async def test() -> None:
        request = asyncio.create_task(read(counted(arriving(is_whole=False))))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    run(test())


def test_after_a_refusal_the_rest_is_read_to_its_end_and_no_further():
    async def test() -> None:
        messages: list[Message] = [
            {"type": "http.request", "body": b"123456", "more_body": has_more} for has_more in (True, True, True, False)
        ]

        async def receive() -> Message:
            return messages.pop(0)

        body = counted(receive)
        with pytest.raises(TooLarge):
            await read(body)
        assert len(messages) == 2
        await body.linger()
        assert messages == []
        await body.linger()  # there is nothing left to wait for

    run(test())


def test_after_a_refusal_at_most_256_mib_are_read():
    async def test() -> None:
        piece, pieces_read = bytes(32 * MEBIBYTE), 0

        async def receive() -> Message:
            nonlocal pieces_read
            pieces_read += 1
            return {"type": "http.request", "body": piece, "more_body": True}

        body = counted(receive)
        with pytest.raises(TooLarge):
            await body.receive()
        await body.linger()
        assert pieces_read == 1 + 256 / 32

    run(test())
