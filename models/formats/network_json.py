"""The whole network as one JSON text that people can read: exact, one tensor on a line.

Numbers are the shortest that read back as the same float32 or float64. To change a number by hand, remove the digest
`sha256` too; where there is a digest, it must be that of the content.
"""

from typing import Any

import numpy as np

from models.arrays import Array
from models.errors import BadFile, shorten
from models.formats.description import assemble, canonical_json, describe, read_json, tensors_of
from models.formats.digest import DIGEST, checked_digest, with_digest
from models.inference.trained_network import TrainedNetwork

TENSORS = "tensors"


def dumps(trained: TrainedNetwork) -> bytes:
    """The network as JSON text, in ASCII."""
    tensors = tensors_of(trained)
    described = with_digest(describe(trained), tensors)
    fields = [f"{canonical_json(key)}: {canonical_json(value)}" for key, value in described.items()]
    lines = [f"{canonical_json(name)}: {_numbers(tensor)}" for name, tensor in tensors.items()]
    body = ",\n".join([*fields, f'"{TENSORS}": {{\n' + ",\n".join(lines) + "\n}"])
    return f"{{\n{body}\n}}\n".encode("ascii")


def loads(data: bytes) -> TrainedNetwork:
    """The trained network. Raises BadFile for any text that does not describe a whole network."""
    return from_value(read_json(data), len(data))


def from_value(value: object, size_limit: int) -> TrainedNetwork:
    """The trained network from decoded JSON; `size_limit` is the size of its text in bytes."""
    if not isinstance(value, dict) or not isinstance(value.get(TENSORS), dict):
        raise BadFile(f"a network in JSON is an object with its {TENSORS!r}")
    description = {key: item for key, item in value.items() if key != TENSORS}
    dtype = _dtype(description)
    tensors = {name: _tensor(name, item, dtype) for name, item in value[TENSORS].items()}
    if DIGEST in description:
        description = checked_digest(description, tensors)
    return assemble(description, tensors, 8 * size_limit)


def _numbers(tensor: Array) -> str:
    """The tensor as nested lists; `str` of a NumPy float is the shortest text that reads back as the same number."""
    if tensor.ndim > 1:
        return "[" + ",".join(_numbers(row) for row in tensor) + "]"
    return "[" + ",".join(map(str, tensor)) + "]"


def _dtype(description: dict[str, Any]) -> np.dtype[Any]:
    network = description.get("network")
    name = network.get("dtype") if isinstance(network, dict) else None
    if name not in ("float32", "float64"):
        raise BadFile(f"the network's dtype must be float32 or float64, not {shorten(name)}")
    return np.dtype(name)


def _tensor(name: str, value: object, dtype: np.dtype[Any]) -> Array:
    if not _holds_numbers(value):
        raise BadFile(f"tensor {shorten(name)} is no list of numbers")
    try:
        wide = np.array(value, dtype=np.float64)
    except (ValueError, OverflowError) as fault:
        raise BadFile(f"tensor {shorten(name)} is no list of rows of the same length") from fault
    with np.errstate(over="ignore"):
        return wide.astype(dtype)


def _holds_numbers(value: object) -> bool:
    """Whether the value is a list of numbers, or of such lists; booleans and texts are not numbers."""
    if not isinstance(value, list):
        return False
    kinds = set(map(type, value))
    return kinds <= {int, float} or (kinds == {list} and all(_holds_numbers(row) for row in value))
