"""Builds the application from its settings; nothing else does."""

from __future__ import annotations

from starlette.types import ASGIApp

from service.api import aliases, health, job_events, jobs, models, versions, weights
from service.api.addresses import Addresses
from service.api.framework_errors import translate_errors
from service.api.layers.body_limits import BodyLimits
from service.api.layers.content_types import check_content_type
from service.api.layers.gate import Gate
from service.api.layers.hosts import HostCheck
from service.api.layers.methods import Methods
from service.api.layers.origins import check_origin
from service.api.layers.outermost import Outermost
from service.api.prediction_routes import PredictionRoutes
from service.api.request_notes import RequestNotes
from service.api.streams.broadcast import Broadcaster
from service.api.web import Web
from service.jobs.engine import Engine
from service.observability import configure_logging
from service.pages.views import mount_pages
from service.registry.database import Database
from service.serving.predictor import Predictor
from service.settings import Settings

ROUTERS = (models, versions, weights, aliases, jobs, job_events, health)


def create_app(settings: Settings, database: Database, engine: Engine) -> ASGIApp:
    """The whole application: the routers, with the layers around them."""
    configure_logging(settings.log_level)
    web = _web(settings, database, engine)
    layered: ASGIApp = PredictionRoutes(web, web.state.predictor)
    layered = Methods(layered, Addresses(web).methods_at)
    layered = BodyLimits(layered, settings)
    layered = Gate(layered, [HostCheck(settings), check_origin, check_content_type])
    return Outermost(layered, RequestNotes())


def _web(settings: Settings, database: Database, engine: Engine) -> Web:
    web = Web(title="Feedforward", version="0.1.0", docs_url=None, redoc_url=None, redirect_slashes=False)
    web.state.settings, web.state.database, web.state.engine = settings, database, engine
    web.state.predictor = Predictor(settings, database)
    web.state.broadcaster = Broadcaster(database)
    for resource in ROUTERS:
        web.include_router(resource.router)
    mount_pages(web)
    translate_errors(web)
    return web
