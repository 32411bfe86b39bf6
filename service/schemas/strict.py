"""The base of all schemas: strict types, no unknown fields, times in the format of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


class Request(BaseModel):
    """The base of request bodies: strings and booleans are not numbers, and unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ResponseSchema(BaseModel):
    """The base of response bodies."""

    model_config = ConfigDict(frozen=True)


def write_time(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC, which is assumed for a time without a zone. SQLite compares times without their zones."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("this is before the year 1 or after the year 9999") from None


Moment = Annotated[datetime, AfterValidator(in_utc)]
Time = Annotated[datetime, PlainSerializer(write_time, return_type=str)]
JsonObject = dict[str, Any]
Tags = Annotated[dict[str, str], Field(max_length=100)]


Item = TypeVar("Item")


class Page(ResponseSchema, Generic[Item]):
    """One page of a list, newest first. `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None
