"""The weights of a version as a file, in the requested format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Response

from models.errors import ModelError
from models.formats import network_json, npz, onnx, safetensors, standalone
from models.inference.trained_network import TrainedNetwork
from service.api.http.dependencies import Actor, IfNoneMatch, ReadSession
from service.api.http.request_body import BINARY
from service.api.http.routing import resource_router
from service.media_types import JSON, NPZ, ONNX, PYTHON, SAFETENSORS
from service.problems import Conflict, Unavailable
from service.registry.models import versions
from service.schemas.names import Name, VersionReference

WeightFormat = Literal["safetensors", "onnx", "npz", "json", "python"]


@dataclass(frozen=True)
class WeightFile:
    """A format of weights; `write` is None for the format in which versions are stored."""

    media_type: str
    suffix: str
    write: Callable[[TrainedNetwork], bytes] | None = None


WEIGHT_FILES: dict[WeightFormat, WeightFile] = {
    "safetensors": WeightFile(SAFETENSORS, "safetensors"),
    "onnx": WeightFile(ONNX, "onnx", onnx.dumps),
    "npz": WeightFile(NPZ, "npz", npz.dumps),
    "json": WeightFile(JSON, "json", network_json.dumps),
    "python": WeightFile(PYTHON, "py", standalone.dumps),
}


def write_file(content: bytes, file: WeightFile) -> bytes:
    """The bytes of the file, from the safetensors content that is stored.

    Raises Conflict for a network that the format can't hold, and Unavailable where the format's library is missing.
    """
    if file.write is None:
        return content
    try:
        return file.write(safetensors.loads(content))
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The Python package `{error.name}` is missing. Install feedforward[{file.suffix}]."
        ) from error
    except ModelError as error:
        raise Conflict(f"This network can't be written as {file.suffix}: {error}") from error


router = resource_router("Versions")
FormatQuery = Annotated[WeightFormat, Query(alias="format", description="The format of the file.")]


@router.get(
    "/models/{name}/versions/{ref}/weights",
    summary="Download the weights",
    response_class=Response,
    responses={
        200: {"content": {file.media_type: BINARY for file in WEIGHT_FILES.values()}},
        304: {"description": "The file has not changed since the ETag in If-None-Match."},
    },
)
def get_weights(
    name: Name,
    ref: VersionReference,
    session: ReadSession,
    actor: Actor,
    weight_format: FormatQuery = "safetensors",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The network as a file. The safetensors file is the stored one: its SHA-256 is the version's `weights_sha256`."""
    actor.require("read", model=name)
    version, content = versions.get_weights(session, name, ref)
    file = WEIGHT_FILES[weight_format]
    headers = {
        "ETag": f'"{version.weights_sha256}-{weight_format}"',
        "Content-Disposition": f'attachment; filename="{name}-{version.version}.{file.suffix}"',
        "Feedforward-Version": f"{name}/{version.version}",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(write_file(content, file), media_type=file.media_type, headers=headers)
