"""The chapters about the library say what it does: each of their examples is run."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("chapter", ["from-the-tutorial.md"])
def test_every_example_of_the_chapter_gives_what_it_shows(chapter):
    result = doctest.testfile(str(DOCS / chapter), module_relative=False, encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0
