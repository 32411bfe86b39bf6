"""Every address of the service, a row each: its methods, and what the body of a request may be.

Limits of bodies, checks of content types, allowed methods, metrics and the OpenAPI document follow from this table, so
an endpoint adds its row here. `tests/service/api/http/test_addresses.py` holds the table and the routers to each other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from starlette.types import Scope

from service.media_types import FORM, JSON, OCTET_STREAM, OF_DATASETS, SAFETENSORS, ZIP
from service.serving.streams.input_formats import READERS


@dataclass(frozen=True)
class Body:
    """What the body of a request may be. Without a `setting` its limit is `SMALL_BODY_BYTES`.

    `streamed` are the media types that are read as they arrive, so that their length costs no memory. A form is limited
    by `form_setting`: its file goes to the disk. With `is_checked_by_endpoint` the endpoint checks the content type.
    """

    setting: str | None = None
    media_types: tuple[str, ...] = (JSON,)
    form_setting: str | None = None
    streamed: frozenset[str] = frozenset()
    is_checked_by_endpoint: bool = False


SMALL = Body()
TRAINING = Body("max_train_bytes", (JSON, FORM), form_setting="max_upload_bytes")
PREDICTION = Body("max_predict_bytes", (JSON, *READERS), streamed=frozenset(READERS), is_checked_by_endpoint=True)
INFERENCE = Body("max_predict_bytes", (JSON, OCTET_STREAM), is_checked_by_endpoint=True)
DATASET = Body("max_upload_bytes", (*OF_DATASETS.values(), FORM), is_checked_by_endpoint=True)
IMPORT = Body("max_import_bytes", (ZIP, SAFETENSORS, JSON, OCTET_STREAM), is_checked_by_endpoint=True)


@dataclass(frozen=True)
class Address:
    """The router's template of an address, its methods, and the body of those methods that have one."""

    template: str
    methods: tuple[str, ...]
    body: Body = field(default=SMALL)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{\w+\}", "([^/]+)", self.template.replace(".", r"\.")))


PREDICT = Address("/predict", ("POST",), PREDICTION)
PREDICT_BY_PATH = (
    Address("/models/{name}/predict", ("POST",), PREDICTION),
    Address("/models/{name}/versions/{ref}/predict", ("POST",), PREDICTION),
)
INFER = (
    Address("/v2/models/{name}/infer", ("POST",), INFERENCE),
    Address("/v2/models/{name}/versions/{ref}/infer", ("POST",), INFERENCE),
)
# Served by applications of their own, beside the router.
PREDICTION_ADDRESSES = (
    PREDICT,
    *PREDICT_BY_PATH,
    *INFER,
    Address("/v2", ("GET",), INFERENCE),
    Address("/v2/health/live", ("GET",), INFERENCE),
    Address("/v2/health/ready", ("GET",), INFERENCE),
    Address("/v2/models/stats", ("GET",), INFERENCE),
    Address("/v2/models/{name}", ("GET",), INFERENCE),
    Address("/v2/models/{name}/ready", ("GET",), INFERENCE),
    Address("/v2/models/{name}/config", ("GET",), INFERENCE),
    Address("/v2/models/{name}/stats", ("GET",), INFERENCE),
    Address("/v2/models/{name}/versions/{ref}", ("GET",), INFERENCE),
    Address("/v2/models/{name}/versions/{ref}/ready", ("GET",), INFERENCE),
    Address("/v2/models/{name}/versions/{ref}/config", ("GET",), INFERENCE),
    Address("/v2/models/{name}/versions/{ref}/stats", ("GET",), INFERENCE),
    Address("/v2/repository/index", ("POST",), INFERENCE),
    Address("/v2/repository/models/{name}/load", ("POST",), INFERENCE),
    Address("/v2/repository/models/{name}/unload", ("POST",), INFERENCE),
)
ROUTED_ADDRESSES = (
    Address("/train", ("POST",), TRAINING),
    Address("/models", ("GET",)),
    Address("/models/{name}", ("GET", "PATCH", "DELETE")),
    Address("/models/{name}/versions", ("GET", "POST"), IMPORT),
    Address("/models/{name}/versions/{ref}", ("GET", "PATCH", "DELETE")),
    Address("/models/{name}/versions/{ref}/retrain", ("POST",), TRAINING),
    Address("/models/{name}/versions/{ref}/reproduce", ("POST",)),
    Address("/models/{name}/versions/{ref}/evaluate", ("POST",), TRAINING),
    Address("/models/{name}/versions/{ref}/batch", ("POST",), TRAINING),
    Address("/models/{name}/versions/{ref}/openapi.json", ("GET",)),
    Address("/models/{name}/versions/{ref}/docs", ("GET",)),
    Address("/models/{name}/versions/{ref}/example", ("GET",)),
    Address("/models/{name}/versions/{ref}/curve", ("GET",)),
    Address("/models/{name}/versions/{ref}/card", ("GET",)),
    Address("/models/{name}/versions/{ref}/export", ("GET",)),
    Address("/models/{name}/versions/{ref}/weights", ("GET",)),
    Address("/models/{name}/compare", ("GET", "POST"), TRAINING),
    Address("/models/{name}/retention", ("GET", "PUT", "DELETE")),
    Address("/models/{name}/retention/preview", ("GET",)),
    Address("/models/{name}/shadows", ("GET",)),
    Address("/models/{name}/prediction-log", ("GET", "PUT", "DELETE")),
    Address("/models/{name}/predictions", ("GET",)),
    Address("/models/{name}/drift", ("GET",)),
    Address("/models/{name}/feedback", ("POST",)),
    Address("/models/{name}/live", ("GET",)),
    Address("/models/{name}/monitoring", ("GET",)),
    Address("/models/{name}/alerts", ("GET", "PUT", "DELETE")),
    Address("/models/{name}/alerts/check", ("POST",)),
    Address("/models/{name}/aliases", ("GET",)),
    Address("/models/{name}/aliases/{alias}", ("GET", "PUT", "DELETE")),
    Address("/models/{name}/aliases/{alias}/rollback", ("POST",)),
    Address("/models/{name}/aliases/{alias}/history", ("GET",)),
    Address("/models/{name}/events", ("GET",)),
    Address("/events", ("GET",)),
    Address("/webhooks", ("GET", "POST")),
    Address("/webhooks/{webhook}", ("GET", "PATCH", "DELETE")),
    Address("/webhooks/{webhook}/rotate", ("POST",)),
    Address("/webhooks/{webhook}/test", ("POST",)),
    Address("/webhooks/{webhook}/deliveries", ("GET",)),
    Address("/webhooks/{webhook}/deliveries/{delivery}", ("GET",)),
    Address("/webhooks/{webhook}/deliveries/{delivery}/redeliver", ("POST",)),
    Address("/jobs", ("GET",)),
    Address("/jobs/{job}", ("GET",)),
    Address("/jobs/{job}/cancel", ("POST",)),
    Address("/jobs/{job}/retry", ("POST",)),
    Address("/jobs/{job}/curve", ("GET",)),
    Address("/jobs/{job}/events", ("GET",)),
    Address("/datasets", ("GET", "POST"), DATASET),
    Address("/datasets/{reference}", ("GET", "PATCH", "DELETE")),
    Address("/datasets/{reference}/rows", ("GET",)),
    Address("/datasets/{reference}/content", ("GET",)),
    Address("/health/live", ("GET",)),
    Address("/health/ready", ("GET",)),
    Address("/metrics", ("GET",)),
    Address("/openapi.json", ("GET",)),
    Address("/", ("GET",)),
    Address("/dashboard/started", ("GET",)),
    Address("/dashboard/jobs", ("GET",)),
    Address("/dashboard/models", ("GET",)),
    Address("/dashboard/prediction", ("GET",)),
    Address("/docs", ("GET",)),
    Address("/problems", ("GET",)),
    Address("/problems/{slug}", ("GET",)),
)
ADDRESSES = (*PREDICTION_ADDRESSES, *ROUTED_ADDRESSES)


class AddressMatch(NamedTuple):
    """A row, and the values of its placeholders in a path."""

    address: Address
    values: tuple[str, ...]


# Few rows share both their depth and their last segment, so that a look-up tries one or two patterns.
_BY_LAST_SEGMENT: dict[tuple[int, str], list[Address]] = defaultdict(list)
_ANY = "{}"
for _address in ADDRESSES:
    _last = _address.template.rpartition("/")[2]
    _BY_LAST_SEGMENT[_address.template.count("/"), _ANY if _last.startswith("{") else _last].append(_address)


def find_address(path: str) -> AddressMatch | None:
    """The row of a path, or None where nothing is served."""
    return _match_cached(path) if len(path) <= LONGEST_CACHED else _match(path)


def _match(path: str) -> AddressMatch | None:
    depth = path.count("/")
    for last in (path.rpartition("/")[2], _ANY):
        for address in _BY_LAST_SEGMENT.get((depth, last), ()):
            match = address.pattern.fullmatch(path)
            if match is not None:
                return AddressMatch(address, match.groups())
    return None


# Predictions come at the same few paths, and each request looks its path up several times.
LONGEST_CACHED = 200
_match_cached = lru_cache(maxsize=1024)(_match)


def methods_at(path: str) -> list[str]:
    """The methods that a path allows, with HEAD where there is GET; [] where nothing is served."""
    match = find_address(path)
    if match is None:
        return []
    return sorted({*match.address.methods, "OPTIONS", *(["HEAD"] if "GET" in match.address.methods else [])})


def body_at(path: str) -> Body:
    """What the body of a request to this path may be. An unknown path has the small limit; its response is 404."""
    if path == PREDICT.template:
        return PREDICTION
    match = find_address(path)
    if match is None:
        return INFERENCE if is_v2(path) else SMALL
    return match.address.body


def is_predict_path(path: str) -> bool:
    """Whether `PredictApp` serves this path."""
    return path == PREDICT.template or (path.endswith(PREDICT.template) and find_address(path) is not None)


V2_PREFIX = "/v2"


def is_v2(path: str) -> bool:
    return path == V2_PREFIX or path.startswith(V2_PREFIX + "/")


UNKNOWN = "unknown"


def route_of(scope: Scope) -> str:
    """The template of a request's address, for logs and metrics: there are few of these, unlike paths."""
    path: str = scope["path"]
    if path == PREDICT.template:
        return path
    route = scope.get("route")
    if route is not None:
        return getattr(route, "path", None) or UNKNOWN
    match = find_address(path) if is_predict_path(path) else None
    if match is not None:
        return match.address.template
    return V2_PREFIX if path.startswith("/v2/") else UNKNOWN
