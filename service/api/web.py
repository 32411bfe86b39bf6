"""FastAPI with our OpenAPI document, without redirects and without its own error responses."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Lifespan

from service.api.openapi.document import describe


class Web(FastAPI):
    """Exceptions reach our outermost middleware. The pages at /docs come from `service.pages`."""

    def __init__(self, lifespan: Lifespan[Any] | None = None) -> None:
        super().__init__(
            lifespan=lifespan,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            generate_unique_id_function=_operation_id,
        )

    def build_middleware_stack(self) -> ASGIApp:
        outermost: Any = super().build_middleware_stack()
        assert isinstance(outermost, ServerErrorMiddleware)
        return outermost.app

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self.routes)
        return self.openapi_schema


def _operation_id(route: APIRoute) -> str:
    return route.name
