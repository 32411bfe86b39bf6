"""Decompression of gzip, deflate and zstd in small pieces, however much a few bytes expand to."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

LARGEST_OUTPUT_BYTES = 256 * 1024
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Many tiny members would cost more time than their bytes are worth. Files of blocks have one for each 64 KiB.
MOST_IN_BODY, MOST_IN_FILE = 1_000, 100_000
# 32 has zlib tell gzip and zlib streams apart by their first bytes.
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
# A body's window is at most 8 MiB (RFC 9659); a file's is the largest that the command `zstd` uses by default.
BODY_WINDOW_LOG, FILE_WINDOW_LOG = 23, 27


class DamagedData(Exception):
    """The bytes are not what their compression format requires."""


class _Member(Protocol):
    """One compressed stream; a file or a body may hold several, one after the other."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _ZlibMember:
    """zlib's object with the interface of those of bz2, lzma and zstd: it keeps the input that it has not used yet."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(GZIP_OR_ZLIB)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        piece = self._stream.decompress(self._stream.unconsumed_tail + data, max_length)
        self.needs_input = not self._stream.unconsumed_tail and len(piece) < max_length
        return piece


class Decompression:
    """Compressed bytes in, at most LARGEST_OUTPUT_BYTES out at a time."""

    def __init__(self, new_member: Callable[[], _Member], damage: type[Exception], most_members: int) -> None:
        self._new_member, self._damage = new_member, damage
        self._member = new_member()
        self._left = most_members - 1

    def take(self, data: bytes = b"") -> bytes:
        """The next piece, which may be empty. Raises DamagedData."""
        if self._member.eof:
            data = self._member.unused_data + data
            if not data:
                return b""
            if not self._left:
                raise DamagedData("it consists of too many parts")
            self._member, self._left = self._new_member(), self._left - 1
        try:
            return self._member.decompress(data, LARGEST_OUTPUT_BYTES)
        except self._damage as error:
            raise DamagedData(str(error)) from None

    @property
    def has_more(self) -> bool:
        """Whether `take` has more output without further input."""
        return bool(self._member.unused_data) if self._member.eof else not self._member.needs_input

    @property
    def is_complete(self) -> bool:
        """Whether the input so far is complete."""
        return self._member.eof and not self._member.unused_data


def of_body(encoding: bytes) -> Decompression | None:
    """For a Content-Encoding in lower case; None for an unknown one."""
    if encoding in {b"gzip", b"x-gzip", b"deflate"}:
        return Decompression(_ZlibMember, zlib.error, MOST_IN_BODY)
    return _zstd(BODY_WINDOW_LOG, MOST_IN_BODY) if encoding == b"zstd" else None


def of_file(start: bytes) -> Decompression | None:
    """For a file's first bytes; None where it is not compressed."""
    if start.startswith(GZIP_MAGIC):
        return Decompression(_ZlibMember, zlib.error, MOST_IN_FILE)
    return _zstd(FILE_WINDOW_LOG, MOST_IN_FILE) if start.startswith(ZSTD_MAGIC) else None


def _zstd(window_log: int, most_members: int) -> Decompression:
    # Imported here, since it takes as long as a request, and few requests need it.
    if sys.version_info >= (3, 14):
        from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
    else:
        from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

    options: dict[int, int] = {DecompressionParameter.window_log_max: window_log}
    return Decompression(lambda: ZstdDecompressor(options=options), ZstdError, most_members)
