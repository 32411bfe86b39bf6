"""The names of models, aliases and datasets, and references to versions."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

LONGEST_COLUMN_NAME = 1000
NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def _check_not_reserved(name: str) -> str:
    if name in {"latest", "stats"}:
        raise ValueError(f"the name `{name}` is reserved; choose another")
    return name


def _check_not_digits(name: str) -> str:
    if name.isdigit():
        raise ValueError("an alias can't be all digits, since those name versions; put a letter in it")
    return name


Name = Annotated[str, Field(pattern=NAME_PATTERN, examples=["iris"])]
ModelName = Annotated[Name, AfterValidator(_check_not_reserved)]
AliasName = Annotated[Name, AfterValidator(_check_not_reserved), AfterValidator(_check_not_digits)]
DatasetName = Annotated[Name, AfterValidator(_check_not_reserved)]
# A number, an alias or `latest`, as part of a path.
VersionReference = Annotated[str, Field(pattern=NAME_PATTERN, examples=["3", "production", "latest"])]
