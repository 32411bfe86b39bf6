"""A version's network as a file, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from models.formats import network_json, npz, safetensors
from models.trained import TrainedNetwork

WeightFormat = Literal["safetensors", "npz", "json"]


@dataclass(frozen=True)
class FileForm:
    """`write` is None for the form in which versions are stored."""

    media_type: str
    suffix: str
    write: Callable[[TrainedNetwork], bytes] | None = None


FORMS: dict[WeightFormat, FileForm] = {
    "safetensors": FileForm("application/vnd.safetensors", "safetensors"),
    "npz": FileForm("application/vnd.numpy.npz", "npz", npz.dumps),
    "json": FileForm("application/json", "json", network_json.dumps),
}


def write_file(stored: bytes, form: FileForm) -> bytes:
    """The bytes of the file, from the safetensors bytes that are stored."""
    return stored if form.write is None else form.write(safetensors.loads(stored))
