"""Texts of callers stay text in a card, and short."""

import pytest

from service.registry.models.cards.markdown import plain


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<b>", "&lt;b&gt;"),
        ("a < b", "a &lt; b"),
        ("a > b", "a &gt; b"),
        ("&lt;", "&amp;lt;"),
        ("a & b", "a &amp; b"),
        ("a|b", "a\\|b"),
        ("*a* _b_ c_d", "\\*a\\* \\_b\\_ c_d"),
        ("one\ntwo", "one two"),
    ],
)
def test_what_has_a_meaning_in_markdown_is_escaped(text: str, markdown: str):
    assert plain(text) == markdown


def test_texts_are_cut_at_two_hundred_characters():
    assert plain("x" * 200) == "x" * 200
    assert plain("x" * 201) == "x" * 199 + "…"
