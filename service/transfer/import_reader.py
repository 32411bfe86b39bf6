"""From an imported file to the form in which versions are stored. Runs in the process with limited memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import orjson

from models.errors import BadFile
from models.formats import network_json, safetensors
from models.inference.trained_network import TrainedNetwork
from service.problems import InvalidInput, Location, UnreadableBody, input_error
from service.strict_json import holds_nul, parse_json
from service.transfer.archive import RECORD, WEIGHTS, read_archive
from service.transfer.limits import ImportLimits
from service.transfer.network_checks import find_fault

ImportFormat = Literal["zip", "safetensors", "json"]


def read_network(file: Path, format_: ImportFormat, target: Path, limits: ImportLimits) -> dict[str, Any]:
    """Write the network to `target` as safetensors; returns task, signature and, for an export, its record.

    The bytes written are a function of the network alone, whatever the format of the file. Raises the problem of a file
    that is not a network, or that exceeds a limit.
    """
    root: list[str | int] = ["body"]
    record = None
    if format_ == "zip":
        files = read_archive(file, limits)
        root, record = ["body", WEIGHTS], _record(files[RECORD], limits)
        trained = _load(files.pop(WEIGHTS), root)
    elif format_ == "safetensors":
        trained = _load(file.read_bytes(), root)
    else:
        trained = _load_json(file.read_bytes(), limits)
    limits.check(trained, root)
    _check(trained, root)
    target.write_bytes(safetensors.dumps(trained))
    return {"task": trained.task, "signature": trained.signature.to_json(), "record": record}


def _load(content: bytes, root: Location) -> TrainedNetwork:
    try:
        return safetensors.loads(content)
    except BadFile as error:
        raise _bad_network(error.message, root) from error


def _load_json(content: bytes, limits: ImportLimits) -> TrainedNetwork:
    value = parse_json(content, limits.json_depth)
    try:
        return network_json.from_value(value, len(content))
    except BadFile as error:
        raise _bad_network(error.message, ["body"]) from error


def _record(content: bytes, limits: ImportLimits) -> Any:
    try:
        return parse_json(content, limits.json_depth)
    except UnreadableBody as error:
        message = f"`{RECORD}`: {error.detail}"
        raise InvalidInput(message, errors=[input_error(["body", RECORD], "json", error.detail)]) from error


def _check(trained: TrainedNetwork, root: Location) -> None:
    """Raises InvalidInput for what no training produces, and for names that not every database can store."""
    fault = find_fault(trained)
    if fault is not None:
        raise _bad_network(fault[1], [*root, *fault[0]])
    try:
        signature = orjson.loads(orjson.dumps(trained.signature.to_json()))
    except TypeError as error:
        raise _bad_network(f"the signature can't be written as JSON: {error}", root) from error
    if holds_nul(signature):
        raise _bad_network("a name contains the character U+0000, which not every database can store", root)


def _bad_network(message: str, root: Location) -> InvalidInput:
    error = input_error(root, "bad-network", message)
    return InvalidInput(f"This network cannot be imported: {message}.", errors=[error])
