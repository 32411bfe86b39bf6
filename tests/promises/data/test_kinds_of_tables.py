"""Tables of kinds that real files are of, small: each is trained on and comes back as CSV, rows, NDJSON and Arrow."""

import csv
import io
import json
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from service.problems import InvalidInput
from service.registry.models.recipes import reading_options
from service.serving.served_version import ServedVersion
from tests.support.trained_tables import answers, read, train_on

CSV, NDJSON, ARROW = "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"
ROOT = ("body", "inputs")
LARGE = 2**53


@dataclass(frozen=True)
class Kind:
    """`features` is what a version should make of the columns; those that are left out are ignored."""

    content: bytes
    features: dict[str, str]
    separator: str = ","
    encoding: str = "utf-8"
    specification: dict = field(default_factory=dict)


def table(header: str, rows: list[str], encoding: str = "utf-8") -> bytes:
    return "\n".join([header, *rows, ""]).encode(encoding)


NUMBERS = range(40)
KINDS = {
    "semicolons": Kind(
        table("x;c;y", [f"{n};b{n % 2};{n}" for n in NUMBERS]), {"x": "number", "c": "category"}, separator=";"
    ),
    "spaces in names": Kind(
        table("x , c, y", [f"{n},b{n % 2},{n}" for n in NUMBERS]), {"x": "number", "c": "category"}
    ),
    "Windows-1252": Kind(
        table("größe;c;y", [f"{n};weiß{n % 2};{n}" for n in NUMBERS], "cp1252"),
        {"größe": "number", "c": "category"},
        separator=";",
        encoding="cp1252",
    ),
    "UTF-16 with tabs": Kind(
        table("größe\ty", [f"{n}\t{n}" for n in NUMBERS], "utf-16"), {"größe": "number"}, "\t", "utf-16"
    ),
    "question marks": Kind(
        table("x,z,y", [f"{'?' if n % 5 == 0 else f'{n / 7:.3f}'},{n % 3},{n}" for n in NUMBERS]),
        {"x": "number", "z": "number"},
    ),
    "currency": Kind(table("x,y", [f'"${1000 + 37 * n:,}.50",{n}' for n in NUMBERS]), {"x": "number"}),
    "gaps in held-out rows only": Kind(
        table("day,x,y", [f"2023-{1 + n // 28:02}-{1 + n % 28:02},{'' if n == 39 else n},{n}" for n in NUMBERS]),
        {"day": "date", "x": "number"},
        specification={"validation": {"method": "time", "column": "day", "fraction": 0.1}},
    ),
    "leading zeros": Kind(
        table("zip,x,y", [f"0{n % 3}134,{n},{n}" for n in NUMBERS]), {"zip": "category", "x": "number"}
    ),
    "days first": Kind(
        table("when,x,y", [f"{1 + n % 28:02}/0{1 + n % 9}/2023,{n},{n}" for n in NUMBERS]),
        {"when": "date", "x": "number"},
    ),
    "codes beyond float64": Kind(
        table("id,x,y", [f"{LARGE + n % 4},{n},{n}" for n in NUMBERS]), {"id": "category", "x": "number"}
    ),
    "a column that is left out": Kind(table("note,x,y", [f"note {n},{n},{n}" for n in range(150)]), {"x": "number"}),
    "empty cells among texts": Kind(
        table("c,x,y", [f"{('red', '', 'NA', 'blue')[n % 4]},{n},{n}" for n in NUMBERS]),
        {"c": "category", "x": "number"},
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_table_of_each_kind_comes_back_in_every_form(name):
    kind = KINDS[name]
    version = train_on(kind.content, "y", task="regression", **kind.specification)
    assert {feature.name: feature.type for feature in version.signature.features} == kind.features
    rows = records(kind)
    expected = version.trained.predict(read(kind.content, reading_options(version.record.request, version.trained)))
    sent = [json_row(version, row) for row in rows]
    texts = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    for found in (
        answers(version, CSV, kind.content),
        answers(version, NDJSON, "\n".join(map(json.dumps, sent)).encode()),
        answers(version, ARROW, stream(texts)),
        version.predict_rows(version.reader.find_rows(sent) or version.reader.read(sent, ROOT), ROOT).values,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def records(kind: Kind) -> list[dict[str, str]]:
    text = io.StringIO(kind.content.decode(kind.encoding), newline="")
    return [
        {name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(text, delimiter=kind.separator)
    ]


def json_row(version: ServedVersion, row: dict[str, str]) -> dict:
    """Numbers as JSON has them where the version knows no other form."""
    plain = {
        column.feature.name
        for column in version.reader.columns
        if column.feature.type == "number" and not column.has_form
    }
    numbers = {name: float(cell) if cell else None for name, cell in row.items() if name in plain}
    return row | numbers


def stream(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue()


@pytest.mark.parametrize(
    "codes",
    [
        pa.array([LARGE, LARGE + 1, LARGE + 3], pa.int64()),
        pa.array([LARGE, LARGE + 1, LARGE + 3], pa.uint64()),
        pa.array([Decimal(LARGE), Decimal(LARGE + 1), Decimal(LARGE + 3)], pa.decimal128(38, 0)),
        pa.array([str(LARGE), str(LARGE + 1), str(LARGE + 3)]).dictionary_encode(),
        pa.array([str(LARGE), str(LARGE + 1), str(LARGE + 3)], pa.large_string()),
    ],
    ids=lambda codes: str(codes.type),
)
def test_codes_in_arrow_keep_all_their_digits(codes):
    version = train_on(KINDS["codes beyond float64"].content, "y", task="regression")
    rows = [{"id": code, "x": 5.0} for code in (LARGE, LARGE + 1, LARGE + 3)]
    expected = version.predict_rows(version.reader.read(rows, ROOT), ROOT).values
    assert len(set(expected[:, 0].tolist())) == 3
    found = answers(version, ARROW, stream(pa.table({"id": codes, "x": [5.0, 5.0, 5.0]})))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_code_with_a_leading_zero_is_answered_as_it_was_written():
    content = table("x,zip", [f"{n % 3},0{2134 + n % 3}" for n in NUMBERS])
    version = train_on(content, "zip", "table.csv")
    assert version.signature.outputs[0].classes == ("02134", "02135", "02136")
    predicted = version.predict_rows(version.reader.read([{"x": 1, "zip": "02134"}], ROOT), ROOT)
    assert b'"label":"0213' in version.write_response(predicted)


def test_rows_without_a_key_of_a_feature_that_may_be_missing_come_back():
    rows = [{"x": n % 7, "z": n % 5, "y": n} if n % 3 else {"x": n % 7, "y": n} for n in range(60)]
    content = "\n".join(map(json.dumps, rows)).encode()
    version = train_on(content, "y", "rows.ndjson", task="regression")
    nulls = "\n".join(json.dumps({"z": None} | row) for row in rows).encode()
    np.testing.assert_array_equal(answers(version, NDJSON, content), answers(version, NDJSON, nulls))


def test_a_feature_that_was_never_missing_is_required():
    version = train_on(KINDS["semicolons"].content, "y")
    with pytest.raises(InvalidInput, match="`x` is required"):
        version.reader.read([{"c": "b0"}], ROOT)


def test_dates_of_digits_alone_are_read_by_their_format_in_every_reader():
    content = table("when,x,y", [f"2023{1 + n % 9:02}{1 + n % 28:02},{n},{n}" for n in NUMBERS])
    version = train_on(content, "y", task="regression", columns={"when": {"type": "date", "format": "%Y%m%d"}})
    expected = version.trained.predict(read(content, reading_options(version.record.request, version.trained)))
    np.testing.assert_allclose(answers(version, CSV, content), expected, rtol=1e-5)
