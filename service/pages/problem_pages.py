"""The pages at /problems: each class of problem, with an example document."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import orjson

from service.problems import InvalidInput, NotFound, Problem, every_problem, input_error

EXAMPLE_INSTANCE = "/requests/0198c0de-7a1e-7000-8000-000000000000"


@dataclass(frozen=True)
class ProblemPage:
    """One problem as its page shows it."""

    slug: str
    title: str
    status: int
    phrase: str
    text: str
    example: str


def problem_pages() -> list[ProblemPage]:
    """All problems, by status."""
    return sorted(map(_page, every_problem()), key=lambda page: (page.status, page.slug))


def get_problem_page(slug: str) -> ProblemPage:
    """The page of the problem with this slug. Raises NotFound."""
    for page in problem_pages():
        if page.slug == slug:
            return page
    raise NotFound(f"There is no problem named `{slug[:50]}`. All of them are listed at /problems.")


def _page(kind: type[Problem]) -> ProblemPage:
    example = orjson.dumps(_example(kind).document(EXAMPLE_INSTANCE), option=orjson.OPT_INDENT_2).decode()
    phrase = HTTPStatus(kind.status).phrase
    return ProblemPage(kind.slug, kind.title, kind.status, phrase, kind.__doc__ or "", example)


def _example(kind: type[Problem]) -> Problem:
    """A problem of this class, created without the class's own constructor, whose arguments differ."""
    example = kind.__new__(kind)
    is_input = issubclass(kind, InvalidInput)
    location: list[str | int] = ["body", "inputs", 3, "petal_length"]
    errors = [input_error(location, "missing", "the feature `petal_length` is missing")] if is_input else []
    Problem.__init__(example, "What happened, and what to do next.", errors=errors)
    return example
