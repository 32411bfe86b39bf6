"""The sections of a card that say how far a version can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.registry.models.cards.markdown import bullets, plain, rounded, table
from service.schemas.registry import Version

PARTS = ("training", "validation")
MOST_CLASSES = 50
ROUGH_BELOW_ROWS = 100


def figures(version: Version) -> str:
    """Every figure that is one number, of each part; then, of the held-out part, each class or output."""
    parts = {name: getattr(version.metrics, name) or {} for name in PARTS}
    names = [name for name in dict.fromkeys([*parts["training"], *parts["validation"]]) if _is_figure(parts, name)]
    if not names:
        return ""
    rows = [[plain(name.replace("_", " ")), *(rounded(part.get(name)) for part in parts.values())] for name in names]
    told = [table(["", *PARTS], rows)]
    judged = "validation" if parts["validation"] else "training"
    return "\n\n".join(told + [_details(name, parts[judged][name], judged) for name in _detailed(parts[judged])])


def _is_figure(parts: dict[str, dict[str, Any]], name: str) -> bool:
    return any(type(part.get(name)) in (int, float) for part in parts.values())


def _detailed(part: dict[str, Any]) -> Iterator[str]:
    """Lists of objects that have a name: classes of a classification, outputs of a regression."""
    for name, value in part.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) and "name" in one for one in value):
            yield name


def _details(name: str, values: list[dict[str, Any]], part: str) -> str:
    columns = [column for column, value in values[0].items() if not isinstance(value, list | dict)]
    rows = [[rounded(one.get(column)) for column in columns] for one in values[:MOST_CLASSES]]
    head = [plain(column.replace("_", " ")) if column != "name" else plain(name) for column in columns]
    more = len(values) - MOST_CLASSES
    return f"In the {part} rows:\n\n{table(head, rows)}" + (f"\n\nand {more:,} more." if more > 0 else "")


def warnings(version: Version) -> str:
    return bullets(f"{plain(one.get('code'))}: {plain(one.get('message'), 500)}" for one in version.warnings)


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
