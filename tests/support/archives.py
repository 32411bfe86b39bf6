"""Archives of exported versions, made and unmade by hand."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

import httpx

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"
ZIP = {"Content-Type": "application/zip"}


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Packed again as any program would, the checksums as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def summed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """With checksums that fit."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return {**files, "SHA256SUMS": "".join(lines).encode()}


def fault_of(response: httpx.Response, status: int) -> dict:
    """The first fault of a problem document of this status."""
    assert response.status_code == status, response.text
    return response.json()["errors"][0]
