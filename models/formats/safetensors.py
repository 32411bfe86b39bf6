"""The form in which versions are stored: the safetensors layout with one metadata key, `feedforward`.

The first eight bytes are the length of a JSON header, which says where each tensor is in the rest. The bytes are a pure
function of the trained network, so that their SHA-256 names it.
"""

import hashlib
from typing import Any

import numpy as np

from models.arrays import Array
from models.errors import BadFile
from models.formats.description import assemble, canonical_json, describe, read_json, tensors_of
from models.formats.digest import checked_digest, with_digest
from models.inference.trained_network import TrainedNetwork

METADATA_KEY = "feedforward"
LARGEST_HEADER = 64 * 2**20
_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def dumps(trained: TrainedNetwork) -> bytes:
    """The network as a file, with its tensors in name order."""
    from safetensors.numpy import save

    tensors = tensors_of(trained)
    return save(tensors, {METADATA_KEY: canonical_json(with_digest(describe(trained), tensors))})


def loads(data: bytes) -> TrainedNetwork:
    """The trained network. Raises BadFile for any other file; memory is bounded by the size of the file."""
    description, tensors = read_json(_metadata(data)), _tensors(data)
    return assemble(checked_digest(description, tensors), tensors, len(data))


def weights_sha256(data: bytes) -> str:
    """The name of the weights: SHA-256 of exactly these bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _metadata(data: bytes) -> str:
    """The text under the metadata key `feedforward`, which must be the only one."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(LARGEST_HEADER, len(data) - 8):
        raise BadFile("the header is longer than the file; it was cut, or is no safetensors file")
    header = read_json(data[8 : 8 + length])
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or set(metadata) != {METADATA_KEY}:
        raise BadFile(f"the file was not written by feedforward: it lacks the metadata {METADATA_KEY!r} alone")
    text = metadata[METADATA_KEY]
    if not isinstance(text, str):
        raise BadFile(f"the metadata {METADATA_KEY!r} is no text")
    return text


def _tensors(data: bytes) -> dict[str, Array]:
    from safetensors import SafetensorError, deserialize

    try:
        entries: list[tuple[str, dict[str, Any]]] = deserialize(data)  # type: ignore[no-untyped-call]  # not typed there
    except SafetensorError as fault:
        raise BadFile("this is no whole safetensors file; it was cut or changed") from fault
    return {name: _tensor(name, entry["dtype"], entry["shape"], entry["data"]) for name, entry in entries}


def _tensor(name: str, dtype: str, shape: list[int], data: bytearray) -> Array:
    if dtype not in _DTYPES:
        raise BadFile(f"tensor {name!r} is of type {dtype}, and a network's are F32 or F64")
    return np.frombuffer(data, dtype=_DTYPES[dtype]).reshape(shape)
