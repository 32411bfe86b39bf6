"""Models, versions and aliases in requests and responses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from service.schemas.strict import JsonObject, Request, ResponseSchema, Tags, Time

Metrics = dict[str, Any]
VersionNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]


def _is_none(value: object) -> bool:
    return value is None


class FeatureSignature(ResponseSchema):
    """A feature that a version expects, with the range or the categories of its training data."""

    name: str
    type: Literal["number", "boolean", "category", "date"]
    nullable: bool
    minimum: float | str | None = None
    maximum: float | str | None = None
    categories: list[str] | None = None
    format: Annotated[
        str | None,
        Field(
            description="How dates are written, in strptime's notation; by default ISO 8601.",
            exclude_if=_is_none,
        ),
    ] = None
    decimal: Annotated[str | None, Field(description="The decimal sign of texts.", exclude_if=_is_none)] = None
    thousands: Annotated[str | None, Field(description="What separates thousands in texts.", exclude_if=_is_none)] = (
        None
    )
    unit: Annotated[
        str | None, Field(description="What stands before or behind each number in texts.", exclude_if=_is_none)
    ] = None
    missing_values: Annotated[
        list[str] | None,
        Field(description="The texts that stand for no value, beside the empty one.", exclude_if=_is_none),
    ] = None


class OutputSignature(ResponseSchema):
    """An output of a version; `classes` are in the order of the probabilities."""

    name: str
    type: str
    classes: list[Any] | None = None
    threshold: Annotated[
        float | None,
        Field(
            description="With two classes, the second is predicted from this probability on; null: the likelier class."
        ),
    ] = None


class Signature(ResponseSchema):
    features: list[FeatureSignature]
    outputs: list[OutputSignature]
    ignored: Annotated[
        list[str] | None,
        Field(
            description="Columns of the training data that are no inputs; a row may have them, and they do nothing.",
            exclude_if=_is_none,
        ),
    ] = None


class VersionMetrics(ResponseSchema):
    training: Metrics | None
    validation: Metrics | None


class Version(ResponseSchema):
    """One immutable trained network under a model's name."""

    model: str
    version: int
    created_at: Time
    aliases: list[str]
    task: str
    signature: Signature
    metrics: VersionMetrics
    request: JsonObject | None = None
    dataset: str | None
    split: JsonObject | None = None
    origin: JsonObject | None = None
    seed: int | None
    weights_sha256: str
    weights_bytes: int
    environment: JsonObject
    job: str | None
    duration_seconds: float | None
    warnings: list[JsonObject]
    tags: dict[str, str]
    description: str
    notes: str | None = None
    links: dict[str, str]


class Model(ResponseSchema):
    """A name with versions and aliases."""

    name: str
    description: str
    tags: dict[str, str]
    created_at: Time
    updated_at: Time
    latest: int | None
    versions: int
    aliases: dict[str, int]
    links: dict[str, str]


class Description(Request):
    """The changeable fields of a model; those left out stay as they are."""

    description: Annotated[str, Field(max_length=10_000)] | None = None
    tags: Tags | None = None


class VersionChange(Description):
    """The changeable fields of a version; `notes` are Markdown, shown at the end of its model card."""

    notes: Annotated[str, Field(max_length=20_000)] | None = None


class AliasTarget(ResponseSchema):
    """Where an alias points. `split` divides its requests between versions; `shadow` gets a copy of each."""

    version: int
    split: dict[str, float] | None = None
    shadow: int | None = None


class AliasRequest(Request):
    """The new target of an alias: a version, or a split, whose heaviest version is the default."""

    split: Annotated[
        dict[VersionNumber, Annotated[float, Field(ge=0, le=1)]] | None,
        Field(min_length=1, description="Each version's share of the requests; the shares add up to 1."),
    ] = None
    version: Annotated[
        int | None,
        Field(
            ge=1, validate_default=True, description="If left out beside a split, the version with the largest share."
        ),
    ] = None
    shadow: Annotated[
        int | None, Field(ge=1, description="A version that answers the same requests, for comparison only.")
    ] = None

    @field_validator("version")
    @classmethod
    def _check_version(cls, version: int | None, info: ValidationInfo) -> int | None:
        has_no_split = "split" in info.data and info.data["split"] is None
        if version is None and has_no_split:
            raise ValueError("give a `version`, or a `split` over versions")
        return version

    @property
    def target(self) -> AliasTarget:
        version = self.version
        if version is None:
            assert self.split is not None
            version = int(max(self.split, key=self.split.__getitem__))
        return AliasTarget(version=version, split=self.split, shadow=self.shadow)


class Alias(ResponseSchema):
    """A movable name for a version."""

    model: str
    alias: str
    version: int
    split: dict[str, float] | None
    shadow: int | None
    updated_at: Time
    updated_by: str


class Rollback(Request):
    steps: Annotated[int, Field(ge=1, le=1000)] = 1


class AliasMove(ResponseSchema):
    """One move of an alias; `version` is null if the alias was deleted."""

    version: int | None
    split: dict[str, float] | None = None
    shadow: int | None = None
    moved_at: Time
    moved_by: str
