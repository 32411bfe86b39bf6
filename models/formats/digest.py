"""A digest of the description and every tensor, kept in the description, which reveals any changed bit."""

import hashlib
from collections.abc import Mapping

from models.arrays import Array
from models.errors import BadFile
from models.formats.description import canonical_json

DIGEST = "sha256"


def with_digest(description: Mapping[str, object], tensors: Mapping[str, Array]) -> dict[str, object]:
    """The description with its digest."""
    return {**description, DIGEST: _digest(description, tensors)}


def checked_digest(description: object, tensors: Mapping[str, Array]) -> dict[str, object]:
    """The description without its digest. Raises BadFile where the digest is not that of the content."""
    if not isinstance(description, dict) or DIGEST not in description:
        raise BadFile(f"the description of the network lacks its digest {DIGEST!r}")
    content = {key: value for key, value in description.items() if key != DIGEST}
    if description[DIGEST] != _digest(content, tensors):
        raise BadFile("the content of the file is not what was written; some byte was changed")
    return content


def _digest(description: Mapping[str, object], tensors: Mapping[str, Array]) -> str:
    digest = hashlib.sha256(canonical_json(description).encode("ascii"))
    for name in sorted(tensors):
        digest.update(f"{name!a} {tensors[name].dtype.str} {tensors[name].shape}".encode("ascii"))
        digest.update(tensors[name].tobytes())
    return digest.hexdigest()
