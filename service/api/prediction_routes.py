"""Sends predictions to their small ASGI applications, and everything else on to the router."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.predict import PredictApp, is_predict_path
from service.serving.predictor import Predictor


class PredictionRoutes:
    """The innermost layer. Closes the predictor when the application shuts down."""

    def __init__(self, app: ASGIApp, predictor: Predictor) -> None:
        self._app = app
        self._predictor = predictor
        self._predict = PredictApp(predictor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_predict_path(scope["path"]):
            await self._predict(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                self._predictor.close()
