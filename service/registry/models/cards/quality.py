"""The sections of a card on how far a version can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.registry.models.cards.markdown import as_metric, bullets, plain, table
from service.schemas.registry import Version

PARTS = ("training", "validation")
MOST_CLASSES = 50
ROUGH_BELOW_ROWS = 100


def metrics(version: Version) -> str:
    """Every metric that is one number, of each part; then, of the held-out part, each class or output."""
    parts = {name: getattr(version.metrics, name) or {} for name in PARTS}
    names = [name for name in dict.fromkeys([*parts["training"], *parts["validation"]]) if _is_number(parts, name)]
    if not names:
        return ""
    rows = [[plain(name.replace("_", " ")), *(as_metric(part.get(name)) for part in parts.values())] for name in names]
    parts_table = [table(["", *PARTS], rows)]
    part = "validation" if parts["validation"] else "training"
    return "\n\n".join(
        parts_table + [_details(name, parts[part][name], part) for name in _names_of_details(parts[part])]
    )


def _is_number(parts: dict[str, dict[str, Any]], name: str) -> bool:
    return any(type(part.get(name)) in (int, float) for part in parts.values())


def _names_of_details(part: dict[str, Any]) -> Iterator[str]:
    """The names of lists of named objects: classes of a classification, outputs of a regression."""
    for name, value in part.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
            yield name


def _details(name: str, values: list[dict[str, Any]], part: str) -> str:
    columns = [column for column, value in values[0].items() if not isinstance(value, list | dict)]
    rows = [[as_metric(item.get(column)) for column in columns] for item in values[:MOST_CLASSES]]
    head = [plain(column.replace("_", " ")) if column != "name" else plain(name) for column in columns]
    more = len(values) - MOST_CLASSES
    return f"In the {part} rows:\n\n{table(head, rows)}" + (f"\n\nand {more:,} more." if more > 0 else "")


def warnings(version: Version) -> str:
    return bullets(
        f"{plain(warning.get('code'))}: {plain(warning.get('message'), 500)}" for warning in version.warnings
    )


def limits(version: Version) -> str:
    return bullets(_limits(version))


def _limits(version: Version) -> Iterator[str]:
    held_out = version.metrics.validation
    if held_out is None:
        yield "No rows were held out, so its quality on new data was not measured."
    elif (rows := held_out.get("rows") or 0) < ROUGH_BELOW_ROWS:
        yield f"Judged on {rows:,} held-out rows: metrics from so few rows are imprecise."
    if (version.split or {}).get("method") == "random":
        yield "Held-out rows were drawn at random: rows that belong together, or later times, were not kept apart."
    if any(feature.minimum is not None for feature in version.signature.features):
        yield "Outside the ranges above it extrapolates, which was not measured; `/predict` warns about such inputs."
    if any(feature.categories is not None for feature in version.signature.features):
        yield "Categories that are not listed were never seen; `/predict` warns about them."
    yield "It has learned what occurs together in this data, not what causes what."
