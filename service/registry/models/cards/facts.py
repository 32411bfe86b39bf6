"""The sections of a card on what a version is, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from service.registry.models.cards.markdown import as_text, bullets, pairs, plain, table
from service.schemas.dataset import Dataset
from service.schemas.registry import FeatureSignature, OutputSignature, Version
from service.schemas.strict import write_time

MOST_FEATURES = 200
MOST_CATEGORIES = 12


def predicts(version: Version) -> str:
    outputs = [_output(output) for output in version.signature.outputs]
    return f"A {plain(version.task)}:\n\n{bullets(outputs)}"


def _output(output: OutputSignature) -> str:
    text = f"**{plain(output.name)}**, a {plain(output.type)}"
    if not output.classes:
        return text
    text = f"{text}, one of {_shorten(output.classes)}"
    if output.threshold is None:
        return text
    return f"{text}; {plain(output.classes[1], 60)} from the probability {output.threshold:.6g} on"


def _shorten(values: list[Any]) -> str:
    text = ", ".join(plain(value, 60) for value in values[:MOST_CATEGORIES])
    return text if len(values) <= MOST_CATEGORIES else f"{text} and {len(values) - MOST_CATEGORIES:,} more"


def takes(version: Version) -> str:
    features = version.signature.features
    rows = [_feature(feature) for feature in features[:MOST_FEATURES]]
    more = len(features) - MOST_FEATURES
    features_table = table(["feature", "type", "seen in training", "may be missing"], rows)
    return (
        features_table
        if more <= 0
        else f"{features_table}\n\nand {more:,} more, which the version's `signature` lists."
    )


def _feature(feature: FeatureSignature) -> list[str]:
    training_values = "—"
    if feature.categories is not None:
        training_values = _shorten(list(feature.categories)) or "—"
    elif feature.minimum is not None:
        training_values = f"{plain(feature.minimum)} to {plain(feature.maximum)}"
    return [plain(feature.name), feature.type, training_values, as_text(feature.nullable)]


def data(version: Version, dataset: Dataset | None) -> str:
    if version.dataset is None:
        return "This version was imported; the data it was trained on is not known here."
    rows: list[tuple[str, Any]] = [("dataset", version.dataset)]
    if dataset is not None:
        rows += [("name", dataset.name), ("format", dataset.format), ("bytes", dataset.bytes), ("rows", dataset.rows)]
        rows += [("columns", None if dataset.columns is None else len(dataset.columns))]
    rows += [(f"split: {name.replace('_', ' ')}", value) for name, value in _split(version)]
    return pairs((name, value) for name, value in rows if value is not None)


def _split(version: Version) -> list[tuple[str, Any]]:
    return [(name, str(value) if name == "seed" else value) for name, value in (version.split or {}).items()]


def training(version: Version) -> str:
    request = version.request
    if request is None:
        return ""
    choices: list[tuple[str, Any]] = [
        ("took", None if version.duration_seconds is None else f"{version.duration_seconds:.2f} seconds")
    ]
    choices += [(name, request.get(name)) for name in ("label", "scaling", "columns", "search")]
    for part in ("network", "training"):
        choices += [(name.replace("_", " "), value) for name, value in _choices(request.get(part) or {})]
    return pairs((name, value) for name, value in choices if value not in (None, {}))


def _choices(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The choices of a part of the request, without those that are off."""
    for name, value in part.items():
        if value is not None and value is not False and (value != 0 or value is True):
            yield name, str(value) if name == "seed" else value


def lineage(version: Version) -> str:
    steps = []
    if version.dataset is not None:
        steps.append(f"Data: `/datasets/{version.dataset}`")
    recipe_of = (version.request or {}).get("retrained_from")
    if recipe_of:
        steps.append(f"Recipe of: `/models/{recipe_of['model']}/versions/{recipe_of['version']}`")
    start = ((version.request or {}).get("training") or {}).get("warm_start")
    if start:
        steps.append(f"Went on from: `/models/{start['model']}/versions/{start['version']}`")
    if version.job is not None:
        steps.append(f"Trained by: `/jobs/{version.job}`")
    steps.append(f"Registered: {write_time(version.created_at)} as `{version.links['self']}`")
    if version.tags:
        steps.append(f"Tags: {', '.join(f'{plain(name)} = {plain(value)}' for name, value in version.tags.items())}")
    if version.aliases:
        steps.append(f"Named by: {', '.join(version.aliases)}, when this card was written")
    return bullets(steps)


def reproduction(version: Version) -> str:
    """Everything that determines the bits of the weights."""
    rows: list[tuple[str, Any]] = [
        ("weights (SHA-256)", version.weights_sha256),
        ("weights (bytes)", version.weights_bytes),
    ]
    rows += [("seed", None if version.seed is None else str(version.seed))]
    rows += [(name, value) for name, value in version.environment.items()]
    facts = pairs((name, value) for name, value in rows if value is not None)
    if version.request is None or version.dataset is None:
        return facts
    return f"{facts}\n\n`POST {version.links['self']}/reproduce` trains it again and compares the bits."
