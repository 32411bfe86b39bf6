"""From a file that somebody sent to a version: on the disk, read by a process with limited memory, registered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.http.uploads import Uploads, receive_file
from service.api.transfer.import_record import read_record, stored_fields
from service.datasets.sandbox.pool import SandboxPool
from service.datasets.storage.uploads import StagedFile, write_staged
from service.media_types import JSON, OCTET_STREAM, SAFETENSORS, ZIP
from service.problems import UnsupportedType, shorten
from service.registry import Session, datasets, idempotency
from service.registry.database import Database
from service.registry.idempotency import Idempotency
from service.registry.models import aliases, curves, models, retention, versions
from service.registry.models.versions import NewVersion
from service.schemas.registry import AliasTarget, Version
from service.settings import Settings
from service.transfer.import_reader import ImportFormat
from service.transfer.limits import ImportLimits

READING_SECONDS = 120.0
IMPORT_FORMATS: dict[str, ImportFormat] = {
    ZIP: "zip",
    SAFETENSORS: "safetensors",
    JSON: "json",
}
SAYS_NOTHING = {"", OCTET_STREAM}


@dataclass(frozen=True)
class ReceivedImport:
    staged: StagedFile
    form: ImportFormat


@dataclass(frozen=True)
class ImportedVersion:
    """What came, as it will be stored. `digest` is of the bytes that were sent."""

    digest: str
    new: NewVersion
    curve: list[dict[str, Any]]


@dataclass(frozen=True)
class VersionImport:
    settings: Settings
    database: Database
    sandbox: SandboxPool
    actor: str

    async def receive(self, request: Request, kept: Uploads) -> ReceivedImport:
        """The body as a file. Raises UnsupportedType for what is no form of a version."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in IMPORT_FORMATS and media_type not in SAYS_NOTHING:
            raise _unsupported(f"not {shorten(media_type)!r}")
        await self.sandbox.warm_up()
        staged = await receive_file(request, kept)
        if media_type in IMPORT_FORMATS:
            return ReceivedImport(staged, IMPORT_FORMATS[media_type])
        return ReceivedImport(staged, await run_in_threadpool(_form_of, staged.path))

    async def read(self, received: ReceivedImport, kept: Uploads) -> ImportedVersion:
        """Raises the problem of a file that is no network, or is over a limit."""
        target = kept.take(await run_in_threadpool(write_staged, self.settings, b""))
        question = {
            "ask": "network",
            "file": str(received.staged.path),
            "form": received.form,
            "target": str(target.path),
            "limits": ImportLimits.of(self.settings).to_json(),
        }
        found = await self.sandbox.call(question, READING_SECONDS)
        return await run_in_threadpool(self._brought, received, found, target.path)

    def _brought(self, received: ReceivedImport, found: dict[str, Any], weights: Path) -> ImportedVersion:
        plain = {"task": found["task"], "signature": found["signature"], "weights": weights.read_bytes()}
        if found["record"] is None:
            metrics = {"training": None, "validation": None}
            new = NewVersion(**plain, metrics=metrics, environment={}, origin={"form": received.form})
            return ImportedVersion(received.staged.id, new, [])
        record = read_record(found["record"], plain["weights"], self.settings)
        new = NewVersion(**plain, **stored_fields(record.version))
        return ImportedVersion(received.staged.id, new, [point.model_dump() for point in record.curve])

    def register(
        self, model: str, alias: str | None, imported: ImportedVersion, key: str | None
    ) -> tuple[Version, bool]:
        """One transaction; returns the version and whether the key had made it before. Raises InvalidInput."""
        text = f"import {model} {alias or ''} {imported.digest}"
        sent = None if key is None else Idempotency(key, hashlib.sha256(text.encode()).hexdigest())
        with self.database.write() as session:
            if sent is not None:
                idempotency.hold_key(session, sent.key)
                made = idempotency.find_made(session, sent)
                if made is not None and made.version_id is not None:
                    return versions.get_registered(session, made.version_id), True
            return self._register(session, model, alias, imported, sent), False

    def _register(
        self, session: Session, model: str, alias: str | None, imported: ImportedVersion, sent: Idempotency | None
    ) -> Version:
        number = versions.add(session, model, _with_known_dataset(session, imported.new), self.actor)
        curves.add_points(session, model, number, imported.curve)
        if alias is not None:
            aliases.move(session, model, alias, AliasTarget(version=number), self.actor)
        if sent is not None:
            row = versions.get_row(session, models.get_row(session, model), number)
            idempotency.remember(session, sent, version_id=row.id)
        retention.apply(session, model)
        return versions.get_version(session, model, number)[0]


def _form_of(file: Path) -> ImportFormat:
    """Told by the first bytes. Raises UnsupportedType."""
    with file.open("rb") as opened:
        start = opened.read(64)
    if start.startswith(b"PK"):
        return "zip"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 2**32:
        return "safetensors"
    if start.lstrip().startswith(b"{"):
        return "json"
    raise _unsupported("and a body that is one of them")


def _unsupported(why: str) -> UnsupportedType:
    known = ", ".join(IMPORT_FORMATS)
    return UnsupportedType(f"Send the header `Content-Type` with one of {known}, {why}.", headers={"Accept": known})


def _with_known_dataset(session: Session, new: NewVersion) -> NewVersion:
    """Without its dataset, unless that is here."""
    if new.dataset is None or not datasets.known_ids(session, [new.dataset]):
        return replace(new, dataset=None)
    datasets.hold(session, new.dataset)
    return new
