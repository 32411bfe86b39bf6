"""The reference sample of a dataset: the same rows each time, from the whole file, whatever blocks it is read in."""

import pytest

from models.data.reading.options import ReadingOptions
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.limits import Limits
from service.datasets.profile.sample import sample_file
from service.settings import Settings

ROWS = 400_000


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> TableFile:
    """Over 8 MiB, which are two blocks; each row is its own number, twice."""
    path = tmp_path_factory.mktemp("sample") / "rows.csv"
    lines = (f"{row},row {row} of the file\n" for row in range(ROWS))
    path.write_text("number,text\n" + "".join(lines))
    return TableFile(path, "csv")


def sample(file: TableFile, most_rows: int) -> dict[str, list]:
    return sample_file(file, Limits.of(Settings()), ["number", "text"], most_rows, ReadingOptions())


def test_a_sample_has_rows_of_the_whole_file_in_their_order(file):
    numbers = sample(file, 1000)["number"]
    assert len(set(numbers)) == 1000
    assert numbers == sorted(numbers)
    for tenth in range(10):  # 100 rows are expected in each; 50 are five standard deviations fewer
        in_tenth = [number for number in numbers if tenth * ROWS / 10 <= number < (tenth + 1) * ROWS / 10]
        assert len(in_tenth) > 50


def test_the_cells_of_a_row_stay_together(file):
    columns = sample(file, 1000)
    assert columns["text"] == [f"row {number:.0f} of the file" for number in columns["number"]]


def test_a_sample_as_large_as_the_file_has_each_row_of_each_block(file):
    assert sample(file, ROWS)["number"] == list(range(ROWS))


def test_a_sample_is_the_same_each_time(file):
    assert sample(file, 100) == sample(file, 100)


def test_a_small_file_is_its_own_sample(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text("number,text\n1,a\n2,\n3,c\n")
    assert sample(TableFile(path, "csv"), 10) == {"number": [1.0, 2.0, 3.0], "text": ["a", None, "c"]}
