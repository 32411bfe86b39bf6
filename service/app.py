"""Builds the application from its settings; nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from service.api.framework_errors import translate_errors
from service.api.http.addresses import methods_at
from service.api.jobs.event_broadcast import Broadcaster
from service.api.middleware.body_limits import BodyLimits
from service.api.middleware.methods import Methods
from service.api.middleware.request_checks import Check, HostCheck, RequestChecks, check_content_type, check_origin
from service.api.middleware.request_lifecycle import RequestLifecycle
from service.api.operations.access_log import AccessLog
from service.api.operations.metrics import PredictionLogMetrics, RequestMetrics, metrics_registry
from service.api.prediction.dispatch import PredictionRoutes
from service.api.prediction.fast_path.micro_batches import MicroBatches
from service.api.prediction.fast_path.request_heads import KnownHeads
from service.api.routers import ROUTERS
from service.api.web import Web
from service.jobs.engine import Engine
from service.monitoring.monitor import Monitor
from service.observability import RequestLog, configure_logging
from service.pages.views import mount_pages
from service.registry.database import Database
from service.serving.predictor import Predictor
from service.settings import Settings
from service.webhooks.sender import Sender


class Application:
    """The ASGI application, its draining, and the fast path that the server's connections use."""

    def __init__(self, asgi: RequestLifecycle, broadcaster: Broadcaster, micro_batches: MicroBatches) -> None:
        self._asgi = asgi
        self._broadcaster = broadcaster
        self.micro_batches = micro_batches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._asgi(scope, receive, send)

    def outermost(self, app: ASGIApp) -> RequestLifecycle:
        """The server's own application for what is no request, with what every answer has."""
        return RequestLifecycle(app, self._asgi.observer)

    def drain(self) -> None:
        """End the streams that would never end by themselves, since the server is about to stop."""
        self._broadcaster.drain()


def create_app(settings: Settings, database: Database, engine: Engine) -> Application:
    """The whole application: the routers, with the layers around them."""
    configure_logging(settings.log_level)
    request_metrics = RequestMetrics()
    web = _web(settings, database, engine, request_metrics)
    checks: list[Check] = [HostCheck(settings), check_origin, check_content_type]
    observer = AccessLog(RequestLog(settings.log_level), request_metrics)
    predictions = PredictionRoutes(web, web.state.predictor)
    layered: ASGIApp = Methods(predictions, methods_at)
    layered = BodyLimits(layered, settings)
    layered = RequestChecks(layered, checks)
    heads = KnownHeads(checks, settings.max_predict_bytes)
    micro_batches = MicroBatches(web.state.predictor, predictions.v2, heads, observer)
    return Application(RequestLifecycle(layered, observer), web.state.broadcaster, micro_batches)


def _web(settings: Settings, database: Database, engine: Engine, request_metrics: RequestMetrics) -> Web:
    monitor, sender = Monitor(database, settings), Sender(database, settings)
    web = Web(_while_both(monitor.running, sender.running))
    web.state.settings, web.state.database, web.state.engine = settings, database, engine
    web.state.predictor = Predictor(settings, database)
    web.state.broadcaster = Broadcaster(database)
    web.state.monitor, web.state.sender = monitor, sender
    web.state.metrics = metrics_registry(request_metrics, database)
    web.state.metrics.register(PredictionLogMetrics(web.state.predictor.log))
    for router in ROUTERS:
        web.include_router(router)
    mount_pages(web)
    translate_errors(web)
    return web


def _while_both(first: Lifespan[Any], second: Lifespan[Any]) -> Lifespan[Any]:
    @asynccontextmanager
    async def running(app: Any) -> AsyncIterator[None]:
        async with first(app), second(app):
            yield

    return running
