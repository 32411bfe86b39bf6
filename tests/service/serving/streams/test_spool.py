"""The bytes of a response that wait on the disk: what the disk refuses is a problem, whenever it says so."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from service.problems import Unavailable
from service.serving.streams.spool import IN_MEMORY_BYTES, Spool

MOST_BYTES = 2 * IN_MEMORY_BYTES


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to make any file of this process larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# Pieces smaller and larger than the buffer of a file: the system refuses them late, or at once.
@pytest.mark.parametrize("piece_bytes", [3_000, 300_000])
def test_a_response_that_the_disk_refuses_is_unavailable_and_can_still_be_closed(piece_bytes):
    with closing(asyncio.new_event_loop()) as loop, files_no_larger_than(MOST_BYTES):
        spool = Spool(loop)
        with pytest.raises(Unavailable):
            write_pieces(spool, bytes(piece_bytes))
        spool.close()


def write_pieces(spool: Spool, piece: bytes) -> None:
    for _ in range(2 * MOST_BYTES // len(piece)):
        spool.write(piece)
