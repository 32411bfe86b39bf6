"""The binary tensor extension's frame: a JSON head, whose length a header tells, and the tensors' bytes behind it."""

from __future__ import annotations

import struct

from service.problems import shorten
from service.serving.v2.errors import BadInference

HEADER = "Inference-Header-Content-Length"


def split_body(body: bytes, head_length: bytes | None) -> tuple[bytes, memoryview | None]:
    """The JSON head and the tail; no tail without the header. Raises BadInference."""
    if head_length is None:
        return body, None
    text = head_length.decode("latin-1").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadInference(f"{HEADER} must be a whole number of bytes, not {shorten(text, 40)!r}.")
    length = int(text)
    if length > len(body):
        raise BadInference(f"{HEADER} is {length}, but the body has only {len(body)} bytes.")
    return body[:length], memoryview(body)[length:]


def split_elements(content: memoryview, count: int, name: str) -> list[bytes]:
    """The elements of a BYTES tensor: each a length of four bytes, then that many bytes. Raises BadInference."""
    elements: list[bytes] = []
    place, end = 0, len(content)
    while place < end and len(elements) < count:
        if end - place < 4:
            break
        (length,) = struct.unpack_from("<I", content, place)
        place += 4
        if length > end - place:
            raise BadInference(f"An element of input `{name}` is said to have {length} bytes, past the input's end.")
        elements.append(bytes(content[place : place + length]))
        place += length
    if place != end or len(elements) != count:
        raise BadInference(f"The bytes of input `{name}` are not {count} elements, each with its length before it.")
    return elements


def frame(element: bytes) -> bytes:
    """An element of a BYTES tensor with its length before it."""
    return struct.pack("<I", len(element)) + element
