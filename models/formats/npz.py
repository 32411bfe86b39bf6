"""NumPy's own archive, without pickle: `numpy.load(file)` shows every tensor and the description.

The description is the member `description`, canonical JSON as bytes (uint8).
"""

import io
import zipfile

import numpy as np
from numpy.lib import format as npy

from models.arrays import Array
from models.errors import BadFile
from models.formats.description import assemble, canonical_json, describe, read_json, tensors_of
from models.formats.digest import checked_digest, with_digest
from models.inference.trained_network import TrainedNetwork

DESCRIPTION = "description"
_TYPES = {"<f4", "<f8", "|u1"}


def dumps(trained: TrainedNetwork) -> bytes:
    """The network as an archive, not compressed, with its members in name order."""
    tensors = tensors_of(trained)
    text = canonical_json(with_digest(describe(trained), tensors)).encode("ascii")
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{DESCRIPTION: np.frombuffer(text, dtype=np.uint8), **tensors})
    return file.getvalue()


def loads(data: bytes) -> TrainedNetwork:
    """The trained network. Raises BadFile for any other archive; memory is bounded by the file's size."""
    members = _members(data)
    description = members.pop(DESCRIPTION, None)
    if description is None or description.dtype != np.uint8:
        raise BadFile("the archive holds no description of a network")
    return assemble(checked_digest(read_json(description.tobytes()), members), members, len(data))


def _members(data: bytes) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_stored(archive, len(data))
            return {info.filename.removesuffix(".npy"): _array(archive.read(info)) for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        raise BadFile("this is no whole npz archive; it was cut or changed") from fault


def _require_stored(archive: zipfile.ZipFile, size: int) -> None:
    """Raises BadFile where members could unpack to more bytes than the file has."""
    members = archive.infolist()
    names = {info.filename for info in members}
    compressed = any(info.compress_type != zipfile.ZIP_STORED for info in members)
    if compressed or len(names) < len(members) or sum(info.file_size for info in members) > size:
        raise BadFile("the archive is compressed or names a member twice; write it with numpy.savez")


def _array(member: bytes) -> Array:
    """One array, whose header is checked before memory of its size is allocated."""
    file = io.BytesIO(member)
    if npy.read_magic(file) != (1, 0):
        raise BadFile("a member of the archive is no NumPy array of version 1.0")
    shape, fortran_order, dtype = npy.read_array_header_1_0(file)
    if fortran_order or dtype.str not in _TYPES:
        raise BadFile(f"a member of the archive is an array of {dtype.str}, and a network's are <f4 or <f8")
    return np.frombuffer(member, dtype=dtype, offset=file.tell()).reshape(shape)
