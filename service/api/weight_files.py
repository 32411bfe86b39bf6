"""A version's network as a file, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from models.errors import ModelError
from models.formats import network_json, npz, onnx, safetensors, standalone
from models.inference.trained_network import TrainedNetwork
from service.problems import Conflict, Unavailable

WeightFormat = Literal["safetensors", "onnx", "npz", "json", "python"]


@dataclass(frozen=True)
class FileForm:
    """`write` is None for the form in which versions are stored."""

    media_type: str
    suffix: str
    write: Callable[[TrainedNetwork], bytes] | None = None


FORMS: dict[WeightFormat, FileForm] = {
    "safetensors": FileForm("application/vnd.safetensors", "safetensors"),
    "onnx": FileForm("application/onnx", "onnx", onnx.dumps),
    "npz": FileForm("application/vnd.numpy.npz", "npz", npz.dumps),
    "json": FileForm("application/json", "json", network_json.dumps),
    "python": FileForm("text/x-python", "py", standalone.dumps),
}


def write_file(stored: bytes, form: FileForm) -> bytes:
    """The bytes of the file, from the safetensors bytes that are stored.

    Raises Conflict for a network that the form can't hold, and Unavailable where the form's library is missing.
    """
    if form.write is None:
        return stored
    try:
        return form.write(safetensors.loads(stored))
    except ModuleNotFoundError as error:
        raise Unavailable(f"This server lacks `{error.name}`. Install feedforward[{form.suffix}].") from error
    except ModelError as error:
        raise Conflict(f"This network can't be written as {form.suffix}: {error}") from error
