"""A format of dates stays with the network trained with it, and ISO 8601 is read beside it where that is safe."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from models.data.columns import infer_table
from models.data.date_formats import is_date_format, takes_iso_as_well
from models.data.dates import parse_dates
from models.errors import BadColumn
from models.fitting.fit import fit, prepare
from models.formats import network_json, npz, safetensors, standalone
from models.specification import Recipe

UNAMBIGUOUS = [
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y%m%d",
    "%Y%m%dT%H%M",
    "%Y-%m",
    "%G-W%V-%u",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m/%d/%Y %I:%M %p",
    "%y-%m-%d",
    "%y%m%d",
    "%Y/%d/%m",
    "%Y.%d.%m",
    "%Y-%b-%d",
    "%A, %d %B %Y",
    "am %d.%m.%Y",
    "%j/%Y",
]
AMBIGUOUS = [
    "%Y%m%d%H%M",
    "%Y-%m-%d%H",
    "%Y-%d-%m",
    " %Y-%d-%m ",
    "%Y%d%m",
    "%Y-%d-%mT%H:%M",
    "%d%m%Y",
    "%y%m%d%H",
    "%Y-W%W-%w",
    "20%y-%d-%m",
]


def iso_texts():
    """Every day of some years whose digits may be read in many ways, in each form of ISO 8601."""
    for first in (date(2001, 1, 1), date(2012, 1, 1), date(1012, 1, 1), date(1203, 1, 1)):
        for day in (first + timedelta(days=days) for days in range(365)):
            for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day:%G-W%V-%u}", f"{day:%G}W{day:%V%u}"):
                yield day, text
                yield day, f"{text}T10:11"


def days_by(date_format):
    """ISO texts that the format reads too: their day as ISO says, and as the format says."""
    for day, text in iso_texts():
        try:
            yield day, datetime.strptime(text, date_format).date()
        except ValueError:
            continue


@pytest.mark.parametrize("date_format", UNAMBIGUOUS)
def test_iso_is_taken_beside_a_format_that_reads_no_iso_date_as_another_day(date_format):
    assert all(iso == own for iso, own in days_by(date_format))
    assert takes_iso_as_well(date_format)
    [moment] = parse_dates("when", ["2021-04-03"], date_format)
    assert moment == np.datetime64("2021-04-03")


@pytest.mark.parametrize("date_format", AMBIGUOUS)
def test_iso_is_not_taken_beside_a_format_that_reads_an_iso_date_as_another_day(date_format):
    assert any(iso != own for iso, own in days_by(date_format.strip()))
    assert not takes_iso_as_well(date_format)
    with pytest.raises(BadColumn, match="use the format"):
        parse_dates("when", ["2021-12-25T10:11:12"], date_format)


@pytest.mark.parametrize("date_format", ["%c", "%Z%Y", "%Q", "%d %d", "%"])
def test_a_format_that_cannot_be_judged_or_is_none_is_read_alone(date_format):
    with pytest.raises(BadColumn, match="when"):
        parse_dates("when", ["2021-12-25T10:11:12"], date_format)


def recipe(**columns):
    network = {"hidden": [4]}
    training = {"epochs": 5, "seed": 3}
    chosen = {"label": "y", "features": ["when"], "task": "regression", "network": network, "training": training}
    return Recipe.from_json(chosen | {"columns": columns})


DAYS = [date(2020, 1, 1) + timedelta(days=7 * k) for k in range(80)]


def trained(date_format):
    told = {"type": "date"} | ({} if date_format is None else {"format": date_format})
    texts = [day.strftime(date_format or "%Y-%m-%d") for day in DAYS]
    chosen = recipe(when=told)
    table = infer_table({"when": texts, "y": [float(day.toordinal() % 400) for day in DAYS]}, chosen.columns)
    return fit(prepare(table, chosen)).trained


@pytest.mark.parametrize("date_format", ["%Y-%d-%m", "%d.%m.%Y", "%d %b %y"])
def test_a_network_reads_dates_as_its_training_did_in_every_format_of_file(date_format):
    iso, own = trained(None), trained(date_format)
    expected = iso.predict({"when": ["2021-04-03", "2021-03-04", "2021-12-25"]})
    texts = [day.strftime(date_format) for day in (date(2021, 4, 3), date(2021, 3, 4), date(2021, 12, 25))]
    assert [feature.format for feature in own.signature.features] == [date_format]
    for again in (own, *(form.loads(form.dumps(own)) for form in (safetensors, npz, network_json))):
        np.testing.assert_array_equal(again.predict({"when": texts}), expected)
    names = {"__name__": "exported"}
    exec(compile(standalone.dumps(own), "exported.py", "exec"), names)  # the file is the thing under test
    answers = names["predict"]([{"when": text} for text in texts])
    np.testing.assert_allclose([one["value"] for one in answers], expected[:, 0], rtol=2e-6)


def test_the_exported_file_takes_iso_beside_a_format_only_where_it_is_safe():
    for date_format, is_taken in (("%d.%m.%Y", True), ("%Y-%d-%m", False)):
        names = {"__name__": "exported"}
        exec(compile(standalone.dumps(trained(date_format)), "exported.py", "exec"), names)
        if is_taken:
            assert names["predict"]([{"when": "2021-12-25"}]) == names["predict"]([{"when": "25.12.2021"}])
        else:
            with pytest.raises(ValueError, match="%Y-%d-%m"):
                names["predict"]([{"when": "2021-12-25"}])


def test_a_network_without_a_format_is_described_as_before():
    described = json.loads(network_json.dumps(trained(None)))
    assert described["signature"]["features"] == [
        {"name": "when", "type": "date", "nullable": False, "minimum": None, "maximum": None, "categories": None}
    ]
    assert set(described["preprocessing"][0]) == {"name", "shift", "scale", "cycles", "nullable", "type"}


def test_going_on_from_a_network_with_another_format_reads_dates_in_the_new_one():
    start, chosen = trained("%d.%m.%Y"), recipe(when={"type": "date", "format": "%Y-%d-%m"})
    chosen = replace(chosen, training=replace(chosen.training, epochs=1))
    texts = [day.strftime("%Y-%d-%m") for day in DAYS]
    table = infer_table({"when": texts, "y": [1.0 * k for k in range(len(DAYS))]}, chosen.columns)
    going_on = fit(prepare(table, chosen, start=start)).trained
    [feature] = going_on.signature.features
    assert feature.format == "%Y-%d-%m"
    assert going_on.predict({"when": ["2021-25-12"]}) == going_on.predict({"when": np.array(["2021-12-25"], "M8[D]")})


@pytest.mark.parametrize(("length", "is_accepted"), [(200, True), (201, False)])
def test_a_format_has_at_most_200_characters(length, is_accepted):
    assert is_date_format("%d.%m.%Y".ljust(length, ".")) is is_accepted


@pytest.mark.parametrize("date_format", ["", "%d.%m.%d", "%Q"])
def test_what_no_date_can_be_read_from_is_no_format(date_format):
    assert not is_date_format(date_format)


@pytest.mark.parametrize(
    ("date_format", "is_safe"),
    [
        ("%H%M", True),  # at most four digits, and none of a date in ISO 8601 begins so without a dash
        ("%f", True),  # one to six digits
        ("%f%w", True),  # at most seven digits
        ("%f%d", False),  # up to eight digits, as 20240229 has
        ("%j%u-%m", False),  # two to four digits and a dash, as 2024-02 begins
        ("%w-%Y", True),  # one digit and a dash
        ("%d%m%y", True),  # at most six digits
        ("%c", False),  # a directive whose length depends on the language
        ("%%%Y-%d-%m", True),  # no date in ISO 8601 begins with a percent sign
    ],
)
def test_a_format_is_safe_where_no_text_of_it_begins_like_a_date_in_iso(date_format, is_safe):
    assert takes_iso_as_well(date_format) is is_safe
