"""From a file that somebody sent to a version: on the disk, read by a process with limited memory, registered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from service.api.specification_faults import read_specification
from service.api.uploads import Uploads, receive_file
from service.api.validation import invalid_input
from service.datasets.examiner import Examiner
from service.datasets.incoming import Incoming, write_incoming
from service.problems import InvalidInput, UnsupportedType, input_error, shorten
from service.registry import Session, aliases, curves, datasets, idempotency, models, versions
from service.registry.database import Database
from service.registry.idempotency import Idempotency
from service.registry.versions import NewVersion
from service.schemas.registry import AliasTarget, Version
from service.schemas.strict import write_time
from service.schemas.training import StoredData
from service.schemas.transfer import ExportedVersion, ExportRecord
from service.settings import Settings
from service.transfer.limits import ImportLimits
from service.transfer.members import RECORD, WEIGHTS
from service.transfer.reading import Form

READING_SECONDS = 120.0
FORMS: dict[str, Form] = {
    "application/zip": "zip",
    "application/vnd.safetensors": "safetensors",
    "application/json": "json",
}
SAYS_NOTHING = {"", "application/octet-stream"}
LOCATION = ["body", RECORD, "version"]


@dataclass(frozen=True)
class Received:
    incoming: Incoming
    form: Form


@dataclass(frozen=True)
class Brought:
    """What came, as it will be stored. `digest` is of the bytes that were sent."""

    digest: str
    new: NewVersion
    curve: list[dict[str, Any]]


@dataclass(frozen=True)
class ImportIntake:
    settings: Settings
    database: Database
    examiner: Examiner
    actor: str

    async def receive(self, request: Request, kept: Uploads) -> Received:
        """The body as a file. Raises UnsupportedType for what is no form of a version."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in FORMS and media_type not in SAYS_NOTHING:
            raise _unsupported(f"not {shorten(media_type)!r}")
        await self.examiner.warm_up()
        incoming = await receive_file(request, kept)
        if media_type in FORMS:
            return Received(incoming, FORMS[media_type])
        return Received(incoming, await run_in_threadpool(_form_of, incoming.path))

    async def read(self, received: Received, kept: Uploads) -> Brought:
        """Raises the problem of a file that is no network, or is over a limit."""
        target = kept.take(await run_in_threadpool(write_incoming, self.settings, b""))
        question = {
            "ask": "network",
            "file": str(received.incoming.path),
            "form": received.form,
            "target": str(target.path),
            "limits": ImportLimits.of(self.settings).to_json(),
        }
        found = await self.examiner.ask(question, READING_SECONDS)
        return await run_in_threadpool(self._brought, received, found, target.path)

    def _brought(self, received: Received, found: dict[str, Any], weights: Path) -> Brought:
        plain = {"task": found["task"], "signature": found["signature"], "weights": weights.read_bytes()}
        if found["record"] is None:
            metrics = {"training": None, "validation": None}
            new = NewVersion(**plain, metrics=metrics, environment={}, origin={"form": received.form})
            return Brought(received.incoming.id, new, [])
        record = _read_record(found["record"])
        told = record.version
        _check_weights(told, plain["weights"])
        self._check_request(told)
        new = NewVersion(**plain, **_kept(told), origin=_origin(told), dataset=_dataset(told))
        return Brought(received.incoming.id, new, [point.model_dump() for point in record.curve])

    def _check_request(self, told: ExportedVersion) -> None:
        """A request that is kept may be trained again here: it keeps to this server's limits."""
        if told.request is not None:
            request = {name: value for name, value in told.request.items() if name != "data"}
            read_specification(request, self.settings, [*LOCATION, "request"])

    def register(self, model: str, alias: str | None, brought: Brought, key: str | None) -> tuple[Version, bool]:
        """One transaction; returns the version and whether the key had made it before. Raises InvalidInput."""
        text = f"import {model} {alias or ''} {brought.digest}"
        sent = None if key is None else Idempotency(key, hashlib.sha256(text.encode()).hexdigest())
        with self.database.write() as session:
            if sent is not None:
                idempotency.hold_key(session, sent.key)
                made = idempotency.find_made(session, sent)
                if made is not None and made.version_id is not None:
                    return versions.get_registered(session, made.version_id), True
            return self._register(session, model, alias, brought, sent), False

    def _register(
        self, session: Session, model: str, alias: str | None, brought: Brought, sent: Idempotency | None
    ) -> Version:
        number = versions.add(session, model, _with_known_dataset(session, brought.new), self.actor)
        curves.add_points(session, model, number, brought.curve)
        if alias is not None:
            aliases.move(session, model, alias, AliasTarget(version=number), self.actor)
        if sent is not None:
            row = versions.get_row(session, models.get_row(session, model), number)
            idempotency.remember(session, sent, version_id=row.id)
        return versions.get_version(session, model, number)[0]


def _form_of(file: Path) -> Form:
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
    known = ", ".join(FORMS)
    return UnsupportedType(f"Send the header `Content-Type` with one of {known}, {why}.", headers={"Accept": known})


def _read_record(value: Any) -> ExportRecord:
    try:
        return ExportRecord.model_validate(value)
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), ["body", RECORD], ExportRecord) from None


def _check_weights(told: ExportedVersion, weights: bytes) -> None:
    """Raises InvalidInput where the record is that of other weights."""
    if hashlib.sha256(weights).hexdigest() != told.weights_sha256:
        message = f"the SHA-256 of {WEIGHTS} is another one"
        raise InvalidInput(
            f"`{RECORD}` belongs to other weights.",
            errors=[input_error([*LOCATION, "weights_sha256"], "checksum", message)],
        )


def _kept(told: ExportedVersion) -> dict[str, Any]:
    """What is stored of a version as it was told."""
    return {
        "metrics": told.metrics.model_dump(),
        "request": told.request,
        "split": told.split,
        "seed": told.seed,
        "environment": told.environment,
        "duration_seconds": told.duration_seconds,
        "warnings": told.warnings,
        "tags": told.tags,
        "description": told.description,
        "notes": told.notes,
    }


def _origin(told: ExportedVersion) -> dict[str, Any]:
    return {"form": "zip", "model": told.model, "version": told.version, "created_at": write_time(told.created_at)}


def _dataset(told: ExportedVersion) -> str | None:
    """The data that it was trained on. A version that was imported before tells them in its request alone."""
    if told.request is None:
        return told.dataset
    try:
        return StoredData.model_validate(told.request.get("data")).dataset
    except ValidationError as error:
        root = [*LOCATION, "request", "data"]
        raise invalid_input(error.errors(include_url=False), root, StoredData) from None


def _with_known_dataset(session: Session, new: NewVersion) -> NewVersion:
    """Without its dataset, unless that is here."""
    if new.dataset is None or not datasets.known_ids(session, [new.dataset]):
        return replace(new, dataset=None)
    datasets.hold(session, new.dataset)
    return new
