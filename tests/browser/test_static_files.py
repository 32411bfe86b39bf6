"""Scripts and styles may be kept by a browser for good, since another content has another address."""

import re

from service.pages.static_files import digest_of


def test_files_are_kept_for_good_and_pages_never(http):
    page = http.get("/problems")
    assert page.headers["cache-control"] == "no-store"
    style = re.search(r'href="(/static/[0-9a-f]{16}/pages\.css)"', page.text)[1]
    answer = http.get(style)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert http.get(style, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_scripts_have_the_type_that_browsers_run(http):
    page = http.get("/docs").text
    for script in re.findall(r'src="(/static/[^"]+\.js)"', page):
        assert http.get(script).headers["content-type"].startswith("text/javascript")


def test_every_page_forbids_scripts_of_others(http):
    for address in ("/", "/docs", "/problems"):
        policy = http.get(address).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_the_address_changes_with_a_file_its_name_or_its_content(tmp_path):
    (tmp_path / "a.js").write_text("one")
    first = digest_of(tmp_path)
    (tmp_path / "a.js").write_text("two")
    second = digest_of(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({first, second, digest_of(tmp_path)}) == 3
