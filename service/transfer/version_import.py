"""From an imported file to a version: read by a process with limited memory, then registered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from anyio import to_thread

from service.media_types import JSON, OCTET_STREAM, SAFETENSORS, ZIP
from service.problems import UnsupportedType, shorten
from service.registry import Session, datasets
from service.registry.database import Database
from service.registry.idempotency import Idempotency, find_record, hold_key, remember
from service.registry.models import aliases, curves, models, retention, versions
from service.registry.models.versions import NewVersion
from service.schemas.registry import AliasTarget, Version
from service.settings import Settings
from service.transfer.import_reader import ImportFormat
from service.transfer.import_record import read_record, stored_fields
from service.transfer.limits import ImportLimits

READING_SECONDS = 120.0
IMPORT_FORMATS: dict[str, ImportFormat] = {
    ZIP: "zip",
    SAFETENSORS: "safetensors",
    JSON: "json",
}
UNSPECIFIC_TYPES = {"", OCTET_STREAM}


class Sandbox(Protocol):
    """A process with limited memory that reads files; `service.datasets.sandbox.pool` implements it."""

    async def call(self, request: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]: ...


@dataclass(frozen=True)
class ImportedFile:
    """An imported file; `digest` is of its bytes."""

    path: Path
    digest: str
    format: ImportFormat


@dataclass(frozen=True)
class ImportedVersion:
    """The content of an imported file, as it will be stored."""

    digest: str
    new: NewVersion
    curve: list[dict[str, Any]]


@dataclass(frozen=True)
class VersionImport:
    """Reads imported files and registers their versions."""

    settings: Settings
    database: Database
    sandbox: Sandbox
    actor: str

    async def read(self, file: ImportedFile, weights: Path) -> ImportedVersion:
        """Read the file, with its network written to `weights` as safetensors.

        Raises the problem of a file that is not a network, or exceeds a limit.
        """
        request = {
            "ask": "network",
            "file": str(file.path),
            "form": file.format,
            "target": str(weights),
            "limits": ImportLimits.of(self.settings).to_json(),
        }
        content = await self.sandbox.call(request, READING_SECONDS)
        return await to_thread.run_sync(self._new_version, file, content, weights)

    def _new_version(self, file: ImportedFile, content: dict[str, Any], weights: Path) -> ImportedVersion:
        network = {"task": content["task"], "signature": content["signature"], "weights": weights.read_bytes()}
        if content["record"] is None:
            metrics = {"training": None, "validation": None}
            new = NewVersion(**network, metrics=metrics, environment={}, origin={"form": file.format})
            return ImportedVersion(file.digest, new, [])
        record = read_record(content["record"], network["weights"], self.settings)
        new = NewVersion(**network, **stored_fields(record.version))
        return ImportedVersion(file.digest, new, [point.model_dump() for point in record.curve])

    def register(
        self, model: str, alias: str | None, imported: ImportedVersion, key: str | None
    ) -> tuple[Version, bool]:
        """Register a version in one transaction; returns it and whether it is a replay. Raises InvalidInput."""
        text = f"import {model} {alias or ''} {imported.digest}"
        idempotency = None if key is None else Idempotency(key, hashlib.sha256(text.encode()).hexdigest())
        with self.database.write() as session:
            if idempotency is not None:
                hold_key(session, idempotency.key)
                record = find_record(session, idempotency)
                if record is not None and record.version_id is not None:
                    return versions.get_registered(session, record.version_id), True
            return self._register(session, model, alias, imported, idempotency), False

    def _register(
        self,
        session: Session,
        model: str,
        alias: str | None,
        imported: ImportedVersion,
        idempotency: Idempotency | None,
    ) -> Version:
        number = versions.add(session, model, _with_known_dataset(session, imported.new), self.actor)
        curves.add_points(session, model, number, imported.curve)
        if alias is not None:
            aliases.move(session, model, alias, AliasTarget(version=number), self.actor)
        if idempotency is not None:
            row = versions.get_row(session, models.get_row(session, model), number)
            remember(session, idempotency, version_id=row.id)
        retention.apply(session, model)
        return versions.get_version(session, model, number)[0]


def check_media_type(media_type: str) -> None:
    """Raises UnsupportedType for a type that is not a format of versions."""
    if media_type not in IMPORT_FORMATS and media_type not in UNSPECIFIC_TYPES:
        raise _unsupported(f"not {shorten(media_type)!r}")


def detect_format(file: Path, media_type: str) -> ImportFormat:
    """The format by the media type, or else by the first bytes. Raises UnsupportedType."""
    if media_type in IMPORT_FORMATS:
        return IMPORT_FORMATS[media_type]
    with file.open("rb") as stream:
        start = stream.read(64)
    if start.startswith(b"PK"):
        return "zip"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 2**32:
        return "safetensors"
    if start.lstrip().startswith(b"{"):
        return "json"
    raise _unsupported("and a body that is one of them")


def _unsupported(why: str) -> UnsupportedType:
    media_types = ", ".join(IMPORT_FORMATS)
    return UnsupportedType(
        f"Send the header `Content-Type` with one of {media_types}, {why}.", headers={"Accept": media_types}
    )


def _with_known_dataset(session: Session, new: NewVersion) -> NewVersion:
    """The version with its dataset if that is on this server, else without one."""
    if new.dataset is None or not datasets.known_ids(session, [new.dataset]):
        return replace(new, dataset=None)
    datasets.hold(session, new.dataset)
    return new
