"""How the predictions of an alias's version compare with its shadow's."""

from __future__ import annotations

from fastapi import Request

from service.api.http.dependencies import Actor
from service.api.http.routing import resource_router
from service.schemas.names import Name
from service.schemas.prediction import ShadowComparison
from service.schemas.strict import Page
from service.serving.predictor import Predictor

router = resource_router("Aliases")


@router.get("/models/{name}/shadows", summary="Compare versions with their shadows")
async def list_shadows(name: Name, request: Request, actor: Actor) -> Page[ShadowComparison]:
    """For each version with a shadow: how often both agree, how far apart they are, and how long each takes."""
    actor.require("read", model=name)
    predictor: Predictor = request.app.state.predictor
    return Page(items=predictor.shadows.of_model(name))
