"""The model card of a version: Markdown made of what is stored, with notes as its one editable part."""

import uuid

import pytest

from service.registry.models import cards
from tests.support.registry_rows import imported_version as version

HOSTILE = "x|<script>alert(1)</script>\n# **bold** `code` [link](http://a)"
ROWS = [{"size": index * 0.5, "color": ("red", "green", "blue")[index % 3]} for index in range(60)]


@pytest.fixture
def model(server) -> str:
    """A model with one version, of a seeded training of two epochs."""
    name = f"card-{uuid.uuid4().hex[:12]}"
    specification = {"model": name, "label": "color", "data": {"rows": ROWS}, "network": {"hidden": [4]}}
    server.train({**specification, "training": {"epochs": 2, "seed": 11}, "description": "Colours by size."})
    return name


def test_a_card_tells_what_made_the_version_and_how_good_it_is(http, model):
    found = http.get(f"/models/{model}/versions/1").json()
    answer = http.get(found["links"]["card"])
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == f"# {model}, version 1"
    assert "Colours by size." in lines
    [size] = found["signature"]["features"]
    assert f"| size | number | {size['minimum']:g} to {size['maximum']:g} | no |" in lines
    assert f"| dataset | {found['dataset']} |" in lines
    assert "| split: method | stratified |" in lines
    assert "| split: training rows | 48 |" in lines
    assert "| seed | 11 |" in lines
    accuracies = [f"{found['metrics'][part]['accuracy']:.4g}" for part in ("training", "validation")]
    assert f"| accuracy | {' | '.join(accuracies)} |" in lines
    assert f"| weights (SHA-256) | {found['weights_sha256']} |" in lines
    assert f"| numpy | {found['environment']['numpy']} |" in lines
    assert [line for line in lines if line.startswith("- few-rows: ")]


def test_notes_are_the_part_of_a_card_that_can_be_edited(http, model):
    here = f"/models/{model}/versions/1"
    seen = {"If-Match": http.get(here).headers["etag"]}
    changed = http.patch(here, json={"notes": "Not for *exports*."}, headers=seen)
    assert changed.json()["notes"] == "Not for *exports*."
    assert http.get(f"{here}/card").text.endswith("## Notes\n\nNot for *exports*.\n")
    assert http.patch(here, json={"notes": "Lost."}, headers=seen).status_code == 412
    assert http.patch(here, json={"notes": "x" * 20_001}).status_code == 422
    assert http.patch(here, json={"description": "Other."}).json()["notes"] == "Not for *exports*."
    [listed] = http.get(f"/models/{model}/versions").json()["items"]
    assert listed["notes"] is None


def test_a_card_of_no_version_is_not_found(http, model):
    assert http.get(f"/models/{model}/versions/7/card").status_code == 404


def test_texts_of_callers_are_never_markup():
    feature = {"name": HOSTILE, "type": "category", "nullable": False, "categories": [HOSTILE]}
    output = {"name": HOSTILE, "type": "category", "classes": [HOSTILE, "b"]}
    signature = {"features": [feature], "outputs": [output]}
    text = cards.card(version(signature=signature, description=HOSTILE, tags={HOSTILE: HOSTILE}))
    assert "<script>" not in text
    assert "\n# **bold**" not in text
    [row] = [line for line in text.splitlines() if line.startswith("| x")]
    assert row.replace("\\|", "").count("|") == 5


def test_a_request_can_not_end_its_block():
    text = cards.card(version(request={"label": "```\n\n# no heading"}))
    assert [line for line in text.splitlines() if "no heading" in line and not line.startswith(("    ", "| "))] == []


def test_what_is_unknown_is_said_or_left_out():
    text = cards.card(version())
    assert "imported" in text
    assert "was not measured" in text
    assert "reproduce" not in text
    assert "None" not in text


def test_thousands_of_features_make_no_endless_card():
    features = [
        {"name": f"c{k}", "type": "number", "nullable": False, "minimum": 0.0, "maximum": 1.0} for k in range(9000)
    ]
    text = cards.card(version(signature={"features": features, "outputs": []}))
    assert "8,800 more" in text
    assert len(text) < 20_000
