"""Routers with strict routes: strict JSON, no unknown query parameters, and content negotiation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from service.api.http.content_negotiation import choose_type
from service.api.http.transactions import in_transaction
from service.media_types import JSON
from service.problems import InvalidInput, did_you_mean, input_error, sentence, shorten
from service.strict_json import parse_json


class StrictRequest(Request):
    async def json(self) -> Any:
        return parse_json(await self.body(), self.app.state.settings.max_json_depth)


class StrictRoute(APIRoute):
    """A route that returns 422 for an unknown query parameter, and 406 if no accepted type is available."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, in_transaction(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        parameters = get_flat_params(self.dependant)
        names = [field.alias for field in parameters if isinstance(field.field_info, Query)]
        lists = [field.alias for field in parameters if get_origin(field.field_info.annotation) is list]
        types = response_types(self)

        async def check_and_handle(request: Request) -> Response:
            check_query(request, names, lists)
            if types:
                choose_type(request, types)
            return await handle(StrictRequest(request.scope, request.receive))

        return check_and_handle


def resource_router(tag: str) -> APIRouter:
    """The router of one resource; its tag groups the routes in the documentation."""
    return APIRouter(route_class=StrictRoute, tags=[tag], redirect_slashes=False)


def check_query(request: Request, names: Sequence[str], lists: Sequence[str] = ()) -> None:
    """Raises InvalidInput for a query parameter that is not one of `names`, or is repeated and not one of `lists`."""
    if not request.scope["query_string"]:
        return
    counts = Counter(name for name, _ in request.query_params.multi_items())
    errors = [
        input_error(
            ["query", name], "unknown", f"there is no query parameter `{shorten(name, 60)}`.{did_you_mean(name, names)}"
        )
        for name in counts
        if name not in names
    ]
    errors += [
        input_error(["query", name], "repeated", "give this query parameter once")
        for name, count in counts.items()
        if count > 1 and name in names and name not in lists
    ]
    if errors:
        raise InvalidInput(sentence(errors[0]["message"]), errors=errors)


def response_types(route: APIRoute) -> list[str]:
    """The media types of the route's successful responses, as declared for the documentation."""
    types = [
        kind
        for status, response in route.responses.items()
        if str(status) < "3"
        for kind in response.get("content", {})
    ]
    default = getattr(route.response_class, "media_type", None) or JSON
    return types or [default]
