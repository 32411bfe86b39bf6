"""The archive of an export: its files, how it is written, and how one from a caller is read.

Its bytes are a function of the files alone: fixed order, times and modes, not compressed. Names, sizes and number of
files are checked before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from service.problems import InvalidInput, TooLarge, UnreadableBody, input_error, shorten
from service.transfer.limits import ImportLimits

WEIGHTS = "weights.safetensors"
RECORD = "version.json"
NETWORK = "network.json"
CARD = "card.md"
README = "README.md"
SUMS = "SHA256SUMS"
MEMBERS = (README, CARD, NETWORK, RECORD, WEIGHTS, SUMS)
REQUIRED = (RECORD, WEIGHTS, SUMS)

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # of the zip format
ORDINARY_FILE = 0o100644 << 16
END, END_BYTES = b"PK\x05\x06", 22
LONG_END, LONG_END_BYTES = b"PK\x06\x07", 20
MOST_DIRECTORY_BYTES = 64 * 1024
ENCRYPTED = 1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


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


def read_archive(file: Path, limits: ImportLimits) -> dict[str, bytes]:
    """The files of an archive by their names, each verified by its checksum in SHA256SUMS.

    Raises UnreadableBody, TooLarge, and InvalidInput with the name of the invalid file.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive.infolist(), limits)
            files = {member.filename: _unpack(archive, member) for member in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise _not_an_archive() from error
    _check_sums(files)
    return files


def _check_directory(file: Path) -> None:
    """Raises TooLarge before a directory of many entries is read, by the record at the end of the file."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - END_BYTES - LONG_END_BYTES, 0))
        tail = stream.read()
    end, before = tail[-END_BYTES:], tail[:-END_BYTES]
    if len(end) < END_BYTES or not end.startswith(END):
        raise _not_an_archive()
    if before.startswith(LONG_END) or int.from_bytes(end[12:16], "little") > MOST_DIRECTORY_BYTES:
        raise TooLarge(f"The archive lists more than the {len(MEMBERS)} files that an export has at most.")


def _check_members(members: list[zipfile.ZipInfo], limits: ImportLimits) -> None:
    names = [member.filename for member in members]
    for name in names:
        if name not in MEMBERS or names.count(name) > 1:
            members_text = ", ".join(MEMBERS)
            raise _invalid_file(
                name, "unknown-file", f"an export has {members_text}, each once and in no folder, and nothing else"
            )
    for name in REQUIRED:
        if name not in names:
            raise _invalid_file(name, "missing", "this file is missing in the archive")
    for member in members:
        if member.flag_bits & ENCRYPTED or member.compress_type not in METHODS:
            raise _invalid_file(member.filename, "packing", "files must be stored or deflated, and not encrypted")
        most, setting = limits.largest(is_weights=member.filename == WEIGHTS)
        if member.file_size > most:
            message = f"`{member.filename}` unpacks to {member.file_size:,} bytes; the limit is {most:,} ({setting})."
            raise TooLarge(message)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A file of the archive; zipfile returns no more bytes than the directory states."""
    try:
        content = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _invalid_file(member.filename, "damaged", "this file can't be unpacked; it was cut or changed") from error
    if len(content) != member.file_size:
        raise _invalid_file(member.filename, "damaged", "this file is shorter than the archive says")
    return content


def _check_sums(files: dict[str, bytes]) -> None:
    sums = _read_sums(files[SUMS])
    for name, content in files.items():
        if name != SUMS and sums.get(name) != hashlib.sha256(content).hexdigest():
            raise _invalid_file(
                name, "checksum", f"its SHA-256 is not the one in {SUMS}; it was changed after the export"
            )
    for name in sums:
        if name not in files:
            raise _invalid_file(name, "missing", f"{SUMS} lists this file, but the archive does not contain it")


def _read_sums(content: bytes) -> dict[str, str]:
    lines = [SUM.fullmatch(line) for line in content.decode("utf-8", "replace").splitlines()]
    if not all(lines):
        raise _invalid_file(SUMS, "invalid", "each line is a SHA-256 in hexadecimal, two spaces and a name")
    return {line[2]: line[1] for line in lines if line is not None}


def _invalid_file(name: str, code: str, message: str) -> InvalidInput:
    short_name = shorten(name, 60)
    return InvalidInput(f"`{short_name}`: {message}.", errors=[input_error(["body", short_name], code, message)])


def _not_an_archive() -> UnreadableBody:
    return UnreadableBody(
        "This is not a complete zip archive: its end is missing or changed. Export the version again."
    )
