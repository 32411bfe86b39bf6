"""Takes the README's screenshot of the dashboard, from a real training: `python docs/images/take_dashboard.py`."""

import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support import chromium  # noqa: E402
from tests.support.launching import start_up  # noqa: E402
from tests.support.service import Service  # noqa: E402

SPECIFICATION = {"model": "iris", "label": "species", "alias": "production", "training": {"epochs": 150, "seed": 7}}
LONG = {"epochs": 3_000, "seed": 7, "batch_size": 8, "optimizer": {"name": "adam", "learning_rate": 0.0005}}
FLOWER = {"sepal_length": 6.3, "sepal_width": 2.9, "petal_length": 5.1, "petal_width": 1.7}
WIDTH, HEIGHT = 1180, 900


def train(server: Service) -> None:
    """Train three versions of iris, and start a longer training that is still running afterwards."""
    iris = ROOT / "examples" / "iris.csv"
    server.train_file(SPECIFICATION | {"network": {"hidden": [4]}}, iris)
    server.train_file(SPECIFICATION, iris)
    server.train_file(SPECIFICATION | {"network": {"hidden": [16, 16]}, "alias": "challenger"}, iris)
    specification = json.dumps({"model": "iris", "label": "species", "training": LONG})
    server.post("/train", data={"spec": specification}, files={"file": ("iris.csv", iris.read_bytes())})


def take(page: Page, url: str) -> None:
    page.goto(url)
    for feature, value in FLOWER.items():
        page.get_by_label(feature).fill(str(value))
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#prediction-answer .result")).not_to_be_empty()
    page.wait_for_function("Number(document.getElementById('curve').dataset.points) > 400")
    page.screenshot(path=Path(__file__).parent / "dashboard.png", full_page=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_up(Path(folder) / "data")
        try:
            train(server)
            with chromium.offline_page(chromium.launch(playwright)) as page:
                page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                take(page, server.url)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
