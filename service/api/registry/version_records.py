"""Records of a version's training: its learning curve and its model card."""

from __future__ import annotations

from fastapi import Request, Response

from service.api.http.dependencies import Actor, ReadSession
from service.api.http.routing import resource_router
from service.api.jobs.curves import CURVE_TYPES, Points, curve_response
from service.media_types import MARKDOWN
from service.registry.models import cards, curves
from service.schemas.job import Curve
from service.schemas.names import Name, VersionReference

router = resource_router("Versions")
CARD = {MARKDOWN: {"schema": {"type": "string"}, "example": "# iris, version 3\n"}}


@router.get(
    "/models/{name}/versions/{ref}/curve",
    summary="Get a version's learning curve",
    response_model=Curve,
    responses={200: {"content": CURVE_TYPES}},
)
def get_version_curve(
    name: Name, ref: VersionReference, request: Request, session: ReadSession, actor: Actor, points: Points = None
) -> Curve | Response:
    """Loss by epoch, which outlives the version's job; as CSV with `Accept: text/csv`."""
    actor.require("read", model=name)
    return curve_response(request, curves.get_of_version(session, name, ref, points))


@router.get(
    "/models/{name}/versions/{ref}/card",
    summary="Get a version's model card",
    response_class=Response,
    responses={200: {"content": CARD}},
)
def get_card(name: Name, ref: VersionReference, session: ReadSession, actor: Actor) -> Response:
    """The model card in Markdown: what the version predicts, its training and data, its quality, and notes."""
    actor.require("read", model=name)
    return Response(cards.get_card(session, name, ref), media_type=MARKDOWN)
