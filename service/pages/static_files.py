"""The pages' scripts, styles and images, under an address that changes with their content."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIRECTORY = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
# Browsers run scripts of this type only; the machine's own table may have another.
mimetypes.add_type("text/javascript", ".js")


def digest_of(directory: Path) -> str:
    """The first 16 digits of SHA-256 over every file's path and content."""
    digest = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(directory).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


ROOT = f"/static/{digest_of(DIRECTORY)}"


class ImmutableFiles(StaticFiles):
    """Files that a browser may cache forever, because changed content has a new address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = FOREVER
        return response
