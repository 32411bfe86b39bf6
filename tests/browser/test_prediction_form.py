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
def form(flowers_service, page, choose):
    """A page with the form of a version of `flowers`."""
    page.goto(flowers_service.url)
    choose("flowers/production")
    return page


def fill(page, **values):
    for name, value in values.items():
        page.get_by_label(name).fill(str(value))
    page.get_by_role("button", name="Predict").click()


def test_a_prediction_typed_in_is_answered(form, flowers_service):
    fill(form, petal_length=1.4, petal_width=0.2)
    expect(form.locator("#prediction-answer .result")).to_have_text("setosa")
    version = flowers_service.get("/models/flowers")["aliases"]["production"]
    expect(form.locator("#prediction-answer .served-by")).to_have_text(f"flowers, version {version}")
    answer = flowers_service.predict("flowers", [{"petal_length": 1.4, "petal_width": 0.2}])
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


def test_each_type_of_feature_has_its_field(server, page, choose):
    specification = {"model": "people-of-all-kinds", "label": "score", "task": "regression", "data": {"rows": PEOPLE}}
    server.train(specification | {"training": {"epochs": 5}, "validation": {"fraction": 0}})
    page.goto(server.url)
    choose("people-of-all-kinds/1")
    page.get_by_label("smokes").select_option("yes")
    page.get_by_label("city").select_option("Rome")
    fill(page, height=1.75)
    answer = server.predict("people-of-all-kinds", [{"height": 1.75, "smokes": True, "city": "Rome"}])
    shown = page.locator("#prediction-answer .result")
    expect(shown).not_to_be_empty()
    assert float(shown.inner_text()) == pytest.approx(answer["predictions"][0]["value"], rel=1e-3)


def test_a_fault_is_told_beside_its_field(server, browser, choose, flowers):
    server.train(flowers | {"model": "faulty"})
    # A page of its own: a browser logs each answer that is an error.
    page = browser.new_page()
    page.goto(server.url)
    choose("faulty/production", page)
    fill(page, petal_length="", petal_width=0.2)
    field = page.get_by_label("petal_length")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_label("petal_width")).to_have_attribute("aria-invalid", "false")
    fill(page, petal_length=1.4)
    expect(page.locator("#prediction-answer .result")).to_have_text("setosa")
    expect(field).to_have_attribute("aria-invalid", "false")
    page.close()


def test_a_version_with_many_features_is_asked_by_a_row_of_json(server, page, choose):
    rows = [{f"x{i}": (i * j) % 7 for i in range(50)} | {"y": 1.5 * j} for j in range(8)]
    specification = {"model": "wide", "label": "y", "task": "regression", "data": {"rows": rows}}
    server.train(specification | {"training": {"epochs": 2}, "validation": {"fraction": 0}})
    page.goto(server.url)
    choose("wide/1")
    row = page.get_by_label("One row")
    assert len(json.loads(row.input_value())) == 50
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#prediction-answer .result")).not_to_be_empty()


def test_names_of_features_and_classes_are_text_and_never_markup(server, page, choose):
    name, classes = '"><img src=x onerror=alert(1)>', ["<b>yes</b>", "no"]
    rows = [{name: 1.0 * i, "answer": classes[i % 2]} for i in range(8)]
    specification = {"model": "marked-up", "label": "answer", "data": {"rows": rows}}
    server.train(specification | {"training": {"epochs": 2}, "validation": {"fraction": 0}})
    page.goto(server.url)
    choose("marked-up/1")
    page.get_by_label(name).fill("3")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("row", name="<b>yes</b>")).to_be_visible()
    assert page.locator("main img, main b").count() == 0
