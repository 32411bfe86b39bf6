"""FastAPI without its own answers to errors: what is raised goes on to our outermost layer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp


class Web(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        outermost: Any = super().build_middleware_stack()
        assert isinstance(outermost, ServerErrorMiddleware)
        return outermost.app
