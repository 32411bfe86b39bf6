"""A new server says how to begin, and shows what is begun."""

import subprocess


def test_the_command_of_the_first_page_trains_a_model_and_the_page_shows_it_by_itself(start_server, page):
    server = start_server()
    page.goto(server.url)
    command = page.locator("#first-command").inner_text()

    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60)

    page.get_by_role("heading", name="Models").wait_for()
    page.locator("#training-state", has_text="succeeded").wait_for()
    page.locator("#model-people").get_by_role("row", name="production").wait_for()


def test_the_first_page_says_how_to_train_from_a_file(start_server, page, tmp_path):
    server = start_server()
    (tmp_path / "your.csv").write_text("size,species\n" + "1.5,cat\n1.6,cat\n9.5,horse\n9.6,horse\n" * 5)
    page.goto(server.url)
    command = page.locator("#file-command").inner_text()

    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60, cwd=tmp_path)

    page.locator("#model-mine").get_by_role("button", name="Try mine version 1").wait_for()
