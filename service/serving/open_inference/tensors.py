"""Tensors of a request, from JSON or from the binary tail."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.problems import shorten
from service.serving.open_inference.wire_types import DATATYPES, BadInference, Datatype, split_elements

Array = NDArray[Any]
MOST_ELEMENTS = 2**40


class Tensor(NamedTuple):
    """`values` is flat, row by row: an array, or a list where JSON held it (with None for null) or for BYTES."""

    name: str
    datatype: Datatype
    shape: tuple[int, ...]
    values: Array | list[Any]


@dataclass(slots=True)
class Tail:
    """The bytes behind the JSON head, read in the order of the inputs."""

    content: memoryview
    position: int = 0

    def take(self, size: int, name: str) -> memoryview:
        if size > len(self.content) - self.position:
            raise BadInference(f"The body ends before the {size} bytes of input `{name}`.")
        piece = self.content[self.position : self.position + size]
        self.position += size
        return piece

    def check_end(self) -> None:
        if self.position != len(self.content):
            raise BadInference(f"The body has {len(self.content) - self.position} bytes more than its inputs declare.")


def read_tensor(entry: Any, tail: Tail | None, has_booleans: bool = True) -> Tensor:
    """One entry of `inputs`; `has_booleans` is false where the request has none. Raises BadInference."""
    name = _name(entry)
    datatype, shape = _datatype(entry, name), read_shape(entry.get("shape"), name)
    size = _parameters(entry, name).get("binary_data_size")
    if size is None:
        values = None if has_booleans else _sure_floats(entry.get("data"), datatype, prod(shape))
        return Tensor(
            name, datatype, shape, _from_json(entry, name, datatype, prod(shape)) if values is None else values
        )
    if tail is None:
        raise BadInference(f"Input `{name}` has binary_data_size, but the request has no header for binary data.")
    if "data" in entry:
        raise BadInference(f"Input `{name}` has both data and binary_data_size; give one.")
    if type(size) is not int or size < 0:
        raise BadInference(f"binary_data_size of input `{name}` must be a whole number of bytes.")
    return Tensor(name, datatype, shape, from_tail(tail, name, datatype, prod(shape), size))


def from_tail(tail: Tail, name: str, datatype: Datatype, count: int, size: int) -> Array | list[Any]:
    """The values of `count` elements in the next `size` bytes. Raises BadInference."""
    if datatype.name != "BYTES" and size != count * datatype.size:
        expected = f"{count} elements of {datatype.name} have {count * datatype.size} bytes"
        raise BadInference(f"binary_data_size of input `{name}` is {size}, but {expected}.")
    content = tail.take(size, name)
    return split_elements(content, count, name) if datatype.name == "BYTES" else datatype.from_bytes(content)


def read_shape(shape: Any, name: str) -> tuple[int, ...]:
    if not isinstance(shape, list) or not all(type(part) is int and part >= 0 for part in shape):
        raise BadInference(f"The shape of input `{name}` must be a list of whole numbers.")
    if len(shape) > 8 or prod(shape) > MOST_ELEMENTS:
        raise BadInference(f"The shape of input `{name}` is too large.")
    return tuple(shape)


def _name(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise BadInference("Each input must be an object with a name, a shape, a datatype and data.")
    return shorten(name)


def _datatype(entry: dict[str, Any], name: str) -> Datatype:
    datatype = entry.get("datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise BadInference(f"The datatype of input `{name}` must be one of {', '.join(DATATYPES)}.")
    return DATATYPES[datatype]


def _parameters(entry: dict[str, Any], name: str) -> dict[str, Any]:
    parameters = entry.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise BadInference(f"The parameters of input `{name}` must be an object.")
    return parameters or {}


def _sure_floats(data: Any, datatype: Datatype, count: int) -> Array | None:
    """The numbers of a flat list that holds no booleans, three times as fast as checking each; None for all others."""
    if datatype.name not in {"FP64", "FP32"} or type(data) is not list or len(data) != count:
        return None
    try:
        return np.frombuffer(struct.pack(f"{count}d", *data))
    except (struct.error, OverflowError):
        return None


def _from_json(entry: dict[str, Any], name: str, datatype: Datatype, count: int) -> list[Any]:
    data = entry.get("data")
    if not isinstance(data, list):
        raise BadInference(f"Input `{name}` must have data, a list.")
    flat = _flattened(data, name)
    if len(flat) != count:
        raise BadInference(f"Input `{name}` has {len(flat)} elements, but its shape needs {count}.")
    kinds = set(map(type, flat)) - {type(None)}
    if not kinds <= datatype.kinds:
        raise BadInference(f"Input `{name}` holds elements that are not {datatype.name}.")
    if datatype.name.lstrip("U").startswith("INT"):
        _check_range(flat, name, datatype)
    return flat


def _flattened(data: list[Any], name: str) -> list[Any]:
    """The elements of lists nested to any depth, which must be the same for all."""
    while data and type(data[0]) is list:
        if set(map(type, data)) != {list}:
            break
        data = list(chain.from_iterable(data))
    if list in set(map(type, data)):
        raise BadInference(f"The data of input `{name}` must be nested to the same depth everywhere.")
    return data


def _check_range(flat: list[Any], name: str, datatype: Datatype) -> None:
    limits = np.iinfo(datatype.stored)
    known = [value for value in flat if value is not None]
    if known and not (limits.min <= min(known) and max(known) <= limits.max):
        raise BadInference(f"Input `{name}` holds numbers outside {datatype.name}.")
