"""Messages name the nearest known name and repeat no more of an input than they must."""

import pytest

from models.errors import BadColumn, BadLabel, Diverged, Interrupted, UnknownColumn, cut, did_you_mean, shorten


@pytest.mark.parametrize(("length", "expected"), [(99, "x" * 99), (100, "x" * 100), (101, "x" * 99 + "…")])
def test_a_text_is_cut_to_its_limit(length, expected):
    assert cut("x" * length, 100) == expected


def test_a_value_is_shown_as_python_writes_it_and_cut_to_100_characters():
    assert shorten("a'b") == '"a\'b"'
    assert shorten("x" * 98) == f"'{'x' * 98}'"
    assert shorten("x" * 99) == f"'{'x' * 98}…"


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("speices", ["species", "size"], " Did you mean 'species'?"),
        ("zzz", ["species", "size"], " Known: 'species', 'size'."),
        ("zzz", [], ""),
        ("zzz", list("abcdefgh"), " Known: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'."),
        ("zzz", list("abcdefghi"), " Known: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', …."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_or_the_first_eight(name, known, expected):
    assert did_you_mean(name, known) == expected


def test_errors_carry_their_place():
    assert UnknownColumn("speices", ["species"], ["label"]).location == ["label"]
    assert "Did you mean 'species'?" in UnknownColumn("speices", ["species"]).message
    assert BadColumn("age", (1, 2), "no").location == ["age"]
    assert BadColumn("age", (1, 2), "no").rows == [1, 2]
    assert BadColumn("age", [], "no", []).location == []
    assert BadLabel("no").location == ["label"]
    assert (Diverged(3).location, Diverged(3).epoch) == (["training"], 3)
    assert Interrupted("cancel").reason == "cancel"
