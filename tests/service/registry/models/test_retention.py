"""Which versions a rule keeps, at its edges, and in what portions it deletes the others."""

import pytest
from sqlalchemy import select

from service.problems import NotFound, PreconditionFailed
from service.registry import audit
from service.registry.models import aliases, retention, versions
from service.registry.tables import VersionRow
from service.schemas.registry import AliasTarget
from service.schemas.retention import RetentionRule
from tests.support.registry_rows import new_version


@pytest.fixture
def model() -> str:
    return "iris"


def add(session, model: str, count: int) -> None:
    for _ in range(count):
        versions.add(session, model, new_version(), "ada")


def kept(session) -> list[int]:
    query = select(VersionRow.number).where(VersionRow.deleted_at.is_(None)).order_by(VersionRow.number)
    return list(session.scalars(query))


@pytest.mark.parametrize(("keep_last", "numbers"), [(1, [4]), (2, [3, 4]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 4])])
def test_the_newest_are_kept(session, model, keep_last, numbers):
    add(session, model, 4)
    rule = RetentionRule(keep_last=keep_last)
    preview = retention.preview(session, model, rule)
    assert (preview.count, preview.kept) == (4 - len(numbers), len(numbers))
    assert sorted({*preview.versions, *numbers}) == [1, 2, 3, 4]
    retention.set_rule(session, model, rule, "ada")
    assert kept(session) == numbers


def test_a_hundred_of_the_oldest_are_deleted_at_once(session, model):
    add(session, model, 103)
    preview = retention.preview(session, model, RetentionRule(keep_last=1))
    assert (preview.count, preview.versions) == (102, list(range(1, 101)))
    rule, _, _ = retention.set_rule(session, model, RetentionRule(keep_last=1), "ada")
    assert (rule.to_delete, kept(session)) == (2, [101, 102, 103])
    assert [retention.apply(session, model) for _ in range(2)] == [2, 0]
    assert kept(session) == [103]


@pytest.mark.parametrize(("rollbacks", "numbers"), [(0, [3, 6]), (1, [2, 3, 6]), (2, [1, 2, 3, 6])])
def test_versions_that_an_alias_can_be_rolled_back_to_are_kept(session, model, rollbacks, numbers):
    add(session, model, 6)
    for number in (1, 2, 3):
        aliases.move(session, model, "production", AliasTarget(version=number), "ada")
    retention.set_rule(session, model, RetentionRule(keep_last=1, keep_rollbacks=rollbacks), "ada")
    assert kept(session) == numbers


def test_a_rule_that_nobody_set_has_no_revision_and_deletes_nothing(session, model):
    add(session, model, 2)
    assert retention.apply(session, model) == 0
    for act in (retention.get_rule, lambda *place: retention.delete_rule(*place, "ada")):
        with pytest.raises(NotFound, match="All versions"):
            act(session, model)
    with pytest.raises(PreconditionFailed):
        retention.set_rule(session, model, RetentionRule(keep_last=1), "ada", expected=1)
    assert kept(session) == [1, 2]


def test_each_rule_is_a_revision_and_an_event(session, model):
    add(session, model, 1)
    _, first, is_new = retention.set_rule(session, model, RetentionRule(keep_last=3), "ada")
    assert is_new
    with pytest.raises(PreconditionFailed):
        retention.set_rule(session, model, RetentionRule(keep_last=2), "ada", expected=first + 1)
    _, second, is_new = retention.set_rule(session, model, RetentionRule(keep_last=2), "ada", expected=first)
    assert not is_new
    assert retention.get_rule(session, model)[1] == second
    assert retention.list_ruled_models(session) == [model]
    with pytest.raises(PreconditionFailed):
        retention.delete_rule(session, model, "ada", expected=first)
    retention.delete_rule(session, model, "ada", expected=second)
    events = reversed(audit.list_events(session, audit.EventFilter(model=model), 10, None).items)
    rules = [(event.action, event.subject["before"]) for event in events if event.action.startswith("retention")]
    assert [(action, before and before["keep_last"]) for action, before in rules] == [
        ("retention-set", None),
        ("retention-set", 3),
        ("retention-deleted", 2),
    ]
