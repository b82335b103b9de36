"""Severity decides who has to approve, and changing it lets nothing past an approver."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.domain.updates import Update, UpdateState
from bot.views import Answer, DeliveryReport, DraftReview, Form, Notice
from tests.harness import CROWD, MORE_PEOPLE, Harness, organisation, say

LOWER = 'severity 4 reason:"one region only"'
WORDS = "update identified A database fails over again and again."


def published(answer: Answer) -> bool:
    return isinstance(answer, DeliveryReport)


def told(harness: Harness) -> Harness:
    """Ana commands INC-1, a SEV1 that customers have read of."""
    harness.ana("declare API errors sev:1 on:api=partial")
    assert published(harness.ana("publish"))
    return harness


def resolved(harness: Harness) -> None:
    harness.ana("resolve end:05:15")
    assert published(harness.ben("approve"))


# ---- the worst of what is set and what customers were told decides


@pytest.mark.parametrize(
    "line",
    [
        WORDS,
        "update monitoring",
        "update no change We are still at it.",
        "update investigating It is worldwide.",
        'correct wrong:"the API" right:"an API"',
        "resolve end:05:15",
        "cancel",
    ],
)
@pytest.mark.parametrize("publishes", ["publish", "publish rev:{revision}", "approve", "approve rev:{revision}"])
def test_a_lowered_severity_lets_no_update_past_an_approver(crowd: Harness, line: str, publishes: str) -> None:
    told(crowd)
    crowd.dia(LOWER)

    assert isinstance(crowd.dia(line), DraftReview)
    crowd.dia(publishes.format(revision=crowd.draft().revision))
    crowd.dia("severity 1")

    assert len(crowd.published()) == 1
    assert published(crowd.chi("approve"))


def test_what_was_tried_with_severity_publishes_nothing_on_either_database(either: Harness) -> None:
    told(either)

    for line in (WORDS, LOWER, "publish", "severity 1", "publish"):
        either.dia(line)

    assert len(either.published()) == 1


def test_a_lowered_severity_does_not_make_reopening_cheaper(migrated_sqlite_url: str) -> None:
    harness = told(Harness(migrated_sqlite_url, organisation(more=MORE_PEOPLE, approval={"SEV1": 2})))
    harness.dia("resolve end:05:15")
    harness.ana("approve")
    assert published(harness.ben("approve"))

    harness.dia("reopen")
    harness.dia("update on:api=major since:05:15")
    harness.dia(LOWER)

    assert isinstance(harness.ana("approve"), DraftReview)
    assert published(harness.ben("approve"))
    harness.close()


def test_once_an_approver_let_it_out_the_lower_severity_decides(crowd: Harness) -> None:
    told(crowd)
    crowd.dia(LOWER)
    crowd.dia(WORDS)
    assert published(crowd.chi("approve"))

    crowd.dia("update monitoring")

    assert published(crowd.dia("publish"))


def test_correcting_what_was_said_at_a_worse_severity_needs_whom_that_needs(crowd: Harness) -> None:
    told(crowd)
    crowd.dia(LOWER)
    crowd.dia(WORDS)
    crowd.chi("approve")

    crowd.dia('correct update:1 wrong:"the API" right:"an API"')

    assert isinstance(crowd.dia("publish"), DraftReview)
    assert published(crowd.chi("approve"))


def test_a_raised_severity_decides_before_it_is_published(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:3 on:api=partial")
    crowd.ana("publish")
    crowd.dia("severity 1")

    crowd.dia(WORDS)

    assert isinstance(crowd.dia("publish"), DraftReview)


def test_no_change_may_leave_and_publishes_no_lower_severity(crowd: Harness) -> None:
    told(crowd)
    crowd.dia(LOWER)
    assert published(crowd.dia("publish nochange:yes"))

    crowd.dia(WORDS)

    assert crowd.incident().published_severity is Severity.SEV1
    assert isinstance(crowd.dia("publish"), DraftReview)


def test_the_refusal_names_the_severity_that_decides(crowd: Harness) -> None:
    told(crowd)
    crowd.ana(LOWER)
    crowd.ana(WORDS)

    assert "has to approve it at SEV1" in say(crowd.ana("approve"))


def test_merging_a_worse_incident_into_ones_own_lets_nothing_past_an_approver(either: Harness) -> None:
    told(either)
    either.dia("declare! Codex is slow sev:4 on:codex=degraded")
    either.dia("publish INC-2")
    either.dia("merge INC-1 incident:INC-2")
    survivor = either.incident(2)

    either.dia("update INC-2 identified A database fails over again and again.")

    assert (survivor.severity, survivor.published_severity) == (Severity.SEV1, Severity.SEV1)
    assert isinstance(either.dia("publish INC-2"), DraftReview)
    assert "SEV4 to SEV1: INC-1 was merged into this incident" in either.record("severity changed")


def test_merging_changes_what_an_open_draft_says_so_it_is_approved_anew(crowd: Harness) -> None:
    told(crowd)
    crowd.dia(WORDS)
    revision = crowd.draft().revision
    crowd.ana("declare! Codex is slow sev:1 on:codex=degraded")
    crowd.ana("discard INC-2")

    crowd.ana("merge INC-2 incident:INC-1")

    assert crowd.draft().revision == revision + 1


# ---- lowering takes a reason


@pytest.mark.parametrize("line", [LOWER, "severity 4"])
def test_before_customers_read_of_it_lowering_takes_no_reason(crowd: Harness, line: str) -> None:
    crowd.ana("declare API errors sev:1")

    crowd.dia(line)

    assert crowd.incident().severity is Severity.SEV4
    assert not [row for row in crowd.sent_to("local:@chi") if "lowered" in row.body]


def test_raising_takes_no_reason(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:3 on:api=partial")
    crowd.ana("publish")

    assert "INC-1 is now SEV1." in say(crowd.dia("severity 1"))


def test_lowering_is_recorded_with_its_reason_and_told_to_every_approver(either: Harness) -> None:
    told(either)

    assert "INC-1 is now SEV4." in say(either.dia(LOWER))

    assert either.record("severity changed") == ["SEV1 to SEV4: one region only"]
    for handle in ("ana", "ben", "chi"):
        [notice] = either.sent_to(f"local:@{handle}")
        assert notice.body == "Dia Roy lowered INC-1 from SEV1 to SEV4: one region only"
    assert either.sent_to("local:@dia") == []


def test_without_a_reason_the_form_asks_for_it_and_keeps_what_was_typed(crowd: Harness) -> None:
    told(crowd)

    form = crowd.dia("severity 3")

    assert isinstance(form, Form)
    assert "lowering it from SEV1 to SEV3 needs a reason" in say(form)
    assert {field.name: field.typed for field in form.fields} == {"severity": "SEV3", "reason": ""}
    assert crowd.incident().severity is Severity.SEV1
    filled = {"incident": form.incident, "severity": "SEV3", "reason": "one region only"}
    crowd.submit("dia", form.verb, filled)
    assert crowd.incident().severity is Severity.SEV3


def test_lowering_what_was_raised_and_not_yet_published_takes_a_reason_too(crowd: Harness) -> None:
    crowd.ana("declare API errors sev:3 on:api=partial")
    crowd.ana("publish")
    crowd.dia("severity 1")

    assert isinstance(crowd.dia("severity 3"), Form)


def test_a_reason_that_holds_a_secret_is_not_saved(crowd: Harness) -> None:
    told(crowd)

    answer = crowd.dia('severity 4 reason:"the key is AKIAIOSFODNN7EXAMPLE"')

    assert isinstance(answer, Notice)
    assert "looks like a secret" in say(answer)
    assert crowd.incident().severity is Severity.SEV1


# ---- whatever one responder types, in whatever order

TYPED = [
    "severity INC-1 4 reason:small", "severity INC-1 1", "severity INC-2 1", "severity INC-2 4 reason:small",
    "update INC-1 identified It is the database.", "update INC-1 no change We are at it.", "update INC-1 monitoring",
    "update INC-2 identified It is the database.", "publish INC-1", "publish INC-1 nochange:yes", "approve INC-1",
    "publish INC-2", "publish INC-2 nochange:yes", "approve INC-2", 'publish INC-1 alone:"late"',
    'publish INC-2 alone:"late"', "assign INC-1 commander me", "assign INC-2 commander me", "handover INC-1 @dia",
    'correct INC-1 wrong:"the API" right:"an API"', "cancel INC-1", "resolve INC-1 end:05:15", "reopen INC-1",
    "discard INC-1", "discard INC-2", "impact INC-1 api=major", "declare! Codex is slow sev:4 on:codex=degraded",
    "declare! Codex is slow sev:1 on:codex=degraded", "merge INC-1 incident:INC-2", "merge INC-2 incident:INC-1",
    'edit INC-1 customers:"We know where it is."',
]  # fmt: skip


def about_the_sev1(harness: Harness) -> list[Update]:
    """What was published of INC-1 after its first text, or of what it was merged into since then."""
    first, *others = harness.rows(Incident)
    ids = {first.id: first.first_published_at, **{o.id: first.closed_at for o in others if o.id == first.merged_into}}
    of_these = [u for u in harness.rows(Update) if u.state is UpdateState.PUBLISHED and u.incident_id in ids]
    return [u for u in of_these if u.published_at and u.published_at > (ids[u.incident_id] or u.published_at)]


@settings(max_examples=12)
@given(lines=st.lists(st.sampled_from(TYPED), min_size=4, max_size=10))
def test_nobody_who_is_no_approver_gets_words_about_a_sev1_out_alone(
    lines: list[str], migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("typed") / "foghorn.db")
    harness = told(Harness(f"sqlite:///{copy}", CROWD))
    try:
        for line in lines:
            harness.clock.now = harness.clock.now.replace(second=harness.clock.now.second + 1)
            harness.dia(line)
        out = about_the_sev1(harness)
        assert all(update.kind is UpdateKind.NO_CHANGE and not update.facts.message for update in out), [
            u.kind for u in out
        ]
    finally:
        harness.close()
