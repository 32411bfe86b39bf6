"""Archives of exported versions, packed and unpacked by hand."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

import httpx

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"
ZIP = {"Content-Type": "application/zip"}


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zip_file:
        return {name: zip_file.read(name) for name in zip_file.namelist()}


def archive_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of the files as any program would pack them, with their checksums unchanged."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def summed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with checksums that match."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return {**files, "SHA256SUMS": "".join(lines).encode()}


def fault_of(response: httpx.Response, status: int) -> dict:
    """The first error of a problem document that has this status."""
    assert response.status_code == status, response.text
    return response.json()["errors"][0]
