"""CSV as people save it, read from a stream of which no more than the first block is known."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from backports import zstd

from models.data.features import Preprocessing
from models.data.reading.text_form import TextForm
from models.inference.trained_network import TrainedNetwork
from service.problems import InvalidInput, TooLarge, UnreadableBody
from service.serving.served_version import ServedVersion
from service.serving.streams.csv_body import open_csv
from service.serving.streams.input_formats import read_csv
from tests.support.serving import networks
from tests.support.trained_tables import Body, served

PLANE = replace(networks.plane(), ignored=("y", "größe"))  # 2 a + 3 b + 1
COLUMNS = [networks.number("column_1"), networks.number("column_2")]
FIRST_BLOCK = 64 * 1024


def predict(content: bytes, trained: TrainedNetwork = PLANE, **request) -> list[float]:
    version: ServedVersion = served(trained, request)
    return [value for part in read_csv(version, Body(content)) for value in part.values[:, 0].tolist()]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_any_usual_separator_encoding_and_end_of_line_is_read(separator, encoding, line):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    rows = [[" b", "größe", "a "], ["10", "weiß", "1"], ["0.5", "ü", "-1"]]
    text = mark + "".join(separator.join(row) + line for row in rows)
    assert predict(text.encode(encoding)) == [33.0, 0.5]


@pytest.mark.parametrize("line", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_the_line_that_excel_writes_names_the_separator(line):
    assert predict(f"{line}a;b\n1;10\n".encode()) == [33.0]


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_a_compressed_file_is_known_by_its_content(compress):
    assert predict(compress(b"a,b\n" + b"1,10\n" * 50_000)) == [33.0] * 50_000


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_compressed_file_that_ends_too_soon_is_an_error(cut):
    with pytest.raises(UnreadableBody, match=r"truncated|damaged"):
        predict(gzip.compress(b"a,b\n1,10\n" * 1000)[:-cut])


def test_a_file_that_inflates_without_end_is_refused():
    with pytest.raises(TooLarge):
        predict(gzip.compress(b"a,b\n" + b"\n" * 2**26))


def test_only_the_first_block_is_read_before_the_rows_are():
    body = Body(b"a,b\n" + b"1,10\n" * 100_000)
    table = open_csv(served(PLANE), body)
    assert table is not None
    assert (table.names, table.separator) == (["a", "b"], ",")
    assert body.n_read <= FIRST_BLOCK + 10_000


def test_a_letter_outside_of_utf_8_may_come_late():
    rows = "1,10,plain\n" * 20_000 + "-1,0.5,weiß\n" * 3
    found = predict(f"a,b,y\n{rows}".encode("cp1252"))
    assert (len(found), found[0], found[-1]) == (20_003, 33.0, 0.5)


def test_two_encodings_in_one_file_are_an_error():
    late = "1,10,weiß\n".encode() * 20_000 + "1,10,weiß\n".encode("cp1252")
    with pytest.raises(UnreadableBody, match="UTF-8"):
        predict(b"a,b,y\n" + late)


def test_zero_bytes_are_no_text():
    with pytest.raises(UnreadableBody, match="zero bytes"):
        predict(b"a,b\n1,\0\n")


@pytest.mark.parametrize(
    "text",
    [
        ",a,b\nr1,1,10\nr2,-1,0.5\n",
        '"a","b"\n"r1",1,10\n"r2",-1,0.5\n',
        "a,b,\n1,10,\n-1,0.5,\n",
        "a,b\n1,10,\n-1,0.5,\n",
        "\n\na,b\n\n1,10\n\n-1,0.5\n",
        'a,"y",b\n1,"two\nlines, and more",10\n-1,"",0.5\n',
    ],
    ids=["unnamed", "short-header", "comma-everywhere", "comma-below-the-header", "blank-lines", "quoted-lines"],
)
def test_an_index_and_commas_at_the_end_of_lines_are_ignored(text):
    assert predict(text.encode()) == [33.0, 0.5]


def test_row_names_of_one_row_are_known_where_the_training_table_had_some():
    content = b'"a","b"\n"1",1,10\n'
    assert predict(content, replace(PLANE, ignored=("index", "y"))) == [33.0]
    assert error_of(content)["code"] == "ragged"


def test_numbers_cut_by_a_decimal_comma_are_never_row_names():
    assert error_of(b"a,b\n1,5,10\n1,7,12\n")["code"] == "ragged"


def test_decimal_commas_do_not_separate_the_cells_of_one_column():
    encoder = replace(networks.number("x"), form=TextForm(decimal=","))
    assert predict(b"x\n1,5\n-2,25\n", replace(networks.line(), preprocessing=Preprocessing((encoder,)))) == [4.0, -3.5]


def test_an_index_without_a_name_may_be_a_feature():
    by_index = networks.trained_network(PLANE.network, [networks.number("index"), networks.number("b")], PLANE.target)
    assert predict(b",b\n1,10\n-1,0.5\n", by_index) == [33.0, 0.5]


def test_a_table_that_was_trained_on_without_names_is_predicted_without_them():
    numbered = replace(networks.trained_network(PLANE.network, COLUMNS, PLANE.target), ignored=("column_3",))
    assert predict(b"1,10,x\n-1,0.5,y\n", numbered, header=False) == [33.0, 0.5]
    assert predict(b"column_2,column_1\n10,1\n", numbered, header=False) == [33.0]


def test_a_header_may_be_longer_than_the_first_block():
    others = ",".join(f"column {place}" for place in range(10_000))
    table = f"{others},a,b\n{',' * 10_000}1,10\n"
    assert len(others) > FIRST_BLOCK
    assert predict(table.encode(), networks.plane()) == [33.0]


def test_a_quote_that_is_never_closed_is_an_error():
    with pytest.raises((UnreadableBody, InvalidInput)):
        predict(b'a,"b\n' + b"1,10\n" * 100_000)


def error_of(content: bytes) -> dict:
    with pytest.raises(InvalidInput) as caught:
        predict(content)
    return caught.value.errors[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_missing_column_is_named_with_the_nearest_one_whatever_the_separator(separator):
    error = error_of(f"a{separator}bb{separator}y\n1{separator}10{separator}1\n".encode())
    assert (error["location"], error["code"]) == (["body", "b"], "missing")
    assert "`bb`" in error["message"]


def test_a_ragged_line_is_named_by_its_row():
    error = error_of(b"sep=;\na;b\n1;10\n1;10;5;6\n")
    assert (error["location"], error["code"]) == (["body", 1], "ragged")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"sep=;\n"])
def test_a_file_without_names_is_unreadable(content):
    with pytest.raises(UnreadableBody):
        predict(content)


def test_names_without_rows_are_no_predictions():
    assert predict(b"a,b\n") == []


def test_the_values_are_those_of_the_rows_in_their_order():
    expected = [2.0 * row + 3.0 * (row % 7) + 1 for row in range(30_000)]
    content = "b;a\n" + "".join(f"{row % 7};{row}\n" for row in range(30_000))
    np.testing.assert_array_equal(predict(content.encode()), expected)
