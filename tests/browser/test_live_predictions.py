"""The page of a model's live predictions: how to begin, then figures and drift, on a phone too."""

import time

from playwright.sync_api import expect

LONG_ENOUGH_SECONDS = 30


def test_live_rows_are_shown_beside_those_of_training(sqlite_service, flowers, page):
    model = "live-flowers"
    sqlite_service.train(flowers | {"model": model})
    page.goto(sqlite_service.url)
    page.get_by_role("link", name=f"Live predictions of {model}", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing is logged yet")).to_be_visible()
    predict_and_label(sqlite_service, model)
    page.reload()
    petals = page.get_by_role("article", name="petal_length")
    expect(petals).to_contain_text("petal_length has drifted")
    assert petals.locator("svg rect").count() > 4
    figures = page.get_by_role("region", name="Live figures by version")
    expect(figures.get_by_role("row").nth(1)).to_contain_text("120")
    expect(page.get_by_role("img", name="Accuracy of the last seven days")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def predict_and_label(service, model) -> None:
    service.http.put(f"/models/{model}/prediction-log", json={"sample": 1})
    answer = service.http.post(f"/models/{model}/predict", json={"inputs": [[7.0, 1.5]] * 120})
    deadline = time.monotonic() + LONG_ENOUGH_SECONDS
    while service.get(f"/models/{model}/prediction-log")["rows"] < 120:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    request = answer.headers["X-Request-ID"]
    items = [{"request": request, "row": row, "label": "versicolor"} for row in range(120)]
    service.post(f"/models/{model}/feedback", json={"items": items})
