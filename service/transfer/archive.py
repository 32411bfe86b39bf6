"""The files of an archive that somebody sent: names, sizes and number looked at before anything is unpacked."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from pathlib import Path

from service.problems import InvalidInput, TooLarge, UnreadableBody, input_error, shorten
from service.transfer.file_names import MEMBERS, REQUIRED, SUMS, WEIGHTS
from service.transfer.limits import ImportLimits

END, END_BYTES = b"PK\x05\x06", 22
LONG_END, LONG_END_BYTES = b"PK\x06\x07", 20
MOST_DIRECTORY_BYTES = 64 * 1024
ENCRYPTED = 1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def read_archive(file: Path, limits: ImportLimits) -> dict[str, bytes]:
    """Its files by their names, each with the checksum that stands in SHA256SUMS.

    Raises UnreadableBody, TooLarge, and InvalidInput with the name of the file that is at fault.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), limits)
            files = {member.filename: _unpack(archive, member) for member in archive.infolist()}
    except zipfile.BadZipFile as fault:
        raise _no_archive() from fault
    _check_sums(files)
    return files


def _check_directory(file: Path) -> None:
    """Raises TooLarge before a directory of many entries is read, by what stands at the end of the file."""
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(size - END_BYTES - LONG_END_BYTES, 0))
        tail = opened.read()
    end, before = tail[-END_BYTES:], tail[:-END_BYTES]
    if len(end) < END_BYTES or not end.startswith(END):
        raise _no_archive()
    if before.startswith(LONG_END) or int.from_bytes(end[12:16], "little") > MOST_DIRECTORY_BYTES:
        raise TooLarge(f"The archive lists more than the {len(MEMBERS)} files that an export has at most.")


def _check_members(members: list[zipfile.ZipInfo], limits: ImportLimits) -> None:
    names = [member.filename for member in members]
    for name in names:
        if name not in MEMBERS or names.count(name) > 1:
            known = ", ".join(MEMBERS)
            raise _fault(name, "unknown-file", f"an export has {known}, each once and in no folder, and nothing else")
    for name in REQUIRED:
        if name not in names:
            raise _fault(name, "missing", "this file is missing in the archive")
    for member in members:
        if member.flag_bits & ENCRYPTED or member.compress_type not in METHODS:
            raise _fault(member.filename, "packing", "files must be stored or deflated, and not encrypted")
        most, setting = limits.largest(is_weights=member.filename == WEIGHTS)
        if member.file_size > most:
            told = f"`{member.filename}` unpacks to {member.file_size:,} bytes; the limit is {most:,} ({setting})."
            raise TooLarge(told)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The file; zipfile gives no more bytes than the directory tells."""
    try:
        content = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise _fault(member.filename, "damaged", "this file can't be unpacked; it was cut or changed") from fault
    if len(content) != member.file_size:
        raise _fault(member.filename, "damaged", "this file is shorter than the archive says")
    return content


def _check_sums(files: dict[str, bytes]) -> None:
    told = _read_sums(files[SUMS])
    for name, content in files.items():
        if name != SUMS and told.get(name) != hashlib.sha256(content).hexdigest():
            raise _fault(name, "checksum", f"its SHA-256 is not the one in {SUMS}; it was changed after the export")
    for name in told:
        if name not in files:
            raise _fault(name, "missing", f"{SUMS} lists this file, but the archive does not contain it")


def _read_sums(content: bytes) -> dict[str, str]:
    lines = [SUM.fullmatch(line) for line in content.decode("utf-8", "replace").splitlines()]
    if not all(lines):
        raise _fault(SUMS, "invalid", "each line is a SHA-256 in hexadecimal, two spaces and a name")
    return {line[2]: line[1] for line in lines if line is not None}


def _fault(name: str, code: str, message: str) -> InvalidInput:
    shown = shorten(name, 60)
    return InvalidInput(f"`{shown}`: {message}.", errors=[input_error(["body", shown], code, message)])


def _no_archive() -> UnreadableBody:
    return UnreadableBody(
        "This is not a complete zip archive: its end is missing or changed. Export the version again."
    )
