"""Versions trained in the test's own process on the bytes of a file, as the service trains on them."""

import io
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from models.data.reading.options import ReadingOptions
from models.fitting.fit import fit
from models.formats import safetensors
from models.inference.trained_network import TrainedNetwork
from models.preparation.prepare import prepare
from models.specification import Recipe
from service.datasets.formats.detection import detect_format
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import read_table
from service.schemas.registry import Version
from service.serving.served_version import ServedVersion
from service.serving.streams.input_formats import READERS
from service.settings import Settings

LIMITS = Limits.of(Settings())
CHOSEN = {
    "training": {"epochs": 1, "seed": 1},
    "network": {"hidden": [3]},
    "validation": {"fraction": 0.2},
    "reader": 2,
}


def train_on(content: bytes, label: str, file_name: str = "table.csv", **specification: Any) -> ServedVersion:
    """A version of one epoch, stored and loaded again."""
    recipe = Recipe.from_json(CHOSEN | {"label": label} | specification)
    prepared = prepare(read(content, ReadingOptions.of(recipe), file_name), recipe)
    trained = safetensors.loads(safetensors.dumps(fit(prepared).trained))
    return served(trained, prepared.recipe.to_json())


def served(trained: TrainedNetwork, request: Any = None) -> ServedVersion:
    """The version of a network, as the API process has it in memory."""
    return ServedVersion(_record(trained, request), trained)


class Body(io.RawIOBase):
    """A body that arrives in pieces, as over a network. `n_read` is how many bytes of it were read."""

    def __init__(self, content: bytes, size: int = 10_000) -> None:
        self._content, self._size = io.BytesIO(content), size

    @property
    def n_read(self) -> int:
        return self._content.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._content.read(min(len(buffer), self._size))
        buffer[: len(piece)] = piece
        return len(piece)


def answers(version: ServedVersion, media_type: str, content: bytes) -> Any:
    """The predictions for a body, of shape (n_rows, n_values)."""
    return np.concatenate([part.values for part in READERS[media_type](version, Body(content))])


def read(content: bytes, options: ReadingOptions, file_name: str = "table.csv") -> Any:
    """The table in the bytes of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, file_name)
        path.write_bytes(content)
        return read_table(path, detect_format(path, None, file_name), options, LIMITS)


def _record(trained: TrainedNetwork, request: Any) -> Version:
    return Version(
        model="m",
        version=1,
        created_at=datetime.now(UTC),
        aliases=[],
        task=trained.task,
        signature=trained.signature.to_json(),
        metrics={"training": None, "validation": None},
        request=request,
        dataset=None,
        seed=1,
        weights_sha256="0" * 64,
        weights_bytes=1000,
        environment={},
        job=None,
        duration_seconds=None,
        warnings=[],
        tags={},
        description="",
        links={},
    )
