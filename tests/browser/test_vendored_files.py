"""What other projects gave to the pages is exactly what their packages hold, and nothing is loaded from elsewhere."""

import hashlib
import re
from pathlib import Path

import service.pages

STATIC = Path(service.pages.__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"
VENDOR = STATIC / "vendor"
LINE = re.compile(
    r"^\| (?P<package>\S+) \| (?P<version>[\d.]+) \| \S+ \| (?P<file>\S+) \| (?P<sha256>[0-9a-f]{64}) \|$", re.M
)


def listed() -> dict[str, str]:
    text = (VENDOR / "VENDORED.md").read_text()
    return {line["file"]: line["sha256"] for line in LINE.finditer(text)}


def test_every_vendored_file_is_the_one_that_is_listed():
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDORED.md"
    }
    assert found == listed()


def test_every_vendored_package_brings_its_licence():
    for folder in filter(Path.is_dir, VENDOR.iterdir()):
        assert (folder / "LICENSE").is_file(), folder.name


def test_our_own_files_name_no_other_server():
    ours = [*TEMPLATES.glob("*.html"), *STATIC.glob("*.js"), *STATIC.glob("*.css"), *STATIC.glob("*.svg")]
    assert ours
    for path in ours:
        addresses = set(re.findall(r"(?:https?:)?//[a-z][\w.-]*\.[a-z]{2,}", path.read_text()))
        assert addresses <= {"http://www.w3.org"}, path.name


def test_no_page_carries_a_script_or_a_style_in_itself():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.I)
    for path in TEMPLATES.glob("*.html"):
        assert not inline.search(path.read_text()), path.name
