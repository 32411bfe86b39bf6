"""Since when a client has read nothing of what the server is sending to it.

A transport reports progress only when its buffer is nearly empty, and then a client that reads slowly may have been
reading for minutes. So the bytes that are still to be acknowledged are counted from time to time, the kernel's too.
"""

from __future__ import annotations

import asyncio
import fcntl
import sys
import termios


class UnreadAnswers:
    """Of one connection. It measures whenever it is asked, which should be about every second."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._descriptor: int = transport.get_extra_info("socket").fileno()
        self._stalled_since: float | None = None
        self._unread = 0  # bytes, at the last measurement

    def stalled_since(self, now: float) -> float | None:
        """The time after which the client has read nothing; None where all is handed to the kernel."""
        unread = self._unread_bytes()
        if not unread:
            self._stalled_since = None
        elif self._stalled_since is None or unread < self._unread:
            self._stalled_since = now
        self._unread = unread
        return self._stalled_since

    def note_progress(self) -> None:
        """The buffer has become nearly empty: what is written next could hide that from the next measurement."""
        self._stalled_since = None

    def _unread_bytes(self) -> int:
        buffered = self._transport.get_write_buffer_size()
        return buffered and buffered + unacknowledged_bytes(self._descriptor)


def unacknowledged_bytes(descriptor: int) -> int:
    """What the kernel holds for the other end of a connection; 0 where the kernel does not say."""
    try:
        answer = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)
