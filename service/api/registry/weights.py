"""The weights of a version as a file, in the format that the caller asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Header, Query, Response

from models.errors import ModelError
from models.formats import network_json, npz, onnx, safetensors, standalone
from models.inference.trained_network import TrainedNetwork
from service.api.http.dependencies import Actor, ReadSession
from service.api.http.routing import resource_router
from service.problems import Conflict, Unavailable
from service.registry.models import versions
from service.schemas.names import Name, VersionReference

WeightFormat = Literal["safetensors", "onnx", "npz", "json", "python"]


@dataclass(frozen=True)
class WeightFile:
    """`write` is None for the form in which versions are stored."""

    media_type: str
    suffix: str
    write: Callable[[TrainedNetwork], bytes] | None = None


WEIGHT_FILES: dict[WeightFormat, WeightFile] = {
    "safetensors": WeightFile("application/vnd.safetensors", "safetensors"),
    "onnx": WeightFile("application/onnx", "onnx", onnx.dumps),
    "npz": WeightFile("application/vnd.numpy.npz", "npz", npz.dumps),
    "json": WeightFile("application/json", "json", network_json.dumps),
    "python": WeightFile("text/x-python", "py", standalone.dumps),
}


def write_file(stored: bytes, form: WeightFile) -> bytes:
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


router = resource_router("Versions")
BINARY = {"schema": {"type": "string", "format": "binary"}}
FormatQuery = Annotated[WeightFormat, Query(alias="format", description="The form of the file.")]
Known = Annotated[str | None, Header(description="The ETag of a file that is already there: 304 when it is this one.")]


@router.get(
    "/models/{name}/versions/{ref}/weights",
    summary="Download the weights",
    response_class=Response,
    responses={
        200: {"content": {form.media_type: BINARY for form in WEIGHT_FILES.values()}},
        304: {"description": "The file is the one that If-None-Match names."},
    },
)
def get_weights(
    name: Name,
    ref: VersionReference,
    session: ReadSession,
    actor: Actor,
    wanted: FormatQuery = "safetensors",
    if_none_match: Known = None,
) -> Response:
    """The network as a file. The safetensors form is what is stored; its SHA-256 is the version's `weights_sha256`."""
    actor.require("read", model=name)
    version, stored = versions.get_weights(session, name, ref)
    form = WEIGHT_FILES[wanted]
    headers = {
        "ETag": f'"{version.weights_sha256}-{wanted}"',
        "Content-Disposition": f'attachment; filename="{name}-{version.version}.{form.suffix}"',
        "Feedforward-Version": f"{name}/{version.version}",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(write_file(stored, form), media_type=form.media_type, headers=headers)
