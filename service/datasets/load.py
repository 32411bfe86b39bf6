"""A stored dataset as a typed table, for the jobs."""

from __future__ import annotations

from models.data.columns import Table
from models.data.reading.options import ReadingOptions
from models.errors import ModelError
from service.datasets.formats.errors import NAMED_DATASET, TableError, problem_of
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import read_table
from service.datasets.storage.store import open_checked
from service.registry.database import Database
from service.settings import Settings


def load_table(database: Database, settings: Settings, dataset: str, options: ReadingOptions) -> Table:
    """The dataset with this digest or name, its bytes verified by the digest.

    Raises NotFound, CorruptDataset, and the problem of data that is not a table.
    """
    with open_checked(database, settings, dataset) as stored:
        try:
            return read_table(stored.path, stored.format, options, Limits.of(settings))
        except (TableError, ModelError) as error:
            raise problem_of(error, NAMED_DATASET) from error
