"""The settings of a prediction log: their revisions, their events, and what goes with them."""

import pytest

from service.problems import Conflict, PreconditionFailed
from service.registry import audit
from service.registry.models import models, versions
from service.registry.monitoring import prediction_log
from service.schemas.monitoring import PredictionLogSettings
from tests.support.registry_rows import new_version

ALL, NONE = PredictionLogSettings(sample=1), PredictionLogSettings(sample=0)


@pytest.fixture(autouse=True)
def model(session) -> None:
    versions.add(session, "iris", new_version(), "ada")


def test_a_log_that_nobody_turned_on_has_no_revision_and_no_rule(session):
    owner = models.get_row(session, "iris").id
    assert prediction_log.find_rule(session, owner) is None
    with pytest.raises(PreconditionFailed):
        prediction_log.set_log(session, "iris", ALL, "ada", expected=1)
    with pytest.raises(Conflict, match="are not logged"):
        prediction_log.get_log(session, "iris")
    with pytest.raises(Conflict, match="are not logged"):
        prediction_log.delete_log(session, "iris", "ada")


def test_a_sample_of_none_of_the_predictions_is_no_rule(session):
    owner = models.get_row(session, "iris").id
    prediction_log.set_log(session, "iris", PredictionLogSettings(sample=0.1), "ada")
    assert prediction_log.find_rule(session, owner) == prediction_log.LogRule(owner, 0.1)
    prediction_log.set_log(session, "iris", NONE, "ada")
    assert prediction_log.find_rule(session, owner) is None


def test_each_setting_is_a_revision_and_an_event(session):
    _, first, is_new = prediction_log.set_log(session, "iris", ALL, "ada")
    assert is_new
    with pytest.raises(PreconditionFailed):
        prediction_log.set_log(session, "iris", NONE, "ada", expected=first - 1)
    log, second, is_new = prediction_log.set_log(session, "iris", NONE, "eve", expected=first)
    assert (log.sample, log.updated_by, log.rows, is_new) == (0, "eve", 0, False)
    assert prediction_log.get_log(session, "iris") == (log, second)
    with pytest.raises(PreconditionFailed):
        prediction_log.delete_log(session, "iris", "ada", expected=first)
    prediction_log.delete_log(session, "iris", "ada", expected=second)
    events = reversed(audit.list_events(session, audit.EventFilter(model="iris"), 10, None).items)
    changes = [
        (event.action, event.subject.get("before")) for event in events if event.action.startswith("prediction-log")
    ]
    assert [(action, before and before["sample"]) for action, before in changes] == [
        ("prediction-log-set", None),
        ("prediction-log-set", 1),
        ("prediction-log-deleted", None),
    ]
