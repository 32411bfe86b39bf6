"""The same table in every format, and bytes that are no table."""

import asyncio
import datetime
import json
import random

import numpy as np
import pyarrow as pa
import pytest

from models.errors import BadColumn
from service.datasets.formats.errors import TableError
from service.datasets.sandbox.pool import SandboxPool
from service.problems import Problem, UnreadableBody, UnsupportedType
from service.settings import Settings
from tests.support.table_files import ROWS, arrow_of, csv_of, ndjson_of, parquet_of

MANY_TYPES = pa.table(
    {
        "whole": pa.array([1, 2, None], pa.int32()),
        "real": pa.array([1.5, None, float("nan")], pa.float32()),
        "flag": pa.array([True, None, False]),
        "text": pa.array(["x", None, "y"]),
        "code": pa.array(["a", "b", "a"]).dictionary_encode(),
        "day": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31)]),
        "moment": pa.array([0, 1, None], pa.timestamp("s", "Europe/Paris")),
        "none": pa.nulls(3),
    }
)
TYPES = ["number", "number", "boolean", "category", "category", "date", "date", "number"]


def as_formats() -> dict[str, bytes]:
    table = pa.Table.from_pylist(ROWS)
    return {
        "csv": csv_of(ROWS),
        "ndjson": ndjson_of(ROWS),
        "json": json.dumps(ROWS).encode(),
        "json rows": json.dumps({"rows": ROWS}).encode(),
        "json columns": json.dumps({"columns": table.to_pydict()}, indent=1).encode(),
        "parquet": parquet_of(table),
        "arrow stream": arrow_of(table),
        "arrow file": arrow_of(table, "file"),
    }


@pytest.mark.parametrize("kind", list(as_formats()))
def test_one_table_is_the_same_in_every_format(read, kind):
    table = read(as_formats()[kind])
    assert table["size"].values.tolist() == [row["size"] for row in ROWS]
    assert table["color"].values.tolist() == [row["color"] for row in ROWS]


@pytest.mark.parametrize("write", [parquet_of, arrow_of])
def test_typed_columns_keep_their_types_and_missing_values(read, write):
    table = read(write(MANY_TYPES))
    assert [column.type for column in table.values()] == TYPES
    np.testing.assert_array_equal(table["whole"].values, [1, 2, np.nan])
    np.testing.assert_array_equal(table["real"].values, [1.5, np.nan, np.nan])
    np.testing.assert_array_equal(table["flag"].values, [1, np.nan, 0])
    assert table["text"].values.tolist() == ["x", None, "y"]
    assert table["day"].values.astype(str).tolist() == [
        "2024-02-29T00:00:00.000000",
        "NaT",
        "1969-12-31T00:00:00.000000",
    ]


def test_objects_may_lack_columns_and_bring_new_ones(read):
    table = read(b'{"a":1}\n{"b":"x","a":2}\n{"b":"y"}\n', content_type="application/x-ndjson")
    np.testing.assert_array_equal(table["a"].values, [1, 2, np.nan])
    assert table["b"].values.tolist() == [None, "x", "y"]


def test_a_column_that_comes_after_thousands_of_rows_is_missing_before(read):
    table = read(b'{"a":1}\n' * 25_000 + b'{"a":2,"b":"x"}\n')
    assert table["b"].values[-1] == "x"
    assert int(table["b"].missing.sum()) == 25_000


@pytest.mark.parametrize("value", ["[1]", '{"b":1}'])
def test_nested_values_are_refused_with_their_row(read, value):
    with pytest.raises(BadColumn) as caught:
        read(f'{{"a":1}}\n{{"a":{value}}}\n'.encode(), content_type="application/x-ndjson")
    assert (caught.value.column, caught.value.rows) == ("a", [1])


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "1e400", "tru", '"\\ud800"'])
def test_what_json_does_not_have_is_refused_with_its_line(read, cell):
    with pytest.raises(TableError, match="Line 2 is not JSON"):
        read(f'{{"a":1}}\n{{"a":{cell}}}\n'.encode(), content_type="application/x-ndjson")


def test_true_among_numbers_is_refused(read):
    with pytest.raises(BadColumn) as caught:
        read(b'[{"a":1},{"a":true},{"a":2}]')
    assert caught.value.rows == [1]


def test_lists_as_cells_are_refused_in_parquet(read):
    with pytest.raises(TableError) as caught:
        read(parquet_of(pa.table({"a": [[1], [2]]})))
    assert caught.value.code == "column-type"


@pytest.mark.parametrize(("kind", "write"), [("parquet", parquet_of), ("arrow", arrow_of)])
def test_a_damaged_file_is_refused_or_read_and_never_a_fault_of_ours(tmp_path, kind, write):
    """In the child process, as in the service: what breaks the reader itself is refused too."""
    generator = random.Random(7)
    content, path = write(MANY_TYPES), tmp_path / "damaged"
    question = {"file": {"path": str(path), "format": kind}, "types": {}, "offset": 0, "limit": 5}

    async def ask_often() -> set[int]:
        sandbox, statuses = SandboxPool(Settings()), set()
        for turn in range(120):
            damaged = bytearray(content)
            for _ in range(generator.randrange(1, 4)):
                damaged[generator.randrange(8, len(damaged))] = generator.randrange(256)
            path.write_bytes(damaged)
            try:
                await sandbox.call(question | {"ask": ("profile", "preview")[turn % 2]}, 60)
            except Problem as problem:
                statuses.add(problem.status)
        await sandbox.close()
        return statuses

    assert asyncio.run(ask_often()) <= {400, 413, 422}


@pytest.mark.parametrize("cut", [5, 100, -20])
def test_cut_files_are_refused(read, cut):
    for content in (parquet_of(MANY_TYPES), arrow_of(MANY_TYPES)):
        with pytest.raises(TableError):
            read(content[:cut])


@pytest.mark.parametrize(
    ("content", "content_type", "problem"),
    [
        (b"PK\x03\x04rest of a workbook", None, UnsupportedType),
        (b"a,b\n1,2\n", "application/pdf", UnsupportedType),
        (b"a,b\n1,2\n", "application/vnd.apache.parquet", UnreadableBody),
    ],
)
def test_what_claims_to_be_something_else_is_refused(read, content, content_type, problem):
    with pytest.raises(problem):
        read(content, content_type=content_type)
