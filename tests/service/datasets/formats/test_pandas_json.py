"""JSON files as pandas' `to_json` writes them; the texts below were written by pandas 2.2."""

import json

import numpy as np
import pytest

from service.datasets.formats.errors import TableError

# DataFrame({"x": [0.5, None, 2.5], "y": ["a", "b", "a"]}), then .set_index([3, 5, 8]), then of names
BY_COUNT = {
    "records": '[{"x":0.5,"y":"a"},{"x":null,"y":"b"},{"x":2.5,"y":"a"}]',
    "split": '{"columns":["x","y"],"index":[0,1,2],"data":[[0.5,"a"],[null,"b"],[2.5,"a"]]}',
    "columns": '{"x":{"0":0.5,"1":null,"2":2.5},"y":{"0":"a","1":"b","2":"a"}}',
    "index": '{"0":{"x":0.5,"y":"a"},"1":{"x":null,"y":"b"},"2":{"x":2.5,"y":"a"}}',
    "split without index": '{"columns":["x","y"],"data":[[0.5,"a"],[null,"b"],[2.5,"a"]]}',
}
WITH_INDEX = {
    "split": '{"columns":["x","y"],"index":[3,5,8],"data":[[0.5,"a"],[null,"b"],[2.5,"a"]]}',
    "columns": '{"x":{"3":0.5,"5":null,"8":2.5},"y":{"3":"a","5":"b","8":"a"}}',
    "index": '{"3":{"x":0.5,"y":"a"},"5":{"x":null,"y":"b"},"8":{"x":2.5,"y":"a"}}',
    "split of names": '{"columns":["x","y"],"index":["p","q","r"],"data":[[0.5,"a"],[null,"b"],[2.5,"a"]]}',
}


@pytest.mark.parametrize("orient", BY_COUNT)
@pytest.mark.parametrize("file_name", ["table.json", None])
def test_each_orient_is_the_same_table(read, orient, file_name):
    table = read(BY_COUNT[orient].encode(), file_name=file_name)
    assert list(table) == ["x", "y"]
    np.testing.assert_array_equal(table["x"].values, [0.5, np.nan, 2.5])
    assert table["y"].values.tolist() == ["a", "b", "a"]


@pytest.mark.parametrize("orient", WITH_INDEX)
def test_an_index_that_does_more_than_count_is_left_out_with_a_warning(read, orient):
    table = read(WITH_INDEX[orient].encode(), file_name="table.json")
    assert list(table) == ["x", "y", "__index_level_0__"]
    index = table["__index_level_0__"]
    assert index.values.tolist() == (["p", "q", "r"] if "names" in orient else [3.0, 5.0, 8.0])
    assert [warning.code.value for warning in index.warnings] == ["index-column"]


@pytest.mark.parametrize("line_break", [None, 2])
def test_own_names_of_pandas_are_names(read, line_break):
    content = {"columns": [0, 1], "index": [0, 1], "data": [[0.5, "a"], [1.5, "b"]]}
    assert list(read(json.dumps(content, indent=line_break).encode(), file_name="t.json")) == ["0", "1"]


@pytest.mark.parametrize(
    "content",
    [
        '{"x":{"p":0.5,"q":1.5},"y":{"p":"a","q":"b"}}',  # columns of a named index, or rows of named columns
        '[[0.5,"a"],[1.5,"b"]]',
        '{"schema":{"fields":[]},"data":[{"x":1}]}',
        '{"columns":[["x","mean"],["x","std"]],"index":[0],"data":[[1,2]]}',
    ],
    ids=["a named index", "values", "table", "columns of two levels"],
)
def test_other_tables_are_refused_with_the_orient_to_use(read, content):
    with pytest.raises(TableError, match='orient="records"'):
        read(content.encode(), file_name="table.json")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('{"columns":["x","y"],"index":[0,1],"data":[[0.5,"a"],[1.5]]}', ("data", 1)),
        ('{"columns":["x","y"],"index":[0],"data":[[0.5,"a"],[1.5,"b"]]}', ("index",)),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_their_place(read, content, where):
    with pytest.raises(TableError) as caught:
        read(content.encode(), file_name="table.json")
    assert (caught.value.code, caught.value.where) == ("uneven", (where,))
