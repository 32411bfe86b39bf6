"""Every format of datasets has its media type."""

from typing import get_args

from service.media_types import OF_DATASETS
from service.schemas.dataset import DatasetFormat


def test_every_format_of_datasets_has_a_media_type():
    assert set(OF_DATASETS) == set(get_args(DatasetFormat))
