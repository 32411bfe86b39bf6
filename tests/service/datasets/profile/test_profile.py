"""A dataset's profile says of its columns what a training would: their types, values and warnings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from models.data.reading.options import ReadingOptions
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.detection import detect_format
from service.datasets.formats.limits import Limits
from service.datasets.formats.read import read_table
from service.datasets.profile.profile import profile_file
from service.settings import Settings
from tests.support.table_files import parquet_of

N = 40
LIMITS = Limits.of(Settings())
COLUMNS = {
    "plain": [str(k / 4) for k in range(N)],
    "comma": [f"1.{k:03},5" for k in range(N)],
    "price": [f"${k},250.75" for k in range(1, N + 1)],
    "token": ["?" if k % 8 == 0 else str(k) for k in range(N)],
    "zip": [f"{k:05}" for k in range(N)],
    "long": [str(2**60 + k) for k in range(N)],
    "exponent": [f"{k + 1}E3" for k in range(N)],
    "day": [f"{k % 28 + 1}/02/2024" for k in range(N)],
    "either": [f"{k % 9 + 1}/02/2024" for k in range(N)],
    "iso": [f"2024-02-{k % 28 + 1:02}" for k in range(N)],
    "text": [(" red", "blue", "?")[k % 3] for k in range(N)],
    "flag": ["true" if k % 2 else "FALSE" for k in range(N)],
}


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[bytes], dict[str, Any]]:
    """`profile(content)` is the profile by column, with the warnings of each, and the type of each in a training."""

    def profile(content: bytes) -> dict[str, Any]:
        path = tmp_path / "file"
        path.write_bytes(content)
        format_ = detect_format(path, None, None)
        found = profile_file(TableFile(path, format_), LIMITS, lambda share: None)
        trained = read_table(path, format_, ReadingOptions(), LIMITS)
        assert {column["name"]: column["type"] for column in found["columns"]} == {
            name: column.type for name, column in trained.items()
        }
        told = {(warning.code.value, warning.message) for column in trained.values() for warning in column.warnings}
        assert told <= {(warning["code"], warning["message"]) for warning in found["warnings"]}
        return {column["name"]: column for column in found["columns"]} | {
            "warnings": [warning["code"] for warning in found["warnings"]]
        }

    return profile


def csv_of(columns: dict[str, list[str]]) -> bytes:
    lines = ["\t".join(columns), *("\t".join(row) for row in zip(*columns.values(), strict=True))]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("name", COLUMNS)
def test_types_and_warnings_are_those_of_a_training(profile, name):
    assert profile(csv_of({"first": ["1.5"] * N, name: COLUMNS[name]}))[name]


def test_numbers_written_for_people_have_the_statistics_of_numbers(profile):
    column = profile(csv_of({"x": ["1.5"] * 3, "price": ["1.000,50 €", "?", "3.000,50 €"]}))["price"]
    assert (column["minimum"], column["maximum"], column["mean"]) == (1000.5, 3000.5, 2000.5)
    assert (column["missing"], column["distinct"], column.get("top_values", [])) == (1, 2, [])


def test_dates_have_their_first_and_last(profile):
    column = profile(csv_of({"x": ["1.5"] * 3, "day": ["24.12.2025", "01.02.2024", ""]}))["day"]
    assert (column["minimum"], column["maximum"], column["missing"]) == (
        "2024-02-01T00:00:00.000000Z",
        "2025-12-24T00:00:00.000000Z",
        1,
    )


def test_spaces_around_texts_are_cut_as_in_training(profile):
    column = profile(csv_of({"x": ["1.5"] * 4, "c": [" red", "red ", "red", "blue"]}))["c"]
    assert [(top["value"], top["count"]) for top in column["top_values"]] == [("red", 3), ("blue", 1)]


def test_dates_are_dates_in_every_format(profile):
    days = COLUMNS["iso"]
    ndjson = b"".join(json.dumps({"iso": day}).encode() + b"\n" for day in days)
    for content in (ndjson, parquet_of(pa.table({"iso": days})), csv_of({"x": ["1.5"] * N, "iso": days})):
        assert profile(content)["iso"]["type"] == "date"


def test_an_index_is_named_in_the_warnings(profile):
    assert profile(b",x,y\n1,0.5,a\n2,0.7,b\n")["warnings"] == ["index-column"]


def test_a_text_that_comes_late_makes_a_mixed_column_of_numbers(tmp_path):
    path = tmp_path / "late.ndjson"
    path.write_bytes(b'{"a":"1,5"}\n' * 12_000 + b'{"a":"oops"}\n')
    found = profile_file(TableFile(path, "ndjson"), LIMITS, lambda share: None)
    assert [(column["type"], column["missing"]) for column in found["columns"]] == [("category", 0)]
