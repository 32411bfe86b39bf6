"""A file that trains can be sent back as it is, in every form, whatever separators, encodings and forms it has.

What is right comes from a twin: the same table written plainly, trained on with the same seed.
"""

import csv
import gzip
import io
import json
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.reading.options import ReadingOptions
from models.formats import standalone
from service.problems import InvalidInput
from service.registry.models.recipes import reading_options
from service.serving.served_version import ServedVersion
from tests.support.trained_tables import answers, read, train_on

CSV, NDJSON, ARROW = "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"
ROOT = ("body", "inputs")
N_ROWS = 40
# The last six rows of each table are sent back on their own too.
SENT = slice(N_ROWS - 6, N_ROWS)


@dataclass(frozen=True)
class Style:
    """How a table is written. `number` writes one with two decimals."""

    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    date_format: str = "%Y-%m-%d"
    missing: str = ""
    compression: str = ""
    has_separator_line: bool = False

    def number(self, value: float | None) -> str:
        if value is None:
            return self.missing
        whole, fraction = f"{value:,.2f}".split(".")
        return f"{self.unit}{whole.replace(',', self.thousands)}{self.decimal}{fraction}"

    def date(self, value: date) -> str:
        return value.strftime(self.date_format)


PLAIN = Style()
COMPRESSIONS = {"": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
SIGNS = [(".", ""), (".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", "\u00a0")]
styles = st.builds(
    lambda signs, **chosen: Style(decimal=signs[0], thousands=signs[1], **chosen),
    signs=st.sampled_from(SIGNS),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    unit=st.sampled_from(["", "$", "€"]),
    date_format=st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%d %b %Y", "%Y/%m/%d"]),
    missing=st.sampled_from(["", "?", "-", "NA", "N/A", "None"]),
    compression=st.sampled_from(list(COMPRESSIONS)),
    has_separator_line=st.booleans(),
)


@cache
def values(seed: int) -> list[tuple[float | None, date, str, str, str, int]]:
    """Rows of price, day, code, colour, note and label."""
    chance = random.Random(seed)
    rows = []
    for row in range(N_ROWS):
        price = None if row % 5 == 0 else round(chance.uniform(1_000, 9_000_000), 2)
        day = date(2021, 1, 1) + timedelta(days=chance.randrange(700))
        colour = chance.choice(["grün", "weiß", "rouge"])
        code = f"0{chance.choice([2134, 2135, 7001])}"
        rows.append((price, day, code, colour, f"note {row}", chance.randrange(100_000) / 8))
    return rows


NAMES = ["préis", "day", "code", "colour", "note", "y"]


def cells(style: Style, seed: int) -> list[list[str]]:
    return [
        [style.number(price), style.date(day), code, colour, note, repr(label)]
        for price, day, code, colour, note, label in values(seed)
    ]


def written(style: Style, rows: list[list[str]]) -> bytes:
    """The bytes of the file."""
    text = io.StringIO(newline="")
    if style.has_separator_line:
        text.write(f"sep={style.separator}\r\n")
    csv.writer(text, delimiter=style.separator).writerows([NAMES, *rows])
    return COMPRESSIONS[style.compression](text.getvalue().encode(style.encoding))


def objects(version: ServedVersion, rows: list[list[str]]) -> list[dict]:
    """Rows as JSON has them: texts for columns that have a form, else numbers and null."""
    plain = {feature.name for feature in version.signature.features if feature.type == "number"}
    plain -= {column.feature.name for column in version.reader.columns if column.has_form}
    return [
        {name: json_number(cell) if name in plain else cell for name, cell in zip(NAMES, row, strict=True)}
        for row in rows
    ]


def json_number(cell: str) -> float | None:
    return float(cell) if cell else None


def stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def trained(style: Style, seed: int) -> ServedVersion:
    return train_on(written(style, cells(style, seed)), "y", task="regression")


@cache
def twin(seed: int) -> ServedVersion:
    return trained(PLAIN, seed)


@settings(max_examples=20)
@given(style=styles, seed=st.integers(0, 5))
def test_a_table_comes_back_in_every_form_with_the_answers_of_its_plain_twin(style, seed):
    expected = answers(twin(seed), CSV, written(PLAIN, cells(PLAIN, seed)))
    version = trained(replace(style, has_separator_line=False, compression=""), seed)
    assert len(expected) == N_ROWS
    rows = cells(style, seed)
    sent = objects(version, rows)
    columns = {name: [row[name] for row in sent] for name in NAMES}
    texts = {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}
    lines = "\n".join(map(json.dumps, sent)).encode()
    everywhere = {
        "csv": answers(version, CSV, written(style, rows)),
        "ndjson": answers(version, NDJSON, lines),
        "arrow": answers(version, ARROW, stream(pa.table(texts))),
        "rows": version.predict_rows(version.reader.read(sent, ROOT), ROOT).values,
        "columns": version.predict_columns(version.reader.read_columns(columns, ("body",)), ("body",)).values,
    }
    for form, found in everywhere.items():
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6, err_msg=form)
    for place in range(*SENT.indices(N_ROWS)):
        row = answers(version, CSV, written(style, rows[place : place + 1]))
        np.testing.assert_allclose(row, expected[place : place + 1], rtol=1e-5, atol=1e-6)


def options_of(version: ServedVersion) -> ReadingOptions:
    """Those by which batch, evaluate and compare read a file for the version."""
    return reading_options(version.record.request, version.trained)


def test_a_file_of_grouped_thousands_alone_is_read_in_the_form_of_the_training():
    """To a program, 1.234 is a little more than one; in this table it is a thousand and more."""
    lines = [f"{1 + row % 7}.{100 + row},{5 * row}" for row in range(30)]
    version = train_on("\n".join(["x;y", *(f"{line};{row}" for row, line in enumerate(lines))]).encode(), "y")
    again = read(b"x\n1.234\n5.678\n", options_of(version))
    np.testing.assert_array_equal(again["x"].values, [1234.0, 5678.0])


def test_codes_that_look_like_numbers_stay_as_they_are_written_in_every_reader():
    lines = [f"{row % 2}.{row % 3}0,{row}" for row in range(40)]
    version = train_on("\n".join(["x,y", *lines]).encode(), "y", columns={"x": {"type": "category"}}, features=["x"])
    assert version.signature.features[0].categories == ("0.00", "0.10", "0.20", "1.00", "1.10", "1.20")
    again = read(b"x\n1.10\n0.20\n", options_of(version))
    assert again["x"].values.tolist() == ["1.10", "0.20"]


def test_yes_or_no_with_missing_tokens_is_read_from_texts_and_nothing_else_is():
    lines = [f"{('true', 'FALSE', '?')[row % 3]},{row}" for row in range(30)]
    version = train_on("\n".join(["x,y", *lines]).encode(), "y")
    read_rows = version.reader.read([{"x": "True"}, {"x": False}, {"x": "?"}, {"x": None}, {}], ROOT)
    assert read_rows == [(True,), (False,), (None,), (None,), (None,)]
    expected = version.predict_rows(read_rows, ROOT).values[:, 0]
    sent = [{"x": "True"}, {"x": False}, {"x": "?"}, {"x": None}, {}]
    np.testing.assert_allclose(exported_answers(version, sent), expected, rtol=1e-6)
    with pytest.raises(InvalidInput):
        version.reader.read([{"x": "maybe"}], ROOT)
    with pytest.raises(ValueError, match="maybe"):
        exported_answers(version, [{"x": "maybe"}])


def exported_answers(version: ServedVersion, rows: list[dict]) -> list[float]:
    """Those of the exported Python file, which needs nothing of the service."""
    program: dict = {"__name__": "exported"}
    exec(compile(standalone.dumps(version.trained), "exported.py", "exec"), program)
    return [answer["value"] for answer in program["predict"](rows)]


@settings(max_examples=10)
@given(style=styles, seed=st.integers(0, 5))
def test_the_exported_file_reads_what_the_version_reads(style, seed):
    version = trained(replace(style, has_separator_line=False, compression=""), seed)
    sent = objects(version, cells(style, seed))
    expected = version.predict_rows(version.reader.read(sent, ROOT), ROOT).values
    np.testing.assert_allclose(exported_answers(version, sent), expected[:, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("style", [Style(), Style(decimal=",", thousands="."), Style(missing="?", unit="$")])
@pytest.mark.parametrize("wrong", ["1,2,3", "abc", "12 apples", "1_000", "0x10", "--5", "1.2.3"])
def test_the_exported_file_refuses_what_the_version_refuses(style, wrong):
    version = trained(style, 1)
    row = objects(version, cells(style, 1))[1] | {"préis": wrong}
    with pytest.raises(InvalidInput):
        version.reader.read([row], ROOT)
    with pytest.raises(ValueError, match="préis is a number"):
        exported_answers(version, [row])


def test_the_exported_file_names_the_format_of_a_date_that_is_none():
    version = trained(Style(date_format="%d/%m/%Y"), 1)
    row = objects(version, cells(PLAIN, 1))[1] | {"day": "31/02/2021"}
    with pytest.raises(ValueError, match=r"%d/%m/%Y.*31/02/2021"):
        exported_answers(version, [row])
