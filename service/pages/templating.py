"""The templates, with the words and addresses that all of them use."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.templating import Jinja2Templates

from service.pages import formatting, static_files

DIRECTORY = Path(__file__).parent / "templates"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(DIRECTORY),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for word in (
        formatting.figure,
        formatting.score,
        formatting.percent,
        formatting.size,
        formatting.duration,
        formatting.age,
        formatting.prose,
    ):
        environment.filters[word.__name__] = word
    environment.globals["static"] = static_files.ROOT
    return environment


templates = Jinja2Templates(env=_environment())
