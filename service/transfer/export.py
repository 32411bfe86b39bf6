"""A version with all that is known of it as one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from models.formats import network_json, safetensors
from service.registry import Session, datasets
from service.registry.models import cards, curves, versions
from service.schemas.registry import Version
from service.schemas.transfer import MOST_POINTS
from service.transfer import file_names
from service.transfer.readme import readme
from service.transfer.zip_writer import write_archive

LARGEST_NETWORK_AS_JSON = 256 * 1024
OF_THIS_SERVER = {"aliases", "links", "job"}
PROFILE_IN_FULL = {"histogram", "top_values"}


@dataclass(frozen=True)
class Export:
    version: Version
    content: memoryview


def export(session: Session, model: str, reference: str) -> Export:
    """The archive of a version: the same bytes as long as nothing that may change of it was changed.

    Raises NotFound, Gone and CorruptVersion.
    """
    version, weights = versions.get_weights(session, model, reference)
    files = {
        file_names.WEIGHTS: weights,
        file_names.RECORD: _written(_record(session, version)),
        file_names.CARD: cards.get_card(session, model, version.version).encode(),
        file_names.README: readme(model, version.version),
    }
    if len(weights) <= LARGEST_NETWORK_AS_JSON:
        files[file_names.NETWORK] = network_json.dumps(safetensors.loads(weights))
    return Export(version, write_archive(files))


def _record(session: Session, version: Version) -> dict[str, Any]:
    curve = curves.get_of_version(session, version.model, version.version, MOST_POINTS)
    return {
        "form": file_names.FORM,
        "version": version.model_dump(mode="json", exclude=OF_THIS_SERVER),
        "curve": curve.model_dump(mode="json")["items"],
        "data": _data(session, version.dataset),
    }


def _data(session: Session, dataset: str | None) -> dict[str, Any] | None:
    """What the data are like: no values of theirs but the ends of ranges."""
    row = None if dataset is None else datasets.find_row(session, dataset)
    if row is None:
        return None
    told = datasets.as_dataset(row).model_dump(
        mode="json", include={"id", "name", "format", "bytes", "rows", "columns"}
    )
    columns = [
        {name: value for name, value in column.items() if name not in PROFILE_IN_FULL}
        for column in told["columns"] or ()
    ]
    return told | {"columns": columns}


def _written(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
