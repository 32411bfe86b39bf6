"""The weights of a version as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Response

from service.api.dependencies import Actor, ReadSession
from service.api.routing import resource_router
from service.api.weight_files import FORMS, WeightFormat, write_file
from service.registry.models import versions
from service.schemas.names import Name, VersionReference

router = resource_router("Versions")
BINARY = {"schema": {"type": "string", "format": "binary"}}
Form = Annotated[WeightFormat, Query(alias="format", description="The form of the file.")]
Known = Annotated[str | None, Header(description="The ETag of a file that is already there: 304 when it is this one.")]


@router.get(
    "/models/{name}/versions/{ref}/weights",
    summary="Download the weights",
    response_class=Response,
    responses={
        200: {"content": {form.media_type: BINARY for form in FORMS.values()}},
        304: {"description": "The file is the one that If-None-Match names."},
    },
)
def get_weights(
    name: Name,
    ref: VersionReference,
    session: ReadSession,
    actor: Actor,
    wanted: Form = "safetensors",
    if_none_match: Known = None,
) -> Response:
    """The network as a file. The safetensors form is what is stored; its SHA-256 is the version's `weights_sha256`."""
    actor.require("read", model=name)
    version, stored = versions.get_weights(session, name, ref)
    form = FORMS[wanted]
    headers = {
        "ETag": f'"{version.weights_sha256}-{wanted}"',
        "Content-Disposition": f'attachment; filename="{name}-{version.version}.{form.suffix}"',
        "Feedforward-Version": f"{name}/{version.version}",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(write_file(stored, form), media_type=form.media_type, headers=headers)
