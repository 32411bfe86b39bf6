"""Files to one zip archive whose bytes are a function of them alone: fixed order, times and modes, not compressed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from service.transfer.file_names import MEMBERS, SUMS

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # of the zip format
ORDINARY_FILE = 0o100644 << 16


def write_archive(files: Mapping[str, bytes]) -> memoryview:
    """The archive of files by their names, with their checksums as `sha256sum --check` reads them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=MEMBERS.index):
            _add(archive, name, files[name])
        _add(archive, SUMS, _sums(files))
    return buffer.getbuffer()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, FIRST_MOMENT)
    member.external_attr, member.create_system = ORDINARY_FILE, 3  # as on Unix, wherever it is written
    archive.writestr(member, content)


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
