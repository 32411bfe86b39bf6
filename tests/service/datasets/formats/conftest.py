"""The reader of tables, with default limits."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from models.data.columns import Table
from models.data.reading.options import CURRENT_READER, ReadingOptions
from service.datasets.formats.detection import detect_format
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import read_table
from service.settings import Settings


@pytest.fixture
def limits() -> Limits:
    return Limits.of(Settings())


@pytest.fixture
def read(tmp_path: Path, limits: Limits) -> Callable[..., Table]:
    """`read(content, overrides)` is the table in the bytes."""

    def read(
        content: bytes,
        overrides=None,
        *,
        content_type: str | None = None,
        file_name: str | None = None,
        header: bool | None = None,
        reader: int = CURRENT_READER,
    ) -> Table:
        path = tmp_path / uuid.uuid4().hex
        path.write_bytes(content)
        options = ReadingOptions(overrides or {}, header=header, reader=reader)
        return read_table(path, detect_format(path, content_type, file_name), options, limits)

    return read
