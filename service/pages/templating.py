"""Pages from their templates, with the filters and addresses that all templates use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.templating import Jinja2Templates

from service.pages import formatting, static_files

DIRECTORY = Path(__file__).parent / "templates"
# Scripts, styles and requests are this server's own; images may also be in the styles themselves, as in Swagger UI.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": CONTENT_SECURITY_POLICY}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(DIRECTORY),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for format_ in (
        formatting.figure,
        formatting.score,
        formatting.percent,
        formatting.size,
        formatting.duration,
        formatting.age,
        formatting.prose,
    ):
        environment.filters[format_.__name__] = format_
    environment.globals["static"] = static_files.ROOT
    return environment


_templates = Jinja2Templates(env=_environment())


def render_page(request: Request, template: str, **context: object) -> Response:
    """The page of a template, with the time `now` in its context."""
    context |= {"now": datetime.now(UTC)}
    return _templates.TemplateResponse(request, template, context, headers=HEADERS)
