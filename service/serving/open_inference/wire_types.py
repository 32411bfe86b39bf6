"""The protocol's wire: data types with their bytes and JSON, the binary tensor extension's frame, and errors."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.problems import Problem, shorten

Array = NDArray[Any]
NUMBERS: frozenset[type] = frozenset({int, float})
WHOLE_NUMBERS: frozenset[type] = frozenset({int})
HEADER = "Inference-Header-Content-Length"


@dataclass(frozen=True, slots=True)
class Datatype:
    """`size` is the bytes of one element; BYTES has none of its own. `kinds` are the valid JSON types."""

    name: str
    stored: str
    size: int
    kinds: frozenset[type]

    @property
    def is_number(self) -> bool:
        return self.name not in {"BOOL", "BYTES"}

    def from_bytes(self, content: bytes | memoryview) -> Array:
        """The elements, little-endian whatever the machine; BF16 is widened to float32, whose upper half it is."""
        raw = np.frombuffer(content, self.stored)
        return (raw.astype("<u4") << 16).view("<f4") if self.name == "BF16" else raw


def _sized(name: str, stored: str, kinds: frozenset[type]) -> Datatype:
    return Datatype(name, stored, np.dtype(stored).itemsize, kinds)


DATATYPES: dict[str, Datatype] = {
    datatype.name: datatype
    for datatype in (
        _sized("BOOL", "u1", frozenset({bool})),
        *(_sized(f"UINT{8 * size}", f"<u{size}", WHOLE_NUMBERS) for size in (1, 2, 4, 8)),
        *(_sized(f"INT{8 * size}", f"<i{size}", WHOLE_NUMBERS) for size in (1, 2, 4, 8)),
        *(_sized(f"FP{8 * size}", f"<f{size}", NUMBERS) for size in (2, 4, 8)),
        _sized("BF16", "<u2", frozenset()),
        Datatype("BYTES", "O", 0, frozenset({str})),
    )
}


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
    position, end = 0, len(content)
    while position < end and len(elements) < count:
        if end - position < 4:
            break
        (length,) = struct.unpack_from("<I", content, position)
        position += 4
        if length > end - position:
            raise BadInference(f"An element of input `{name}` declares {length} bytes, more than the input has left.")
        elements.append(bytes(content[position : position + length]))
        position += length
    if position != end or len(elements) != count:
        raise BadInference(f"The bytes of input `{name}` are not {count} elements, each with its length before it.")
    return elements


def frame(element: bytes) -> bytes:
    """An element of a BYTES tensor with its length before it."""
    return struct.pack("<I", len(element)) + element


class BadInference(Problem):
    """A request of the Open Inference Protocol that is not valid. The detail says what to change."""

    status, slug, title = 400, "bad-inference", "The inference request is not valid"
