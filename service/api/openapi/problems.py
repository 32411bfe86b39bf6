"""The problems that an operation may return, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from service import problems
from service.media_types import PROBLEM
from service.problems import MOST_ERRORS, Problem

Operation = dict[str, Any]

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong and what to do next (RFC 9457). `type` is a page of this server.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What to do next."},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "Identifies the request, as in the log.",
        },
        "errors": {
            "type": "array",
            "maxItems": MOST_ERRORS,
            "items": {
                "type": "object",
                "required": ["location", "code", "message"],
                "properties": {
                    "location": {
                        "type": "array",
                        "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                        "examples": [["body", "inputs", 3, "petal_length"]],
                    },
                    "code": {"type": "string", "examples": ["missing"]},
                    "message": {"type": "string"},
                },
            },
        },
        "error_count": {"type": "integer", "description": "The total number of errors."},
    },
}


def add_problems(path: str, method: str, operation: Operation) -> None:
    """Replace the framework's 422 and add the operation's other problems."""
    responses = operation["responses"]
    responses.pop("422", None)
    for problem in sorted(_problems_of(path, method, operation), key=lambda kind: kind.status):
        responses[str(problem.status)] = _response(problem)
    responses["default"] = _response(Problem, "Any other problem.")


def _problems_of(path: str, method: str, operation: Operation) -> list[type[Problem]]:
    kinds: list[type[Problem]] = [problems.InternalError, problems.Unavailable]
    if _takes_input(operation):
        kinds.append(problems.InvalidInput)
    if "{" in path:
        kinds.append(problems.NotFound)
    if "{ref}" in path:
        kinds.append(problems.Gone)
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", ())):
        kinds.append(problems.PreconditionFailed)
    if "requestBody" in operation:
        kinds += [problems.UnreadableBody, problems.TooLarge, problems.UnsupportedType]
    if method != "get":
        kinds.append(problems.CrossSite)
    if method in {"delete", "post"} and "{" in path and not path.endswith("/predict"):
        kinds.append(problems.Conflict)
    return kinds


def _takes_input(operation: Operation) -> bool:
    return bool(operation.get("parameters")) or "requestBody" in operation


def _response(problem: type[Problem], description: str | None = None) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content: dict[str, Any] = {"schema": schema}
    if description is None:
        example = {"type": f"/problems/{problem.slug}", "title": problem.title, "status": problem.status}
        content["example"] = example | {"detail": f"{problem.title}.", "instance": "/requests/01980a2b"}
    return {"description": description or f"{problem.title}.", "content": {PROBLEM: content}}
