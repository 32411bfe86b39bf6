"""The dashboard shows what happens while it happens."""

import pytest
from playwright.sync_api import Page, expect

LONG = {"epochs": 1_000_000, "seed": 1, "checkpoint_every": 10_000}


def points_drawn(page: Page) -> int:
    return int(page.locator("#curve").get_attribute("data-points"))


def wait_for_more_points(page: Page, than: int) -> None:
    page.wait_for_function("than => Number(document.getElementById('curve').dataset.points) > than", arg=than)


@pytest.fixture
def running(server, flowers):
    """A training that goes on until somebody stops it."""
    job = server.post("/train", json=flowers | {"model": "endless", "training": LONG, "alias": "champion"})
    yield job
    if server.get(f"/jobs/{job['id']}")["state"] in ("queued", "running"):
        server.post(f"/jobs/{job['id']}/cancel", json={})
        server.wait_for(job["id"], state="cancelled")


def test_a_training_is_shown_live_and_its_best_network_kept_on_request(server, page, running):
    page.goto(f"{server.url}/?job={running['id']}")
    expect(page.locator("#training-state")).to_have_text("running")
    expect(page.locator("#training-name")).to_have_text("train endless")
    wait_for_more_points(page, 2)
    wait_for_more_points(page, points_drawn(page))
    expect(page.locator("[data-figure=epoch]")).to_contain_text("of 1,000,000")

    page.get_by_role("button", name="Stop and keep the best").click()

    expect(page.locator("#training-state")).to_have_text("succeeded")
    expect(page.locator("[data-figure=eta_seconds]")).to_have_text("–")
    expect(page.locator("#model-endless")).to_contain_text("champion")
    expect(page.locator(f"#job-{running['id']}")).to_contain_text("succeeded")
    assert server.get(f"/jobs/{running['id']}")["version"] == 1


def test_a_training_can_be_cancelled(server, page, running):
    page.goto(f"{server.url}/?job={running['id']}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#training-state")).to_have_text("cancelled")
    expect(page.locator("#training-actions")).to_be_hidden()


def test_the_curve_goes_on_by_asking_where_events_can_not_be_had(server, browser, running):
    # A page of its own: a browser logs each answer that is an error.
    page = browser.new_page()
    page.route("**/jobs/*/events", lambda route: route.fulfill(status=404, body=""))
    page.goto(f"{server.url}/?job={running['id']}")
    wait_for_more_points(page, 2)
    wait_for_more_points(page, points_drawn(page))
    page.close()


def test_a_job_of_the_list_can_be_looked_at(server, page, flowers):
    first, second = server.train(flowers | {"model": "first"}), server.train(flowers | {"model": "second"})
    page.goto(f"{server.url}/?job={second['id']}")
    page.locator(f"#job-{first['id']}").get_by_role("link", name="train first").click()
    expect(page.locator("#training-name")).to_have_text("train first")
    assert page.url.endswith(f"/?job={first['id']}")


def test_a_training_that_failed_says_why(server, page, flowers):
    diverging = {"epochs": 100, "optimizer": {"name": "sgd", "learning_rate": 1e30}}
    network = {"hidden": [4], "activation": "linear"}
    regression = {"task": "regression", "label": "petal_width", "network": network, "scaling": "none"}
    job = server.train(flowers | regression | {"model": "diverging", "training": diverging}, state="failed")
    page.goto(f"{server.url}/?job={job['id']}")
    expect(page.locator("#training-error")).to_contain_text("lower learning_rate")
    page.locator("#training-error a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(job["error"]["title"])


def test_versions_stand_side_by_side_with_their_aliases_and_metrics(server, page, flowers):
    server.train(flowers | {"model": "compared"})
    server.train(flowers | {"model": "compared", "alias": "challenger"})
    accuracy = server.get("/models/compared/versions/2")["metrics"]["training"]["accuracy"]
    page.goto(server.url)
    versions = page.get_by_role("region", name="Versions of compared")
    expect(versions.get_by_role("row")).to_have_count(3)
    expect(versions.get_by_role("row").nth(1)).to_contain_text("challenger")
    expect(versions.get_by_role("row").nth(1)).to_contain_text(f"{accuracy:.4f}")
    expect(versions.get_by_role("row").nth(2)).to_contain_text("production")


def test_what_was_typed_stays_while_the_page_refreshes(server, page, choose, flowers):
    server.train(flowers | {"model": "typed"})
    page.goto(server.url)
    choose("typed/1")
    field = page.get_by_label("petal_length")
    field.fill("3.25")
    server.train(flowers | {"model": "typed"})
    page.get_by_label("Version").get_by_role("option", name="typed: version 2").wait_for(
        state="attached", timeout=15_000
    )
    expect(field).to_have_value("3.25")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_the_dashboard_is_read_from_either_database(server, flowers):
    job = server.train(flowers | {"model": "on-either"})
    assert "on-either" in server.http.get(f"/?job={job['id']}").text
    for piece in ("jobs", "models", "prediction?of=on-either/production"):
        answer = server.http.get(f"/dashboard/{piece}")
        assert answer.status_code == 200
        assert "on-either" in answer.text
    assert server.http.get("/?job=%00").status_code == 422
    assert server.http.get("/dashboard/started").headers["hx-refresh"] == "true"


def test_the_page_says_that_the_server_does_not_answer_and_goes_on_when_it_does(flowers_service, browser):
    # A page of its own: a browser logs each request that fails.
    page = browser.new_page()
    page.goto(flowers_service.url)
    page.route("**/dashboard/*", lambda route: route.abort())
    notice = page.get_by_text("The server is not responding.")
    expect(notice).to_be_visible()
    page.unroute_all(behavior="wait")
    expect(notice).to_be_hidden()
    page.close()
