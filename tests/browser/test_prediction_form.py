"""A prediction can be tried by typing the features in."""

import json
import subprocess

import pytest
from playwright.sync_api import expect

PEOPLE = [
    {"height": 1.60 + 0.03 * i, "smokes": i % 2 == 0, "city": ["Oslo", "Rome"][i % 2], "score": 3.0 * i}
    for i in range(10)
]


@pytest.fixture
def form(server, page, flowers):
    """The form of a version of `flowers`, with what is answered to the same row by POST /predict."""
    server.train(flowers)
    page.goto(server.url)
    page.get_by_label("Version", exact=True).select_option("flowers/production")
    expect(page.locator("#prediction-form")).to_have_attribute("data-model", "flowers")
    return page


def fill(page, **values):
    for name, value in values.items():
        page.get_by_label(name).fill(str(value))
    page.get_by_role("button", name="Predict").click()


def test_a_prediction_typed_in_is_answered(form, server):
    fill(form, petal_length=1.4, petal_width=0.2)
    expect(form.locator("#prediction-answer .result")).to_have_text("setosa")
    version = server.get("/models/flowers")["aliases"]["production"]
    expect(form.locator("#prediction-answer .served-by")).to_have_text(f"flowers, version {version}")
    answer = server.predict("flowers", [{"petal_length": 1.4, "petal_width": 0.2}])
    probability = answer["predictions"][0]["probabilities"]["setosa"]
    expect(form.get_by_role("row", name="setosa")).to_contain_text(f"{100 * probability:.1f} %")


def test_a_value_outside_of_training_is_warned_of(form):
    fill(form, petal_length=50, petal_width=0.2)
    expect(form.locator("#prediction-answer .warning").first).to_contain_text("petal_length")


def test_the_command_beside_the_answer_gives_the_same(form):
    fill(form, petal_length=4.6, petal_width=1.4)
    form.get_by_text("The same with curl").click()
    command = form.locator("#prediction-command").inner_text()
    answered = subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60).stdout
    assert json.loads(answered)["predictions"][0]["label"] == "versicolor"
    expect(form.locator("#prediction-answer .result")).to_have_text("versicolor")


def test_each_type_of_feature_has_its_field(server, page):
    specification = {"model": "people-of-all-kinds", "label": "score", "task": "regression", "data": {"rows": PEOPLE}}
    server.train(specification | {"training": {"epochs": 5}, "validation": {"fraction": 0}})
    page.goto(server.url)
    page.get_by_label("Version", exact=True).select_option("people-of-all-kinds/1")
    page.get_by_label("smokes").select_option("yes")
    page.get_by_label("city").select_option("Rome")
    fill(page, height=1.75)
    answer = server.predict("people-of-all-kinds", [{"height": 1.75, "smokes": True, "city": "Rome"}])
    shown = page.locator("#prediction-answer .result")
    expect(shown).not_to_be_empty()
    assert float(shown.inner_text()) == pytest.approx(answer["predictions"][0]["value"], rel=1e-3)


def test_a_fault_is_told_beside_its_field(server, browser, flowers):
    server.train(flowers | {"model": "faulty"})
    # A page of its own: a browser logs each answer that is an error.
    page = browser.new_page()
    page.goto(server.url)
    page.get_by_label("Version", exact=True).select_option("faulty/production")
    expect(page.locator("#prediction-form")).to_have_attribute("data-model", "faulty")
    fill(page, petal_length="", petal_width=0.2)
    field = page.get_by_label("petal_length")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_label("petal_width")).to_have_attribute("aria-invalid", "false")
    fill(page, petal_length=1.4)
    expect(page.locator("#prediction-answer .result")).to_have_text("setosa")
    expect(field).to_have_attribute("aria-invalid", "false")
    page.close()


def test_a_version_with_many_features_is_asked_by_a_row_of_json(server, page):
    rows = [{f"x{i}": (i * j) % 7 for i in range(50)} | {"y": 1.5 * j} for j in range(8)]
    specification = {"model": "wide", "label": "y", "task": "regression", "data": {"rows": rows}}
    server.train(specification | {"training": {"epochs": 2}, "validation": {"fraction": 0}})
    page.goto(server.url)
    page.get_by_label("Version", exact=True).select_option("wide/1")
    row = page.get_by_label("One row")
    assert len(json.loads(row.input_value())) == 50
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#prediction-answer .result")).not_to_be_empty()


def test_names_of_features_and_classes_are_text_and_never_markup(server, page):
    name, classes = '"><img src=x onerror=alert(1)>', ["<b>yes</b>", "no"]
    rows = [{name: 1.0 * i, "answer": classes[i % 2]} for i in range(8)]
    specification = {"model": "marked-up", "label": "answer", "data": {"rows": rows}}
    server.train(specification | {"training": {"epochs": 2}, "validation": {"fraction": 0}})
    page.goto(server.url)
    page.get_by_label("Version", exact=True).select_option("marked-up/1")
    page.get_by_label(name).fill("3")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("row", name="<b>yes</b>")).to_be_visible()
    assert page.locator("main img, main b").count() == 0
