"""The type of every error is the address of a page that explains it."""

import json

import pytest
from playwright.sync_api import expect

from service.problems import every_problem


@pytest.mark.parametrize("kind", every_problem(), ids=lambda kind: kind.slug)
def test_each_problem_has_a_page(http, kind):
    answer = http.get(f"/problems/{kind.slug}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert str(kind.status) in answer.text


def test_an_error_leads_to_its_page(http, page):
    problem = http.get("/models/nothing-here").json()
    page.goto(str(http.base_url.join(problem["type"])))
    expect(page.get_by_role("heading", level=1)).to_have_text(problem["title"])
    example = json.loads(page.locator("pre").inner_text())
    assert {key: example[key] for key in ("type", "title", "status")} == {
        key: problem[key] for key in ("type", "title", "status")
    }


def test_the_list_leads_to_every_page(server, page):
    page.goto(f"{server.url}/problems")
    links = page.locator("dl.problems a")
    addresses = {links.nth(i).get_attribute("href") for i in range(links.count())}
    assert addresses >= {f"/problems/{kind.slug}" for kind in every_problem()}
    assert {server.http.get(address).status_code for address in addresses} == {200}


def test_a_problem_that_is_none_is_not_found(http):
    answer = http.get("/problems/no-such-problem")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
