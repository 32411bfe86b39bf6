"""Sends predictions to their small ASGI applications, and everything else on to the router."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.addresses import is_predict_path, is_v2
from service.api.prediction.open_inference import V2App
from service.api.prediction.predict import PredictApp
from service.serving.predictor import Predictor


class PredictionRoutes:
    """The innermost layer. Closes the predictor when the application shuts down."""

    def __init__(self, app: ASGIApp, predictor: Predictor) -> None:
        self._app = app
        self._predictor = predictor
        self._predict = PredictApp(predictor)
        self.v2 = V2App(predictor)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            if is_predict_path(scope["path"]):
                return self._predict(scope, receive, send)
            if is_v2(scope["path"]):
                return self.v2(scope, receive, send)
        return self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                self._predictor.close()
