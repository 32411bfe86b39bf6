"""Filters of lists of models and versions, as query parameters."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Query

from service.problems import InvalidInput, input_error
from service.registry.models.search import MetricCondition, TagCondition, VersionFilter
from service.schemas.strict import Moment

MOST_CONDITIONS = 10
METRIC_PATTERN = r"[a-z0-9_]{1,80}"
CONDITION = re.compile(rf"({METRIC_PATTERN})(>=|<=|>|<)(-?[0-9]{{1,20}}(\.[0-9]{{1,20}})?(e-?[0-9]{{1,2}})?)")
PRINTABLE = r"^[^\x00-\x1f]*$"
Printable = Annotated[str, Query(pattern=PRINTABLE, max_length=200)]
Text = Annotated[
    str | None,
    Query(
        pattern=PRINTABLE,
        max_length=200,
        description="Text in the name or the description.",
        examples=["iris"],
    ),
]
TagConditions = Annotated[
    list[Printable],
    Query(
        default_factory=list,
        alias="tag",
        max_length=MOST_CONDITIONS,
        description="A required tag, or `tag=value`. May be repeated.",
        examples=[["team=flowers"]],
    ),
]
After = Annotated[Moment | None, Query(description="Only those created after this time (RFC 3339).")]
Before = Annotated[Moment | None, Query(description="Only those created before this time (RFC 3339).")]
MetricConditions = Annotated[
    list[Printable],
    Query(
        default_factory=list,
        alias="metric",
        max_length=MOST_CONDITIONS,
        description="A metric with `>=`, `<=`, `>` or `<` and a number. `training_…` are those of training rows.",
        examples=[["accuracy>=0.9"]],
    ),
]
Sort = Annotated[
    str | None,
    Query(
        pattern=f"^{METRIC_PATTERN}$",
        description="A metric: best first, and only versions that have it. By default the newest come first.",
        examples=["accuracy"],
    ),
]


async def _model_filters(
    *, query: Text = None, tags: TagConditions, after: After = None, before: Before = None
) -> VersionFilter:
    return VersionFilter(query=query, tags=_tags(tags), after=after, before=before)


async def _version_filters(
    *, tags: TagConditions, metrics: MetricConditions, after: After = None, before: Before = None, sort: Sort = None
) -> VersionFilter:
    return VersionFilter(tags=_tags(tags), metrics=_metrics(metrics), after=after, before=before, sort=sort)


ModelFilters = Annotated[VersionFilter, Depends(_model_filters)]
VersionFilters = Annotated[VersionFilter, Depends(_version_filters)]


def _tags(texts: list[str]) -> list[TagCondition]:
    parts = [text.partition("=") for text in texts]
    return [TagCondition(tag, value if sign else None) for tag, sign, value in parts]


def _metrics(texts: list[str]) -> list[MetricCondition]:
    conditions = []
    for text in texts:
        match = CONDITION.fullmatch(text)
        if match is None:
            message = "this should be a metric, one of >=, <=, > and <, and a number: accuracy>=0.9"
            raise InvalidInput(f"metric: {message}.", errors=[input_error(["query", "metric"], "invalid", message)])
        conditions.append(MetricCondition(match[1], match[2], float(match[3])))  # type: ignore[arg-type]
    return conditions
