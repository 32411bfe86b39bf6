"""What the pages name exists: each linked file and heading, and each path of a file or folder of ours."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import PROJECT

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = "benchmarks|docs|examples|feedforward|migrations|models|scripts|service|tests"
OUR_PATH = re.compile(rf"(?:{FOLDERS})/[\w./-]*[\w/]")
MODULE_FILE = re.compile(r"[a-z][\w/]+\.py")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
PAGES = sorted(
    PROJECT / name
    for name in subprocess.check_output(["git", "ls-files", "*.md"], cwd=PROJECT, text=True).splitlines()
    if "vendor" not in name and not name.startswith("tests/")
)
EXAMPLES = ("a/b/", "tests/a/b/", "that_file.py", "models.py", "numpy.py")  # names of no file of ours


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [link for link, file, heading in links(page) if not leads_somewhere(file, heading)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    assert [name for name in named_paths(page) if not (PROJECT / name).exists()] == []
    assert [name for name in named_modules(page) if not is_a_module(name)] == []


def links(page: Path) -> Iterator[tuple[str, Path, str | None]]:
    for match in LINK.finditer(FENCE.sub("", page.read_text())):
        file = page.parent / match[1] if match[1] else page
        yield match[0], file, match[2]


def leads_somewhere(file: Path, heading: str | None) -> bool:
    return file.exists() and (heading is None or heading in headings(file))


def headings(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def named_paths(page: Path) -> Iterator[str]:
    """Paths from the project's root, as `service/app.py`; a placeholder such as `<subject>` ends it."""
    for code in CODE.findall(FENCE.sub("", page.read_text())):
        paths = (match[0] for word in code.split() if (match := OUR_PATH.match(word)))
        yield from (path for path in paths if not path.startswith(EXAMPLES))


def named_modules(page: Path) -> Iterator[str]:
    """Files named without their folder, as `single.py` or `engines/fleet.py`."""
    words = (code for code in CODE.findall(FENCE.sub("", page.read_text())) if MODULE_FILE.fullmatch(code))
    yield from (word for word in words if not OUR_PATH.match(word) and not word.startswith(EXAMPLES))


def is_a_module(name: str) -> bool:
    return any(next((PROJECT / folder).glob(f"**/{name}"), None) for folder in FOLDERS.split("|"))
