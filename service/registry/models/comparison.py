"""Versions side by side, from what is stored of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.evaluation.metrics import is_smaller_better
from service.problems import InvalidInput, Location, input_error
from service.registry.models import curves, versions
from service.registry.models.metric_names import figures_of
from service.schemas.comparison import ComparedMetric, ComparedSetting, ComparedVersion, Comparison
from service.schemas.registry import Version

CURVE_POINTS = 200
NOT_SETTINGS = {"model", "data", "description", "tags", "notes", "alias", "promote_if"}
UNKNOWN = object()


def find_all(session: Session, model: str, references: Sequence[str | int], place: Location) -> list[Version]:
    """Raises NotFound and Gone, and InvalidInput where two references name one version."""
    found = [versions.get_version(session, model, reference)[0] for reference in references]
    numbers = [version.version for version in found]
    twice = next((position for position, number in enumerate(numbers) if number in numbers[:position]), None)
    if twice is not None:
        message = f"this names version {numbers[twice]} again; name each version once"
        raise InvalidInput(f"versions: {message}.", errors=[input_error(place, "repeated", message)])
    return found


def compare(session: Session, model: str, references: Sequence[str]) -> Comparison:
    """Raises as `find_all` does."""
    found = find_all(session, model, references, ["query", "versions"])
    return Comparison(
        model=model,
        versions=[_version(session, version) for version in found],
        same_dataset=len({version.dataset for version in found}) == 1 and found[0].dataset is not None,
        metrics=list(_metrics(found)),
        settings=list(_settings(found)),
    )


def _version(session: Session, version: Version) -> ComparedVersion:
    curve = curves.get_of_version(session, version.model, version.version, CURVE_POINTS)
    fields = {name: getattr(version, name) for name in ComparedVersion.model_fields if name != "curve"}
    return ComparedVersion(curve=curve.items, **fields)


def _metrics(found: Sequence[Version]) -> Iterator[ComparedMetric]:
    figures = [figures_of(version.metrics.model_dump()) for version in found]
    for part in ("validation", "training"):
        names = dict.fromkeys(name for one in figures for name in one if name.startswith(f"{part}_"))
        for name in names:
            metric, values = name.removeprefix(f"{part}_"), [one.get(name) for one in figures]
            if metric != "rows":
                yield ComparedMetric(part=part, metric=metric, values=values, best=_best(found, metric, values))


def _best(found: Sequence[Version], metric: str, values: Sequence[float | None]) -> int | None:
    known = [value for value in values if value is not None]
    best = min(known) if is_smaller_better(metric) else max(known)
    return found[values.index(best)].version if len(known) > 1 and known.count(best) == 1 else None


def _settings(found: Sequence[Version]) -> Iterator[ComparedSetting]:
    told = [dict(_flat(version.request or {})) for version in found]
    for setting in sorted({name for one in told for name in one}):
        values = [one.get(setting, UNKNOWN) for one in told]
        differs = any(value != values[0] for value in values)
        shown = [None if value is UNKNOWN else value for value in values]
        yield ComparedSetting(setting=setting, values=shown, differs=differs)


def _flat(settings: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Objects taken apart: `training.optimizer.name`. Lists, such as `network.hidden`, are read whole."""
    for name, value in settings.items():
        if not above and name in NOT_SETTINGS:
            continue
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
