"""CSV as people write it: separators, quotes, encodings, headers, missing values, and lines that do not fit."""

import gzip

import numpy as np
import pytest
from backports import zstd

from models.errors import BadColumn
from models.specification import ColumnOverride
from service.datasets.formats.errors import TableError


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_common_separator_is_recognised(read, separator):
    table = read(f"a{separator}b\n1{separator}x\n2{separator}w\n".encode())
    assert table["a"].values.tolist() == [1.0, 2.0]
    assert table["b"].values.tolist() == ["x", "w"]


def test_a_semicolon_separates_where_commas_are_in_the_numbers(read):
    assert read(b"a;b\n1,5;2\n3,5;4\n")["a"].values.tolist() == [1.5, 3.5]


def test_quotes_hold_separators_line_breaks_and_quotes(read):
    table = read(b'a,b\n"x, y","two\nlines"\n"say ""hi""",z\n')
    assert table["a"].values.tolist() == ["x, y", 'say "hi"']
    assert table["b"].values.tolist() == ["two\nlines", "z"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_break_ends_a_line(read, line_break):
    assert read(line_break.join(["a,b", "1,2", "3,4"]).encode())["b"].values.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(read, encoding):
    table = read("größe,name\n1,Zoë\n2,José\n".encode(encoding))
    assert list(table) == ["größe", "name"]
    assert table["name"].values.tolist() == ["Zoë", "José"]


def test_bytes_that_windows_1252_does_not_know_are_latin_1(read):
    assert read(b"a,b\n1,x\x81\n")["b"].values.tolist() == ["x\x81"]


def test_empty_na_nan_and_null_are_missing(read):
    table = read(b'a,b\n1,x\n,\nNA,NA\nNaN,NaN\nnull,null\n"",""\n2,y\n')
    np.testing.assert_array_equal(table["a"].values, [1, np.nan, np.nan, np.nan, np.nan, np.nan, 2])
    assert table["b"].values.tolist() == ["x", None, None, None, None, None, "y"]


def test_types_are_told_from_the_cells(read):
    table = read(b"number,boolean,category,empty\n1e3,true,a,\n-.5,FALSE,b,\n+2.,True,c,\n")
    assert [column.type for column in table.values()] == ["number", "boolean", "category", "number"]
    assert table["number"].values.tolist() == [1000.0, -0.5, 2.0]
    assert table["boolean"].values.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("text", ["inf", "Infinity", "0x10", "1_000", "1 2", "--1", "1e", "nanx"])
def test_what_only_looks_like_a_number_is_text(read, text):
    assert read(f"a\n{text}\n{text}\n".encode())["a"].type == "category"


def test_a_number_too_large_for_float64_is_refused_with_its_row(read):
    with pytest.raises(BadColumn) as caught:
        read(b"a\n1\n1e400\n")
    assert caught.value.rows == [1]


def test_a_text_among_numbers_is_refused_with_its_row(read):
    with pytest.raises(BadColumn) as caught:
        read(b"a\n" + b"1\n" * 30 + b"oops\n" + b"2\n" * 30)
    assert (caught.value.column, caught.value.rows) == ("a", [30])


def test_an_override_keeps_codes_as_they_are_written(read):
    table = read(b"zip\n01234\n98765\n", {"zip": ColumnOverride(type="category")})
    assert table["zip"].values.tolist() == ["01234", "98765"]


def test_a_date_in_another_form_is_read_by_its_format(read):
    table = read(b"when\n24.12.2025\n", {"when": ColumnOverride(type="date", format="%d.%m.%Y")})
    assert table["when"].values.tolist() == [np.datetime64("2025-12-24", "us").item()]


def test_each_ragged_line_has_its_own_number_and_cells(read):
    with pytest.raises(TableError) as caught:
        read(b'a,b\n1,2\n1,2,3\n\n"x\n\ny",2\n\n4\n5,6\n7,8,9,10\n')
    error = caught.value
    assert (error.code, error.where, error.count) == ("ragged-line", ((3,), (9,), (11,)), 3)
    assert [message.split(",")[0] for message in error.messages] == [
        "Line 3 has 3 cells",
        "Line 9 has 1 cell",
        "Line 11 has 4 cells",
    ]


def test_lines_are_counted_from_the_first_of_the_file(read):
    with pytest.raises(TableError) as caught:
        read(b"sep=;\n\na;b\r\n1;2\r\n3\r\n")
    assert caught.value.where == ((5,),)


def test_all_ragged_lines_are_counted_and_twenty_named(read):
    lines = b"".join(b"1,2\n1,2,3\n" for _ in range(5000))
    with pytest.raises(TableError, match="5,000 lines") as caught:
        read(b"a,b\n" + lines)
    assert (caught.value.count, len(caught.value.where)) == (5000, 20)


def test_what_stands_behind_a_quote_that_is_never_closed_is_not_counted(read):
    with pytest.raises(TableError, match="At least 2 lines") as caught:
        read(b'a,b\n1,2,3\n4\n5,6\n"' + b"x" * 9 * 2**20)
    assert caught.value.where == ((2,), (3,))


def test_years_may_be_names(read):
    assert list(read(b"country,1990,1991\na,5.5,6.5\n")) == ["country", "1990", "1991"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\n", "no-rows"),
        (b"1,2\n3,4\n", "no-header"),
        (b"5.1,3.5,setosa\n4.9,3.0,setosa\n", "no-header"),
        (b"a,a\n1,2\n", "duplicate-name"),
        (b"a,\n1,2\n", "empty-name"),
        (b"a,b\x00c\n1,2\n", "unreadable"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "unreadable"),
    ],
)
def test_what_is_no_table_is_refused(read, content, code):
    with pytest.raises(TableError) as caught:
        read(content, content_type="text/csv")
    assert caught.value.code == code


def test_a_gzipped_file_is_read(read):
    assert read(gzip.compress(b"a,b\n1,2\n"), file_name="x.csv.gz")["b"].values.tolist() == [2.0]


def test_a_file_compressed_by_zstd_is_read(read):
    content = b"a,b\n" + b"1,2\n" * 100_000
    for compressed in (zstd.compress(content), zstd.compress(content[:50_000]) + zstd.compress(content[50_000:])):
        assert len(read(compressed, file_name="x.csv.zst")["b"].values) == 100_000


def test_a_cut_zstd_file_is_refused(read):
    with pytest.raises(TableError, match="truncated"):
        read(zstd.compress(b"a,b\n1,2\n" * 1000)[:-9], file_name="x.csv.zst")


def test_a_cut_gzip_file_is_refused(read):
    with pytest.raises(TableError, match="truncated"):
        read(gzip.compress(b"a,b\n1,2\n" * 1000)[:-9], file_name="x.csv.gz")


def test_a_byte_that_is_wrong_after_a_million_rows_is_still_seen(read):
    table = read(b"a,b\n" + b"1,x\n" * 300_000 + b"2,caf\xe9\n")
    assert table["b"].values[-1] == "café"
