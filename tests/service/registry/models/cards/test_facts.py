"""What a model card says of a version's data, training and origin, and what it leaves out."""

import pytest

from service.registry.models.cards import facts
from tests.support.registry_rows import imported_version as version


def rows(markdown: str) -> dict[str, str]:
    """A table of two columns."""
    cells = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("|")]
    return {row[0]: row[1] for row in cells if len(row) == 2}


@pytest.mark.parametrize(("length", "written"), [(60, "x" * 60), (61, "x" * 59 + "…")])
def test_a_class_is_cut_to_sixty_characters(length, written):
    output = {"name": "y", "type": "category", "classes": ["no", "x" * length], "threshold": 0.25}
    text = facts.predicts(version(signature={"features": [], "outputs": [output]}))
    assert f"; {written} from the probability 0.25 on" in text
    assert f"one of no, {written};" in text


def test_choices_that_are_off_are_left_out_and_zero_is_off():
    training = {"epochs": 5, "seed": 0, "clip": None, "average": False, "stop": True, "l2": 0.0, "rate": 0.1}
    request = {"label": "y", "scaling": None, "columns": {}, "search": None, "training": training, "network": None}
    table = rows(facts.training(version(request=request, duration_seconds=1.5)))
    assert {name: table.get(name) for name in ("took", "label", "epochs", "rate")} == {
        "took": "1.50 seconds",
        "label": "y",
        "epochs": "5",
        "rate": "0.1",
    }
    assert not {"scaling", "columns", "search", "clip", "average", "l2", "seed"} & set(table)
    assert "stop" in table


def test_a_version_of_elsewhere_has_no_training_and_says_that_its_data_is_unknown():
    assert facts.training(version()) == ""
    assert "not known here" in facts.data(version(), None)


def test_the_lineage_names_each_ancestor_and_nothing_that_there_is_not():
    assert facts.lineage(version()) == "- Registered: 2026-01-02T03:04:05.000000Z as `/models/m/versions/1`"
    request = {"retrained_from": {"model": "a", "version": 2}, "training": {"warm_start": {"model": "b", "version": 3}}}
    lines = facts.lineage(
        version(request=request, dataset="sha256:1", job="j", tags={"k": "v"}, aliases=["production", "canary"])
    ).splitlines()
    assert lines == [
        "- Data: `/datasets/sha256:1`",
        "- Recipe of: `/models/a/versions/2`",
        "- Went on from: `/models/b/versions/3`",
        "- Trained by: `/jobs/j`",
        "- Registered: 2026-01-02T03:04:05.000000Z as `/models/m/versions/1`",
        "- Tags: k = v",
        "- Named by: production, canary, when this card was written",
    ]


def test_only_a_training_whose_data_is_here_can_be_reproduced():
    for chosen in ({}, {"request": {}}, {"dataset": "sha256:1"}):
        assert "reproduce" not in facts.reproduction(version(**chosen))
    text = facts.reproduction(version(request={}, dataset="sha256:1", seed=0, environment={"numpy": "2.0"}))
    assert "`POST /models/m/versions/1/reproduce`" in text
    assert {name: rows(text)[name] for name in ("seed", "numpy")} == {"seed": "0", "numpy": "2.0"}


@pytest.mark.parametrize(("count", "more"), [(0, False), (1, True)])
def test_features_beyond_the_table_are_counted(count, more):
    features = [
        {"name": f"x{number}", "type": "number", "nullable": False, "minimum": 0, "maximum": 1}
        for number in range(facts.MOST_FEATURES + count)
    ]
    text = facts.takes(version(signature={"features": features, "outputs": []}))
    assert ("and 1 more" in text) is more
    assert text.count("| x") == facts.MOST_FEATURES
