"""Versions side by side, from their stored records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.evaluation.metrics import is_smaller_better
from service.problems import InvalidInput, Location, input_error
from service.registry.models import curves, versions
from service.registry.models.metric_names import finite_metrics
from service.schemas.comparison import ComparedMetric, ComparedSetting, ComparedVersion, Comparison
from service.schemas.registry import Version

CURVE_POINTS = 200
NOT_SETTINGS = {"model", "data", "description", "tags", "notes", "alias", "promote_if"}
MISSING = object()


def find_all(session: Session, model: str, references: Sequence[str | int], place: Location) -> list[Version]:
    """The versions that references name. Raises NotFound and Gone, and InvalidInput if two name the same version."""
    records = [versions.get_version(session, model, reference)[0] for reference in references]
    numbers = [version.version for version in records]
    repeated = next((position for position, number in enumerate(numbers) if number in numbers[:position]), None)
    if repeated is not None:
        message = f"this names version {numbers[repeated]} again; name each version once"
        raise InvalidInput(f"versions: {message}.", errors=[input_error(place, "repeated", message)])
    return records


def compare(session: Session, model: str, references: Sequence[str]) -> Comparison:
    """Compare stored versions. Raises what `find_all` raises."""
    records = find_all(session, model, references, ["query", "versions"])
    return Comparison(
        model=model,
        versions=[_version(session, version) for version in records],
        same_dataset=len({version.dataset for version in records}) == 1 and records[0].dataset is not None,
        metrics=list(_metrics(records)),
        settings=list(_settings(records)),
    )


def _version(session: Session, version: Version) -> ComparedVersion:
    curve = curves.get_of_version(session, version.model, version.version, CURVE_POINTS)
    fields = {name: getattr(version, name) for name in ComparedVersion.model_fields if name != "curve"}
    return ComparedVersion(curve=curve.items, **fields)


def _metrics(records: Sequence[Version]) -> Iterator[ComparedMetric]:
    metrics = [finite_metrics(version.metrics.model_dump()) for version in records]
    for part in ("validation", "training"):
        names = dict.fromkeys(name for of_version in metrics for name in of_version if name.startswith(f"{part}_"))
        for name in names:
            metric, values = name.removeprefix(f"{part}_"), [of_version.get(name) for of_version in metrics]
            if metric != "rows":
                yield ComparedMetric(part=part, metric=metric, values=values, best=_best(records, metric, values))


def _best(records: Sequence[Version], metric: str, values: Sequence[float | None]) -> int | None:
    known_values = [value for value in values if value is not None]
    best = min(known_values) if is_smaller_better(metric) else max(known_values)
    return records[values.index(best)].version if len(known_values) > 1 and known_values.count(best) == 1 else None


def _settings(records: Sequence[Version]) -> Iterator[ComparedSetting]:
    settings = [dict(_flat(version.request or {})) for version in records]
    for setting in sorted({name for of_version in settings for name in of_version}):
        values = [of_version.get(setting, MISSING) for of_version in settings]
        differs = any(value != values[0] for value in values)
        shown_values = [None if value is MISSING else value for value in values]
        yield ComparedSetting(setting=setting, values=shown_values, differs=differs)


def _flat(settings: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by their dotted name: `training.optimizer.name`. Lists, such as `network.hidden`, stay whole."""
    for name, value in settings.items():
        if not prefix and name in NOT_SETTINGS:
            continue
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
