"""An incident that was over when it was declared: reported afterwards, marked as such, and delivered only if asked."""

import pytest

from bot.domain.components import Impact
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.lifecycle import Stage
from bot.domain.promises import Promise
from bot.store import published
from bot.views import DraftReview, Form
from tests.harness import Harness, buttons, say

OVER = "declare Checkout errors sev:3 on:api=partial since:04:10 end:04:40"


def publish(harness: Harness) -> None:
    harness.ana("publish")
    if harness.draft_open():
        harness.ben("approve")


def test_its_draft_reports_what_is_over(harness: Harness) -> None:
    answer = harness.ana(OVER)
    assert isinstance(answer, DraftReview)
    text = harness.text(harness.draft())
    assert "From 4:10 AM to 4:40 AM ET (08:10 to 08:40 UTC) on April 20, 2026, a partial outage affected" in text.body
    assert text.title == "API: partial outage"
    assert "Next update" not in text.body
    assert harness.rows(Promise) == []
    assert "reported afterwards. Impact while it lasted: API: partial outage. Subscribers are not told." in say(answer)
    assert "Confirm recovery" not in buttons(answer)
    assert answer.destinations == 0


@pytest.mark.parametrize(("asked", "told"), [("", False), (" deliver:yes", True)])
def test_it_is_published_as_resolved_and_delivered_only_if_asked(either: Harness, asked: str, told: bool) -> None:
    either.ana(OVER + asked)
    publish(either)
    incident = either.incident()
    assert (incident.stage, incident.open) == (Stage.RESOLVED, False)
    with either.store.read() as tx:
        [found] = published.failures(tx, [incident])
        history = published.history(tx, incident)
    [span] = found.failures["api"]
    assert (f"{span.since:%H:%M}", f"{span.until:%H:%M}", span.impact) == ("08:10", "08:40", Impact.PARTIAL)
    assert history.entered_later
    assert history.impacts == {"api": Impact.OPERATIONAL}
    sent = [row for row in either.rows(Delivery) if row.kind is DeliveryKind.UPDATE]
    assert bool(sent) is told


def test_its_card_says_that_it_was_entered_afterwards(harness: Harness) -> None:
    harness.ana(OVER)
    publish(harness)
    shown = say(harness.ana("show INC-1"))
    assert "Entered afterwards, 5:15 AM ET (09:15 UTC) on April 20, 2026 · closed" in shown
    assert "It lasted 30 minutes." in shown


def test_no_room_is_made_and_nobody_is_called(harness: Harness) -> None:
    harness.ana(OVER)
    assert [row.kind for row in harness.rows(Delivery)] == []


def test_its_times_and_its_impact_can_be_changed_before_it_is_published(harness: Harness) -> None:
    harness.ana(OVER)
    harness.ana("impact api=major codex=degraded")
    harness.ana("resolve end:04:50")
    publish(harness)
    with harness.store.read() as tx:
        [found] = published.failures(tx, [harness.incident()])
    spans = {key: (f"{span.until:%H:%M}", span.impact) for key, [span] in found.failures.items()}
    assert spans == {"api": ("08:50", Impact.MAJOR), "codex": ("08:50", Impact.DEGRADED)}


def test_one_that_is_older_than_a_day_is_confirmed_first(harness: Harness) -> None:
    line = 'declare Checkout errors sev:3 on:api=partial since:"Apr 17 04:10" end:"Apr 17 04:40"'
    asked = harness.ana(line)
    assert isinstance(asked, Form)
    assert "is more than 24 hours away (April 17, 2026). Correct it, or confirm it." in say(asked)
    assert harness.record() == []
    harness.run("ana", "declare", **dict(asked.kept), **{field.name: field.typed for field in asked.fields})
    assert "on April 17, 2026" in harness.text(harness.draft()).body


def test_an_end_before_its_start_is_asked_about_and_an_end_alone_is_refused(harness: Harness) -> None:
    asked = harness.ana("declare Checkout errors on:api=partial since:04:40 end:04:10")
    assert "is before the start" in say(asked)
    assert "Add when it began" in say(harness.ana("declare Checkout errors on:api=partial end:04:10"))
    assert harness.record() == []


def test_a_start_alone_is_in_the_first_draft_of_an_open_incident(harness: Harness) -> None:
    harness.ana("declare Checkout errors sev:3 on:api=partial since:05:02")
    assert "5:02 AM ET (09:02 UTC)" in harness.text(harness.draft()).body
    assert harness.incident().stage is Stage.DECLARED
    assert len(harness.rows(Promise)) == 1


def test_what_looks_like_a_duplicate_keeps_its_times_when_it_is_declared_anyway(harness: Harness) -> None:
    harness.ana("declare Checkout errors on:api=partial")
    again = buttons(harness.ana(f"{OVER} deliver:yes"))["Declare anyway"]
    assert isinstance(harness.press("ana", again), DraftReview)
    assert (harness.incident(2).entered_later, harness.incident(2).quiet) == (True, False)


def test_reopened_it_is_an_incident_like_any_other(harness: Harness) -> None:
    harness.ana(OVER)
    publish(harness)
    harness.later(30)
    harness.ana("reopen INC-1 on:api=partial")
    harness.ana("publish INC-1")
    harness.ben("approve INC-1")
    assert [row for row in harness.rows(Delivery) if row.kind is DeliveryKind.UPDATE]


def test_published_as_still_going_on_it_is_delivered_as_any_other(harness: Harness) -> None:
    harness.ana(OVER)
    harness.ana("update investigating on:api=partial")
    publish(harness)
    assert [row for row in harness.rows(Delivery) if row.kind is DeliveryKind.UPDATE]
    assert harness.incident().open
