"""`multipart/form-data` with a `file`, read as it arrives: the file goes to the disk, small parts stay in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.api.http.uploads import Upload, Uploads, pieces_of
from service.datasets.storage.uploads import StagedFile
from service.problems import InvalidInput, TooLarge, UnreadableBody, did_you_mean, input_error, sentence, shorten

MOST_TEXT_BYTES = 1024 * 1024
FILE = "file"


@dataclass(frozen=True)
class FormFile:
    """The part `file` of a form."""

    staged: StagedFile
    name: str | None
    content_type: str | None


@dataclass(frozen=True)
class MultipartForm:
    file: FormFile
    texts: dict[str, bytes]


async def receive_form(request: Request, files: Uploads, texts: tuple[str, ...]) -> MultipartForm:
    """A form with a file and the named small parts, in any order. Raises UnreadableBody, InvalidInput and TooLarge."""
    parser = _Parser(_boundary(request), files, texts)
    async for piece in pieces_of(request):
        parser.write(piece)
        if parser.upload is not None:
            await parser.upload.flush()
    return await parser.finish()


def _boundary(request: Request) -> bytes:
    boundary = parse_options_header(request.headers.get("content-type", ""))[1].get(b"boundary")
    if not boundary:
        raise UnreadableBody("The Content-Type has no boundary. Let your HTTP library or curl's -F write the form.")
    return boundary


@dataclass
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    header_name: bytes = b""
    header_value: bytes = b""
    name: str = ""


class _Parser:
    """python-multipart's callbacks, which build a MultipartForm."""

    def __init__(self, boundary: bytes, files: Uploads, texts: tuple[str, ...]) -> None:
        self._files = files
        self._names = (FILE, *texts)
        self._texts: dict[str, bytearray] = {}
        self._part = _Part()
        self._file: tuple[str | None, str | None] = (None, None)
        self._ended = False
        self.upload: Upload | None = None
        callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_data,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError as error:
            raise _invalid_form(error) from None

    def write(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _invalid_form(error) from None

    async def finish(self) -> MultipartForm:
        if not self._ended:
            raise UnreadableBody("The form is incomplete: its last boundary is missing.")
        missing = [name for name in self._names if name not in self._texts and (name != FILE or self.upload is None)]
        if missing:
            errors = [input_error(["body", name], "missing", "this part is required") for name in missing]
            raise InvalidInput(f"The form has no part `{missing[0]}`.", errors=errors)
        assert self.upload is not None
        file = FormFile(await self.upload.finish(), *self._file)
        return MultipartForm(file, {name: bytes(text) for name, text in self._texts.items()})

    def _begin_part(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += data[start:end]

    def _end_header(self) -> None:
        part = self._part
        part.headers[part.header_name.lower()] = part.header_value
        part.header_name = part.header_value = b""

    def _begin_data(self) -> None:
        options = parse_options_header(self._part.headers.get(b"content-disposition", b""))[1]
        self._part.name = name = options.get(b"name", b"").decode("utf-8", "replace")
        self._check_name(name)
        if name != FILE:
            self._texts[name] = bytearray()
            return
        self.upload = self._files.begin()
        content_type = self._part.headers.get(b"content-type")
        file_name = options.get(b"filename")
        self._file = (
            None if file_name is None else file_name.decode("utf-8", "replace"),
            None if content_type is None else content_type.decode("latin-1"),
        )

    def _check_name(self, name: str) -> None:
        if name not in self._names:
            message = f"there is no part `{shorten(name, 60)}`.{did_you_mean(name, self._names)}"
            raise InvalidInput(sentence(message), errors=[input_error(["body", name], "unknown", message)])
        if name in self._texts or (name == FILE and self.upload is not None):
            raise InvalidInput(
                f"Send only one part `{name}`.", errors=[input_error(["body", name], "repeated", "give this part once")]
            )

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == FILE:
            assert self.upload is not None
            self.upload.add(data[start:end])
            return
        text = self._texts[self._part.name]
        text += data[start:end]
        if len(text) > MOST_TEXT_BYTES:
            raise TooLarge(f"The part `{self._part.name}` exceeds {MOST_TEXT_BYTES:,} bytes. Send rows in `file`.")

    def _end(self) -> None:
        self._ended = True


def _invalid_form(error: FormParserError) -> UnreadableBody:
    return UnreadableBody(f"The body is not valid multipart/form-data: {shorten(str(error), 200)}")
