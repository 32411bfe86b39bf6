"""The form for one row, built from a version's signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import orjson

from models.data.dates import EXAMPLE_DAY, written_date
from models.data.reading.numbers import EXAMPLE_NUMBER, NumberForm
from models.specification.recipe import DecimalSign, ThousandsSign
from service.pages.overview import recent_models
from service.problems import Gone, NotFound
from service.registry import Session
from service.registry.models import versions
from service.schemas.registry import FeatureSignature, Version

MOST_FIELDS = 40
MOST_MODELS = 50
MOST_OPTIONS = 100


@dataclass(frozen=True)
class Field:
    """One feature's field. `options` holds (value, text) where there is a choice; `value` is the initial value."""

    name: str
    type: str
    hint: str
    value: str
    nullable: bool
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """A version to predict with: by alias, by number, or the newest."""

    model: str
    reference: str
    text: str


@dataclass(frozen=True)
class Form:
    """The fields of one version, or one row as JSON to edit if the version has too many features."""

    version: Version
    reference: str
    fields: list[Field]
    row: str | None


def choices(session: Session) -> dict[str, list[Choice]]:
    """The choices of each model: aliases first, then the newest versions by number."""
    recent = recent_models(session)[:MOST_MODELS]
    return {model.name: _choices_of(session, model.name, model.aliases) for model in recent if model.versions}


def _choices_of(session: Session, model: str, aliases: dict[str, int]) -> list[Choice]:
    by_alias = [Choice(model, alias, f"{alias} (version {number})") for alias, number in aliases.items()]
    newest = versions.list_versions(session, model, 10, None).items
    by_number = [Choice(model, str(version.version), f"version {version.version}") for version in newest]
    return [*by_alias, *by_number]


def find_form(session: Session, requested: str | None) -> Form | None:
    """The form of the requested version, as `model/reference`, else of the newest model's default one, else None."""
    model, _, reference = (requested or _newest_model(session) or "").partition("/")
    try:
        version, _ = versions.get_version(session, model, reference or None)
    except (NotFound, Gone):
        return None
    return form_of(version, reference or _default_reference(version))


def _newest_model(session: Session) -> str | None:
    return next((model.name for model in recent_models(session) if model.versions), None)


def _default_reference(version: Version) -> str:
    return versions.DEFAULT_ALIAS if versions.DEFAULT_ALIAS in version.aliases else str(version.version)


def form_of(version: Version, reference: str) -> Form:
    features = version.signature.features
    if len(features) > MOST_FIELDS:
        example = {feature.name: _typical(feature) for feature in features}
        return Form(version, reference, [], orjson.dumps(example, option=orjson.OPT_INDENT_2).decode())
    return Form(version, reference, [_field(feature) for feature in features], None)


def _field(feature: FeatureSignature) -> Field:
    form, kind = _number_form(feature), feature.type if feature.format is None else "text"
    typical = _typical(feature)
    if form is None:
        return Field(feature.name, kind, _hint(feature), _field_text(typical), feature.nullable, _options(feature))
    value = form.written(typical) if typical is not None else ""
    return Field(feature.name, "text", _hint(feature), value, feature.nullable, [])


def _number_form(feature: FeatureSignature) -> NumberForm | None:
    """The form of numbers that are texts; None where a field of numbers will do."""
    if feature.type != "number" or (feature.decimal, feature.thousands, feature.unit) == (None, None, None):
        return None
    decimal, thousands = cast(DecimalSign, feature.decimal or "."), cast(ThousandsSign | None, feature.thousands)
    return NumberForm(decimal, thousands, feature.unit)


def _field_text(value: Any) -> str:
    """A value as the text of its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _options(feature: FeatureSignature) -> list[tuple[str, str]]:
    if feature.type == "boolean":
        return [("false", "no"), ("true", "yes")]
    categories = feature.categories or []
    return [(name, name) for name in categories] if len(categories) <= MOST_OPTIONS else []


def _typical(feature: FeatureSignature) -> Any:
    """An initial value: the middle of the range in training, or the first category."""
    low, high = feature.minimum, feature.maximum
    if feature.type == "number" and isinstance(low, float | int) and isinstance(high, float | int):
        return float(f"{(low + high) / 2:.3g}")
    if feature.type == "category":
        return next(iter(feature.categories or []), None)
    if feature.type == "boolean":
        return False
    return low[:10] if isinstance(low, str) else None


def _hint(feature: FeatureSignature) -> str:
    """The range in training, in a few words."""
    low, high = feature.minimum, feature.maximum
    bounds = f"{_short(low)} to {_short(high)}" if low is not None and high is not None else ""
    form = f"written as {written_date(EXAMPLE_DAY, feature.format)}" if feature.format is not None else ""
    number_form = _number_form(feature)
    if number_form is not None:
        form = f"written as {number_form.written(EXAMPLE_NUMBER)}"
    return ", ".join(part for part in (bounds, form, "may be empty" if feature.nullable else "") if part)


def _short(value: float | str) -> str:
    return value[:10] if isinstance(value, str) else f"{value:.4g}"
