"""An index that a file stores with its columns is read, and no feature unless the caller names it."""

import json

import pyarrow as pa
import pytest

from models.preparation.prepare import Prepared, prepare
from models.specification import Recipe
from tests.support.table_files import arrow_of, parquet_of

N = 60
COLUMNS = {"x": [k * 0.5 % 7 for k in range(N)], "y": [("a", "b")[k % 2] for k in range(N)]}


def pandas_table(name: str) -> pa.Table:
    """As pandas describes a table that it writes with this column as its index."""
    described = {"index_columns": [name], "columns": [], "pandas_version": "2.2.0"}
    table = pa.table({**COLUMNS, name: [k * k for k in range(N)]})
    return table.replace_schema_metadata({"pandas": json.dumps(described)})


def features_of(table, **chosen) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    prepared: Prepared = prepare(table, Recipe(label="y", **chosen))
    warnings = [(w["code"], w["column"]) for w in prepared.warnings if w["code"] == "index-column"]
    return prepared.recipe.features, warnings


@pytest.mark.parametrize("write", [parquet_of, arrow_of, lambda table: arrow_of(table, "file")])
@pytest.mark.parametrize("name", ["__index_level_0__", "key"])
def test_what_pandas_stored_as_index_is_left_out_with_a_warning(read, write, name):
    table = read(write(pandas_table(name)))
    assert list(table) == ["x", "y", name]
    assert features_of(table, reader=2) == (("x",), [("index-column", name)])


@pytest.mark.parametrize(
    "described", [b"{}", b"no json", b"[]", json.dumps({"index_columns": [{"kind": "range", "start": 0}]}).encode()]
)
def test_a_range_as_index_is_no_column(read, described):
    table = read(parquet_of(pa.table(COLUMNS).replace_schema_metadata({"pandas": described})))
    assert features_of(table, reader=2) == (("x",), [])


def test_the_name_of_an_index_is_enough_where_a_format_does_not_mark_it(read):
    rows = [
        {"x": x, "y": y, "__index_level_0__": k * k} for k, (x, y) in enumerate(zip(*COLUMNS.values(), strict=True))
    ]
    table = read(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    assert features_of(table, reader=2) == (("x",), [("index-column", "__index_level_0__")])


def test_an_index_that_the_caller_names_is_a_feature_without_a_warning(read):
    table = read(parquet_of(pandas_table("key")))
    assert features_of(table, reader=2, features=("key", "x")) == (("key", "x"), [])


def test_an_unnamed_first_column_is_named_index_and_may_be_a_feature(read):
    lines = [f"{k * k},{x},{y}" for k, (x, y) in enumerate(zip(*COLUMNS.values(), strict=True))]
    table = read("\n".join([",x,y", *lines]).encode())
    assert features_of(table, reader=2) == (("x",), [("index-column", "index")])
    assert features_of(table, reader=2, features=("x", "index")) == (("x", "index"), [])


def test_a_request_of_the_first_reader_goes_on_with_an_index_as_its_feature(read):
    table = read(parquet_of(pandas_table("__index_level_0__")), reader=1)
    assert features_of(table)[0] == ("x", "__index_level_0__")
    assert features_of(table, features=("__index_level_0__",)) == (("__index_level_0__",), [])
