"""Names of CSV columns as pandas, R, Excel and instruments write them, and first lines that may be data."""

from collections.abc import Sequence

import pytest

from models.data.columns import Table
from service.datasets.formats.csv_header import find_header
from service.datasets.formats.errors import TableError


def index_columns(table: Table) -> list[str]:
    return [name for name, column in table.items() if "index-column" in {warning.code for warning in column.warnings}]


@pytest.mark.parametrize(
    ("content", "index"),
    [
        (b'"","x","y"\n"1",0.5,"a"\n"2",0.7,"b"\n', ["1", "2"]),
        (b",x,y\nMazda,0.5,a\nFiat,0.7,b\n", ["Mazda", "Fiat"]),
        (b'"x";"y"\n"r1";0.5;"a"\n"r2";0.7;"b"\n', ["r1", "r2"]),
        (b"Unnamed: 0\tx\ty\n7\t0.5\ta\n9\t0.7\tb\n", ["7", "9"]),
    ],
    ids=["R", "pandas", "a header one cell short", "pandas written twice"],
)
def test_row_names_without_a_name_are_an_index(read, content, index):
    table = read(content)
    [name] = index_columns(table)
    assert [str(value).removesuffix(".0") for value in table[name].values] == index
    assert (table["x"].values.tolist(), table["y"].values.tolist()) == ([0.5, 0.7], ["a", "b"])


def test_the_name_of_an_index_is_none_that_the_table_has(read):
    table = read(b",index,y\n1,5,a\n2,6,b\n")
    assert (list(table), index_columns(table)) == (["index_2", "index", "y"], ["index_2"])


@pytest.mark.parametrize(
    "content", [b"x,y,\n1,a,\n2,b,\n", b"x,y\n1,a,\n2,b,\n", b"x;y;\n1;a; \n2;b;\n"], ids=["all", "rows", "spaces"]
)
def test_lines_that_end_in_a_separator_end_in_an_empty_column(read, content):
    table = read(content)
    assert (list(table), index_columns(table)) == (["x", "y", "column_3"], ["column_3"])
    assert (table["x"].values.tolist(), table["y"].values.tolist()) == ([1.0, 2.0], ["a", "b"])


def test_a_header_that_ends_in_a_separator_where_no_row_does_names_one_column_less(read):
    assert list(read(b"x,y,\n1,a\n2,b\n")) == ["x", "y"]


@pytest.mark.parametrize(
    ("content", "column"), [(b"x,,y\n1,2,3\n4,5,6\n", 2), (b"x,y,\n1,2,3\n4,5,6\n", 3), (b"x,y,\n1,2,\n4,5,6\n", 3)]
)
def test_a_column_of_values_without_a_name_is_refused_with_its_place(read, content, column):
    with pytest.raises(TableError, match=f"Column {column} has no name") as caught:
        read(content)
    assert caught.value.code == "empty-name"


def test_rows_one_cell_longer_than_the_header_are_ragged_where_they_do_not_begin_with_names(read):
    with pytest.raises(TableError) as caught:
        read(b"x,y\n1,2,3\n1,5,6\n")
    assert caught.value.code == "ragged-line"


@pytest.mark.parametrize(
    "names",
    [
        ["400.5", "401.0", "401.5", "grade"],
        ["0", "1", "2"],
        ["", "0", "1", "2"],
        ["0.40", "0.47", "0.55", "0.61", "0.66", "0.72", "0.80", "0.91"],
        ["2019", "2020", "2021"],
        ["1900.5", "2.75", "y"],
    ],
    ids=["wavelengths", "pandas", "pandas with an index", "wavelengths among the values", "years", "far values"],
)
def test_numbers_that_are_unlike_those_below_are_names(names):
    rows = [[f"{(3 * row + 5 * column * row) % 7 / 7:.3f}" for column in range(len(names))] for row in range(10)]
    assert find_header([names, *rows]).is_line
    assert [name for name in find_header([names, *rows]).names if name != "index"] == [name for name in names if name]


def test_pandas_own_names_are_names_above_whole_numbers_too():
    rows = [[str((row * column + row) % 10) for column in range(3)] for row in range(1, 15)]
    assert find_header([["0", "1", "2"], *rows]).names == ["0", "1", "2"]


@pytest.mark.parametrize(
    "rows",
    [
        [["5.1", "3.5", "setosa"], ["4.9", "3.0", "setosa"], ["4.7", "3.2", "setosa"]],
        [["1", "10"], ["2", "20"], ["3", "30"], ["4", "40"]],
        [["0", "1"], ["1", "0"], ["0", "0"], ["1", "1"]],
        [["1.5", "2.5"], ["30", "40"]],
        [["7.5", "7.5"], ["0.1", "0.2"], ["0.3", "0.1"]],
        [[str(row + column) for column in range(9)] for row in range(5, 12)],
    ],
    ids=["iris", "rising", "bits", "one row below", "repeated", "series"],
)
def test_a_first_line_that_may_be_data_is_refused_with_the_field_that_decides(rows: Sequence[list[str]]):
    with pytest.raises(TableError, match="`header`") as caught:
        find_header(rows)
    assert (caught.value.code, caught.value.where) == ("no-header", ((1,),))


def test_the_specification_says_what_a_first_line_is(read):
    content = b"5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,setosa\n"
    named, data = read(content, header=True), read(content, header=False)
    assert (list(named), named["5.1"].values.tolist()) == (["5.1", "3.5", "setosa"], [4.9, 4.7])
    assert (list(data), data["column_1"].values.tolist()) == (["column_1", "column_2", "column_3"], [5.1, 4.9, 4.7])


def test_the_names_of_a_table_without_a_header_are_a_header(read):
    assert read(b"column_1,column_2\n1,a\n2,b\n", header=False)["column_1"].values.tolist() == [1, 2]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_line_in_which_excel_names_the_separator_is_heeded_and_skipped(read, first, encoding):
    table = read(f"{first}\r\nx;y\r\n1,5;a\r\n2,5;b\r\n".encode(encoding))
    assert (table["x"].values.tolist(), table["y"].values.tolist()) == ([1.5, 2.5], ["a", "b"])


def test_excel_may_name_a_separator_that_no_other_file_has(read):
    assert list(read(b"sep=^\nx^y\n1^a\n2^b\n")) == ["x", "y"]


def test_thousands_of_empty_names_are_named_at_once():
    names = ["x", *[""] * 50_000]
    header = find_header([names, ["1", *[""] * 50_000]])
    assert (header.names[-1], len(set(header.names))) == ("column_50001", 50_001)


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"\n\na,b\n\n", b"sep=;\na;b"])
def test_a_header_alone_is_a_table_without_rows(read, content):
    with pytest.raises(TableError) as caught:
        read(content, content_type="text/csv")
    assert caught.value.code == "no-rows"
