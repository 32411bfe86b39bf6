"""A file that somebody sent to the form in which versions are stored. Runs in the process with limited memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import orjson

from models.errors import BadFile
from models.formats import network_json, safetensors
from models.inference.trained_network import TrainedNetwork
from service.problems import InvalidInput, Location, UnreadableBody, input_error
from service.strict_json import holds_nul, parse_json
from service.transfer.archive import read_archive
from service.transfer.file_names import RECORD, WEIGHTS
from service.transfer.limits import ImportLimits
from service.transfer.network_checks import find_fault

ImportFormat = Literal["zip", "safetensors", "json"]


def read_network(file: Path, form: ImportFormat, target: Path, limits: ImportLimits) -> dict[str, Any]:
    """Write the safetensors form to `target`; returns task, signature and, of an export, its record.

    The bytes written are a function of the network alone, whatever form it came in. Raises the problem of a file that
    is no network, or one that is over a limit.
    """
    root: list[str | int] = ["body"]
    record = None
    if form == "zip":
        files = read_archive(file, limits)
        root, record = ["body", WEIGHTS], _record(files[RECORD], limits)
        trained = _load(files.pop(WEIGHTS), root)
    elif form == "safetensors":
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
    except BadFile as fault:
        raise _no_network(fault.message, root) from fault


def _load_json(content: bytes, limits: ImportLimits) -> TrainedNetwork:
    value = parse_json(content, limits.json_depth)
    try:
        return network_json.from_value(value, len(content))
    except BadFile as fault:
        raise _no_network(fault.message, ["body"]) from fault


def _record(content: bytes, limits: ImportLimits) -> Any:
    try:
        return parse_json(content, limits.json_depth)
    except UnreadableBody as fault:
        told = f"`{RECORD}`: {fault.detail}"
        raise InvalidInput(told, errors=[input_error(["body", RECORD], "json", fault.detail)]) from fault


def _check(trained: TrainedNetwork, root: Location) -> None:
    """Raises InvalidInput for what no training makes, and for names that not every database can store."""
    found = find_fault(trained)
    if found is not None:
        raise _no_network(found[1], [*root, found[0]])
    try:
        signature = orjson.loads(orjson.dumps(trained.signature.to_json()))
    except TypeError as fault:
        raise _no_network(f"the signature can't be written as JSON: {fault}", root) from fault
    if holds_nul(signature):
        raise _no_network("a name contains the character U+0000, which not every database can store", root)


def _no_network(message: str, root: Location) -> InvalidInput:
    error = input_error(root, "bad-network", message)
    return InvalidInput(f"This network cannot be imported: {message}.", errors=[error])
