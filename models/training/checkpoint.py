"""A training state to bytes and back, bit for bit, with no pickle.

The form: eight bytes that name it, the length of the header (8 bytes, little-endian), the header as JSON (values, and
the name, type and shape of each array), the arrays' bytes one after the other, and SHA-256 of all of that.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.errors import BadCheckpoint

_MAGIC = b"FFSTATE1"
_DIGEST_BYTES = 32
_TYPES = {"float32": "<f4", "float64": "<f8", "int64": "<i8"}


@dataclass(frozen=True)
class State:
    """JSON values and arrays by name; floats in JSON are written so that they read back as the same number."""

    values: Mapping[str, object]
    arrays: Mapping[str, Array]


def to_bytes(state: State) -> bytes:
    """The state in the form that this module describes."""
    described = [[name, str(array.dtype), list(array.shape)] for name, array in state.arrays.items()]
    header = json.dumps({"values": state.values, "arrays": described}, allow_nan=False).encode()
    parts = [_MAGIC, len(header).to_bytes(8, "little"), header]
    parts += [array.astype(_TYPES[str(array.dtype)], copy=False).tobytes() for array in state.arrays.values()]
    body = b"".join(parts)
    return body + hashlib.sha256(body).digest()


def from_bytes(data: bytes) -> State:
    """The state that `to_bytes` wrote. Raises BadCheckpoint where a byte is missing or changed."""
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
        raise BadCheckpoint("The checkpoint is truncated or corrupted; start the training again.")
    header_end = 16 + int.from_bytes(body[8:16], "little")
    header = json.loads(body[16:header_end])
    return State(header["values"], _read_arrays(header["arrays"], body, header_end))


def _read_arrays(described: list[tuple[str, str, list[int]]], body: bytes, start: int) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, kind, shape in described:
        count = math.prod(shape)
        stored = np.frombuffer(body, _TYPES[kind], count, start)
        arrays[name] = stored.astype(kind).reshape(shape)
        start += stored.nbytes
    return arrays


def restore_arrays(targets: Mapping[str, Array], stored: Mapping[str, Array]) -> None:
    """Write the stored arrays into those of a training, in place. Raises BadCheckpoint where one does not fit."""
    for name, target in targets.items():
        array = stored.get(name)
        if array is None or array.shape != target.shape or array.dtype != target.dtype:
            raise BadCheckpoint(f"The checkpoint belongs to another training: {name} differs.")
        target[...] = array
