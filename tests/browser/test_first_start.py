"""A new server says how to begin, and shows what is begun."""

import subprocess
from pathlib import Path

from playwright.sync_api import expect


def run(command: str, folder: Path) -> None:
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60, cwd=folder)


def test_the_commands_of_the_first_page_train_models_and_the_page_shows_each_by_itself(start_server, page, tmp_path):
    server = start_server()
    (tmp_path / "your.csv").write_text("size,species\n" + "1.5,cat\n1.6,cat\n9.5,horse\n9.6,horse\n" * 5)
    page.goto(server.url)
    first, from_a_file = (page.locator(place).inner_text() for place in ("#first-command", "#file-command"))

    run(first, tmp_path)

    expect(page.locator("#training-name")).to_have_text("train people")
    expect(page.locator("#training-state")).to_have_text("succeeded")
    expect(page.locator("#model-people").get_by_role("row", name="production")).to_be_visible()
    expect(page.locator("#prediction-form")).to_have_attribute("data-model", "people")

    run(from_a_file, tmp_path)

    expect(page.locator("#training-name")).to_have_text("train mine")
    expect(page.locator("#training-state")).to_have_text("succeeded")
    expect(page.locator("#model-mine").get_by_role("button", name="Try mine version 1")).to_be_visible()
    epochs = server.get("/jobs", params={"model": "mine"})["items"][0]["progress"]["epoch"]
    expect(page.locator("#curve")).to_have_attribute("data-points", str(epochs))
