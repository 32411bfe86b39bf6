"""The names that users give: models, aliases, datasets, and how a version is referred to."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def _not_reserved(name: str) -> str:
    if name in {"latest", "stats"}:
        raise ValueError(f"the name `{name}` is reserved; choose another")
    return name


def _not_a_number(name: str) -> str:
    if name.isdigit():
        raise ValueError("an alias can't be all digits, since those name versions; put a letter in it")
    return name


Name = Annotated[str, Field(pattern=NAME_PATTERN, examples=["iris"])]
ModelName = Annotated[Name, AfterValidator(_not_reserved)]
AliasName = Annotated[Name, AfterValidator(_not_reserved), AfterValidator(_not_a_number)]
DatasetName = Annotated[Name, AfterValidator(_not_reserved)]
# A number, an alias or `latest`, as it stands in a path.
VersionReference = Annotated[str, Field(pattern=NAME_PATTERN, examples=["3", "production", "latest"])]
