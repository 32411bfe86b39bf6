"""The protocol's data types: their names, their bytes, and what JSON may hold for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
NUMBERS: frozenset[type] = frozenset({int, float})
WHOLE_NUMBERS: frozenset[type] = frozenset({int})


@dataclass(frozen=True, slots=True)
class Datatype:
    """`size` is the bytes of one element; BYTES has none of its own. `kinds` are the JSON types it takes."""

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
    one.name: one
    for one in (
        _sized("BOOL", "u1", frozenset({bool})),
        *(_sized(f"UINT{8 * size}", f"<u{size}", WHOLE_NUMBERS) for size in (1, 2, 4, 8)),
        *(_sized(f"INT{8 * size}", f"<i{size}", WHOLE_NUMBERS) for size in (1, 2, 4, 8)),
        *(_sized(f"FP{8 * size}", f"<f{size}", NUMBERS) for size in (2, 4, 8)),
        _sized("BF16", "<u2", frozenset()),
        Datatype("BYTES", "O", 0, frozenset({str})),
    )
}
