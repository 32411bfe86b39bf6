"""Which versions of a model are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.schemas.strict import Request, ResponseSchema, Time

KeepLast = Annotated[int, Field(ge=1, le=1_000_000, description="Keep this many of the newest versions.")]
KeepDays = Annotated[float, Field(gt=0, le=3650, description="Keep versions younger than this, too.")]
KeepRollbacks = Annotated[
    int,
    Field(
        ge=0,
        le=100,
        description="Also keep this many versions that each alias pointed to before, for a rollback.",
    ),
]


class RetentionRule(Request):
    """Which versions to keep. Versions that an alias points to (version, split or shadow) are always kept."""

    keep_last: KeepLast
    keep_days: KeepDays | None = None
    keep_rollbacks: KeepRollbacks = 1


class Retention(ResponseSchema):
    """The rule of a model."""

    model: str
    keep_last: int
    keep_days: float | None
    keep_rollbacks: int
    to_delete: Annotated[
        int, Field(description="Versions that are no longer kept and not deleted yet; they are deleted hourly.")
    ]
    updated_at: Time
    updated_by: str


class RetentionPreview(ResponseSchema):
    """What a rule would delete now."""

    count: Annotated[int, Field(description="How many versions would be deleted.")]
    versions: Annotated[list[int], Field(max_length=100, description="The oldest of them.")]
    kept: Annotated[int, Field(description="How many would stay.")]
