"""Builds the application from its settings; nothing else does."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp

from service.api import aliases, health, models, versions
from service.api.addresses import allowed_methods
from service.api.framework_errors import translate_errors
from service.api.layers.body_limits import BodyLimits
from service.api.layers.content_types import check_content_type
from service.api.layers.gate import Gate
from service.api.layers.hosts import HostCheck
from service.api.layers.methods import Methods
from service.api.layers.origins import check_origin
from service.api.layers.outermost import Outermost
from service.api.request_notes import RequestNotes
from service.api.web import Web
from service.jobs.engine import Engine
from service.observability import configure_logging
from service.registry.database import Database
from service.settings import Settings

ROUTERS = (models.router, versions.router, aliases.router, health.router)


def create_app(settings: Settings, database: Database, engine: Engine) -> ASGIApp:
    """The whole application: the routers, with the layers around them."""
    configure_logging(settings.log_level)
    web = _web(settings, database, engine)
    layered: Any = Methods(web, lambda scope: allowed_methods(web, scope))
    layered = BodyLimits(layered, settings)
    layered = Gate(layered, [HostCheck(settings), check_origin, check_content_type])
    return Outermost(layered, RequestNotes())


def _web(settings: Settings, database: Database, engine: Engine) -> Web:
    web = Web(title="Feedforward", version="0.1.0", docs_url=None, redoc_url=None, redirect_slashes=False)
    web.state.settings, web.state.database, web.state.engine = settings, database, engine
    for router in ROUTERS:
        web.include_router(router)
    translate_errors(web)
    return web
