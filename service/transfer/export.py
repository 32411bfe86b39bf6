"""A version, with everything known about it, as one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from models.formats import network_json, safetensors
from service.registry import Session, datasets
from service.registry.models import cards, curves, versions
from service.schemas.registry import Version
from service.schemas.transfer import MOST_POINTS
from service.transfer import archive
from service.transfer.readme import readme

RECORD_FORM = 1
LARGEST_NETWORK_AS_JSON = 256 * 1024
OF_THIS_SERVER = {"aliases", "links", "job"}
PROFILE_IN_FULL = {"histogram", "top_values"}


@dataclass(frozen=True)
class Export:
    """An exported version, and the bytes of its archive."""

    version: Version
    content: memoryview


def export(session: Session, model: str, reference: str) -> Export:
    """The archive of a version: the same bytes as long as its changeable fields stay unchanged.

    Raises NotFound, Gone and CorruptVersion.
    """
    version, weights = versions.get_weights(session, model, reference)
    files = {
        archive.WEIGHTS: weights,
        archive.RECORD: _as_json(_record(session, version)),
        archive.CARD: cards.get_card(session, model, version.version).encode(),
        archive.README: readme(model, version.version),
    }
    if len(weights) <= LARGEST_NETWORK_AS_JSON:
        files[archive.NETWORK] = network_json.dumps(safetensors.loads(weights))
    return Export(version, archive.write_archive(files))


def _record(session: Session, version: Version) -> dict[str, Any]:
    curve = curves.get_of_version(session, version.model, version.version, MOST_POINTS)
    return {
        "form": RECORD_FORM,
        "version": version.model_dump(mode="json", exclude=OF_THIS_SERVER),
        "curve": curve.model_dump(mode="json")["items"],
        "data": _data(session, version.dataset),
    }


def _data(session: Session, dataset: str | None) -> dict[str, Any] | None:
    """The description of the data, which contains none of its values except the ends of ranges."""
    row = None if dataset is None else datasets.find_row(session, dataset)
    if row is None:
        return None
    description = datasets.as_dataset(row).model_dump(
        mode="json", include={"id", "name", "format", "bytes", "rows", "columns"}
    )
    columns = [
        {name: value for name, value in column.items() if name not in PROFILE_IN_FULL}
        for column in description["columns"] or ()
    ]
    return description | {"columns": columns}


def _as_json(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
