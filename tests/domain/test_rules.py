"""Rules that decide from their arguments alone: stages, who has to agree, twins, promises, who is told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.destinations import Destination
from bot.domain.facts import UpdateKind
from bot.domain.incident import probably_same, similar_titles
from bot.domain.lifecycle import ORDER, Stage, Transition, check_transition
from bot.domain.organisation import ApprovalPolicy
from bot.domain.people import Group, Person, names
from bot.domain.policy import RequiredApprovals, missing_approvals, required_approvals
from bot.domain.promises import was_kept, whole_minute
from bot.domain.severity import Severity
from bot.domain.subscriptions import Subscription
from bot.domain.updates import Update
from bot.errors import Conflict
from tests.reference import et

# ---- stages


@pytest.mark.parametrize("target", ["investigating", "identified", "fix implemented", "monitoring"])
def test_the_first_text_may_have_any_stage_but_resolved(target: str) -> None:
    assert check_transition(Stage.DECLARED, Stage(target), incident="INC-1") is Transition.FIRST


def test_what_nobody_read_of_cannot_be_resolved() -> None:
    with pytest.raises(Conflict, match="nothing to resolve"):
        check_transition(Stage.DECLARED, Stage.RESOLVED, incident="INC-1")


def test_what_is_resolved_cannot_be_resolved() -> None:
    with pytest.raises(Conflict, match="already resolved"):
        check_transition(Stage.RESOLVED, Stage.RESOLVED, incident="INC-1")


@given(current=st.sampled_from(ORDER[1:-1]), target=st.sampled_from(ORDER[1:]))
def test_forward_may_skip_and_back_is_back(current: Stage, target: Stage) -> None:
    move = check_transition(current, target, incident="INC-1")

    way = ORDER.index(target) - ORDER.index(current)
    assert move is (Transition.FORWARD if way > 0 else Transition.BACK if way < 0 else Transition.SAME)


@given(target=st.sampled_from(ORDER[1:-1]))
def test_from_resolved_every_way_reopens(target: Stage) -> None:
    assert check_transition(Stage.RESOLVED, target, incident="INC-1") is Transition.REOPENED


# ---- who has to agree


def wanted(
    severity: int,
    move: Transition,
    kind: UpdateKind = UpdateKind.STAGE,
    stage: Stage = Stage.IDENTIFIED,
    *,
    edited: bool = False,
) -> int:
    update = Update(incident_id="", kind=kind, stage=stage, move=move, author_id="", revised_by="")
    policy = ApprovalPolicy()
    return required_approvals(
        update, severity=Severity(f"SEV{severity}"), edited=edited, findings=(), policy=policy
    ).approvers


@pytest.mark.parametrize(("severity", "approvers"), [(1, 1), (2, 1), (3, 0), (4, 0)])
def test_the_default_policy(severity: int, approvers: int) -> None:
    assert wanted(severity, Transition.FORWARD) == approvers
    assert wanted(severity, Transition.FIRST) == approvers
    assert wanted(severity, Transition.FIRST, stage=Stage.INVESTIGATING) == 0
    assert wanted(severity, Transition.FIRST, stage=Stage.INVESTIGATING, edited=True) == approvers
    assert wanted(severity, Transition.SAME, UpdateKind.NO_CHANGE) == 0
    assert wanted(severity, Transition.SAME, UpdateKind.NO_CHANGE, edited=True) == approvers
    assert wanted(severity, Transition.SAME, UpdateKind.CORRECTION) == approvers
    assert wanted(severity, Transition.FORWARD, UpdateKind.CANCELLATION, Stage.RESOLVED) == approvers
    assert wanted(severity, Transition.BACK) == max(1, approvers)
    assert wanted(severity, Transition.REOPENED, stage=Stage.INVESTIGATING) == max(1, approvers)


def person(handle: str, *groups: Group) -> Person:
    return Person(name=handle.capitalize(), handle=handle, groups=[group.value for group in groups])


def test_the_security_approver_is_not_also_the_second_person() -> None:
    sam = person("sam", Group.SECURITY, Group.APPROVERS)

    assert missing_approvals(RequiredApprovals(1, True), [sam]) == RequiredApprovals(1, False)


def test_an_approver_and_the_security_approver_are_enough() -> None:
    both = [person("ben", Group.APPROVERS), person("sam", Group.SECURITY)]

    assert not missing_approvals(RequiredApprovals(1, True), both).is_needed


def test_support_staff_are_in_no_other_group() -> None:
    sue = person("sue", Group.SUPPORT, Group.ADMINISTRATORS)

    assert [group for group in Group if sue.belongs(group)] == [Group.SUPPORT]


def test_administrators_may_what_responders_may() -> None:
    assert person("ada", Group.ADMINISTRATORS).belongs(Group.RESPONDERS)
    assert not person("ada", Group.ADMINISTRATORS).belongs(Group.APPROVERS)


def test_a_refusal_names_whom_to_ask() -> None:
    ana, ben, chi = (person(handle) for handle in ("ana", "ben", "chi"))

    assert names([]) == "an administrator"
    assert names([ana, ben, chi], other_than=ben) == "Ana or Chi"


# ---- twins


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("API errors", "api ERRORS", True),
        ("API errors", "Errors: API everywhere now", True),
        ("API errors", "API errors for most users in Europe", False),
        ("API errors", "Codex stands still", False),
        ("", "API", False),
    ],
)
def test_the_same_words_bar_two_are_alike(one: str, other: str, same: bool) -> None:
    assert similar_titles(one, other) is same


@given(one=st.text(max_size=40), other=st.text(max_size=40))
def test_likeness_has_no_direction(one: str, other: str) -> None:
    assert similar_titles(one, other) == similar_titles(other, one)


def test_one_component_in_common_is_the_same_trouble() -> None:
    assert probably_same("Slow", ["api", "codex"], "Stands still", ["codex"])


# ---- promises


@given(seconds=st.integers(0, 3 * 60 * 60))
def test_a_promise_is_kept_until_its_stated_minute_has_ended(seconds: int) -> None:
    due_at = et("12:00")

    assert was_kept(due_at, due_at - timedelta(hours=1) + timedelta(seconds=seconds)) == (seconds < 60 * 60 + 60)


@given(seconds=st.integers(0, 100_000))
def test_a_promised_time_is_a_whole_minute_and_never_earlier(seconds: int) -> None:
    at = et("05:00") + timedelta(seconds=seconds)

    assert at <= whole_minute(at) < at + timedelta(minutes=1)
    assert whole_minute(at).second == 0


# ---- subscriptions


@pytest.mark.parametrize(
    ("chosen", "minimum", "components", "severity", "told"),
    [
        ([], 4, ["api"], 4, True),
        (["api"], 4, ["api", "codex"], 4, True),
        (["api"], 4, ["codex"], 1, False),
        (["api"], 4, [], 4, True),
        (["api"], 2, ["api"], 3, False),
        (["api"], 2, ["api"], 2, True),
    ],
)
def test_a_filter(chosen: list[str], minimum: int, components: list[str], severity: int, told: bool) -> None:
    row = Subscription(
        destination=Destination("local", "#status"), components=chosen, minimum_severity=Severity(f"SEV{minimum}")
    )

    assert row.wants(components, Severity(f"SEV{severity}")) is told
