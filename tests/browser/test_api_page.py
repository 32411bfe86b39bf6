"""The API page is the server's own description, and works with no other server in reach."""

from urllib.parse import urlsplit

from playwright.sync_api import expect


def test_the_api_page_lists_every_operation_and_asks_no_other_server(server, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/docs")
    described = server.get("/openapi.json")["paths"]
    expect(page.locator(".opblock-post", has_text="/train").first).to_be_visible()
    expect(page.locator(".opblock")).to_have_count(sum(len(operations) for operations in described.values()))
    assert {urlsplit(address).hostname for address in asked if not address.startswith("data:")} == {"127.0.0.1"}


def test_a_call_can_be_tried_out_from_the_api_page(server, page):
    page.goto(f"{server.url}/docs")
    operation = page.locator(".opblock", has=page.locator("[data-path='/health/live']"))
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_the_api_page_is_dark_where_the_reader_has_it_dark(server, page):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server.url}/docs")
    page.locator(".opblock").first.wait_for()
    assert page.evaluate("getComputedStyle(document.querySelector('.swagger-ui')).backgroundColor") == "rgb(28, 32, 34)"


def test_a_version_has_a_page_of_its_own(flowers_service, page):
    page.goto(f"{flowers_service.url}/models/flowers/versions/production/docs")
    expect(page.locator(".opblock-post", has_text="predict").first).to_be_visible()


def test_a_version_that_is_none_has_no_page(http):
    assert http.get("/models/nothing-here/versions/1/docs").status_code == 404
