"""Alerts in the registry: their revisions, the states that checks leave behind, and which checks are due."""

from datetime import UTC, datetime, timedelta

import pytest

from service.problems import NotFound, PreconditionFailed
from service.registry import audit
from service.registry.models import versions
from service.registry.monitoring import alerts, prediction_log
from service.registry.monitoring.alerts import Verdict
from service.schemas.monitoring import AlertRules, PredictionLogSettings
from tests.support.registry_rows import new_version

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = AlertRules(psi=0.25)


@pytest.fixture(autouse=True)
def models(session):
    """The models a and b."""
    for model in ("a", "b"):
        versions.add(session, model, new_version(), "ada")


def verdict(version: int, alarm: bool) -> Verdict:
    return Verdict(version, "psi", alarm, "drifted" if alarm else "as before")


def actions(session) -> list[str]:
    events = audit.list_events(session, audit.EventFilter(model="a"), 50, None).items
    return [event.action for event in reversed(events) if event.action.startswith(("alerts", "model-d", "model-r"))]


def test_alerts_that_nobody_set_have_no_revision_to_match(session):
    for revision in (1, int(NOON.timestamp() * 1_000_000)):
        with pytest.raises(PreconditionFailed):
            alerts.set_alerts(session, "a", RULES, "ada", expected=revision)
    with pytest.raises(NotFound, match="has no alerts"):
        alerts.delete_alerts(session, "a", "ada")


def test_each_setting_is_a_revision_and_only_the_first_is_new(session):
    _, first, is_new = alerts.set_alerts(session, "a", RULES, "ada")
    assert is_new
    with pytest.raises(PreconditionFailed):
        alerts.set_alerts(session, "a", RULES, "ada", expected=first - 1)
    _, second, is_new = alerts.set_alerts(session, "a", AlertRules(psi=0.5), "eve", expected=first)
    assert not is_new
    assert second > first
    stored, revision = alerts.get_alerts(session, "a")
    assert (stored.psi, stored.updated_by, revision) == (0.5, "eve", second)


def test_settings_and_deletions_are_events(session):
    alerts.set_alerts(session, "a", RULES, "ada")
    alerts.delete_alerts(session, "a", "ada")
    assert actions(session) == ["alerts-set", "alerts-deleted"]


def test_a_deletion_of_another_revision_is_refused(session):
    _, revision, _ = alerts.set_alerts(session, "a", RULES, "ada")
    with pytest.raises(PreconditionFailed):
        alerts.delete_alerts(session, "a", "ada", expected=revision + 1)
    alerts.delete_alerts(session, "a", "ada", expected=revision)


def test_a_state_lasts_since_its_last_change_and_each_change_is_one_event(session):
    alerts.set_alerts(session, "a", RULES, "ada")
    lasting = [
        alerts.note(session, "a", [verdict(1, alarm)], {1}, NOON + hour * HOUR).states[0].since
        for hour, alarm in enumerate((False, False, True, True, False))
    ]
    assert lasting == [NOON, NOON, NOON + 2 * HOUR, NOON + 2 * HOUR, NOON + 4 * HOUR]
    assert actions(session) == ["alerts-set", "model-drifted", "model-recovered"]


def test_a_version_with_too_few_rows_to_judge_keeps_its_state_while_it_is_live(session):
    alerts.set_alerts(session, "a", RULES, "ada")
    alerts.note(session, "a", [verdict(1, True), verdict(2, True)], {1, 2}, NOON)
    states = alerts.note(session, "a", [], {1}, NOON + HOUR).states
    assert [(state.version, state.alarm, state.since) for state in states] == [(1, True, NOON)]


def test_other_rules_discard_the_states_and_make_a_check_due(session):
    prediction_log.set_log(session, "a", PredictionLogSettings(sample=1), "ada")
    alerts.set_alerts(session, "a", RULES, "ada")
    alerts.note(session, "a", [verdict(1, True)], {1}, NOON)
    changed, _, _ = alerts.set_alerts(session, "a", AlertRules(psi=0.5), "ada")
    assert (changed.states, changed.checked_at) == ([], None)
    assert alerts.list_due(session, NOON - HOUR) == ["a"]


def test_a_check_is_due_for_logged_models_after_its_time_and_not_at_it(session):
    for model in ("a", "b"):
        alerts.set_alerts(session, model, RULES, "ada")
    prediction_log.set_log(session, "a", PredictionLogSettings(sample=1), "ada")
    alerts.note(session, "a", [], set(), NOON)
    session.flush()
    assert alerts.list_due(session, NOON) == []
    assert alerts.list_due(session, NOON + HOUR) == ["a"]


def test_a_check_is_claimed_once_and_the_longest_unchecked_comes_first(session):
    for hour, model in enumerate(("b", "a")):
        alerts.set_alerts(session, model, RULES, "ada")
        prediction_log.set_log(session, model, PredictionLogSettings(sample=1), "ada")
        alerts.note(session, model, [], set(), NOON + hour * HOUR)
    session.flush()
    later = NOON + 9 * HOUR
    assert alerts.list_due(session, later) == ["b", "a"]
    assert [alerts.claim(session, "b", later, later) for _ in range(2)] == [True, False]
    assert alerts.list_due(session, later) == ["a"]
