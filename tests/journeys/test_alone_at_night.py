"""One person alone, SEV1; an approval that comes late; and an incident that shrinks: nobody is left with old words."""

from collections.abc import Iterator

import pytest

from bot.domain.deliveries import DeliveryState
from tests.harness import Harness, organisation, say
from tests.journeys.world import Whole

ALONE = organisation(without=["ben"])


@pytest.fixture
def alone(migrated_sqlite_url: str) -> Iterator[Harness]:
    """Ana is all there is."""
    harness = Harness(migrated_sqlite_url, ALONE)
    yield harness
    harness.close()


@pytest.fixture
def whole(migrated_sqlite_url: str) -> Iterator[Whole]:
    with Whole(migrated_sqlite_url) as whole:
        yield whole


# ---- alone


def test_the_first_update_of_a_sev1_is_public_after_two_commands(alone: Harness) -> None:
    alone.ana("declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial")
    assert "Published: update 1." in say(alone.ana("publish"))


def test_news_of_a_sev1_is_public_after_four_commands_in_all(alone: Harness) -> None:
    alone.ana("declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial")
    alone.ana("publish")
    alone.later(9)
    alone.ana('update identified sees:"pages do not load" Signing in works.')
    assert "Published: update 2." in say(alone.ana('publish alone:"nobody else is awake"'))
    assert [update.alone_because for update in alone.published()] == ["", "nobody else is awake"]


def test_a_large_first_update_with_words_of_its_own_takes_three(alone: Harness) -> None:
    alone.ana("declare ChatGPT errors sev:1 on:chatgpt=major")
    alone.ana('update investigating sees:"pages do not load" who:worldwide since:05:10')
    assert "Published: update 1." in say(alone.ana("publish"))


def test_alone_from_the_first_word_to_the_last(alone: Harness) -> None:
    for line in (
        "declare ChatGPT errors sev:1 on:chatgpt=major",
        "publish",
        'update identified sees:"pages do not load"',
        'publish alone:"night"',
        "update fix fixed:1m",
        'publish alone:"night"',
        "update monitoring",
        'publish alone:"night"',
        'resolve data:"No data was lost."',
        'publish alone:"night"',
    ):
        alone.later(2)
        answer = say(alone.ana(line))
        assert line.split()[0] != "publish" or "Published: update" in answer, f"{line}: {answer}"
    assert alone.incident().closed_as == "resolved"
    assert {state for _, state in alone.promised()} == {"kept"}


def test_alone_asks_for_its_reason(alone: Harness) -> None:
    alone.ana("declare ChatGPT errors sev:1 on:chatgpt=major")
    alone.ana("publish")
    alone.ana('update identified sees:"pages do not load"')
    assert "reason" in say(alone.ana("publish ask:yes")).casefold()
    assert len(alone.published()) == 1


# ---- late approvals


def drafted(harness: Harness) -> None:
    """A SEV1 whose first update promises the next one within 15 minutes; Ben's draft of that waits for Ana."""
    harness.ana("declare ChatGPT errors sev:1 on:chatgpt=major")
    harness.ana("assign comms @ben")
    harness.ben("publish")
    harness.ben('update identified sees:"pages do not load"')
    harness.ben("publish")


def test_an_approval_14_minutes_after_the_draft_keeps_the_promise(harness: Harness) -> None:
    drafted(harness)
    harness.later(14)
    assert "Published: update 2." in say(harness.ana("approve"))
    assert [state for _, state in harness.promised()] == ["kept", "open"]


def test_the_time_of_waiting_is_not_taken_from_the_next_promise(harness: Harness) -> None:
    drafted(harness)
    harness.later(14)
    harness.ana("approve")
    (_, (due, _)) = harness.promised()
    assert due == "05:44"  # published at 05:29
    assert "Next update by 5:44 AM ET (09:44 UTC)." in harness.text(harness.published()[-1]).body


# ---- an incident that shrinks


def test_who_heard_the_first_update_hears_the_last_and_the_page_is_green(whole: Whole) -> None:
    ana, ben = whole.browser("ana"), whole.browser("ben")
    ana.run("declare Everything fails sev:1 on:chatgpt=major,business=major,codex=major,api=major")
    ana.run("publish")
    whole.settle()
    first = whole.told()
    assert {"local:#status", "local:#api-status", "local:#business", "local:#support"} == first.keys()
    for minute, (who, line) in enumerate(
        (
            (ana, "impact business=operational codex=operational api=operational chatgpt=degraded"),
            (ana, 'severity 4 reason:"loads slowly, and fails no more"'),
            (ana, 'update identified sees:"loading is slow"'),
            (ana, "publish"),
            (ben, "approve"),
            (ana, "resolve end:05:30"),
            (ana, "publish"),
            (ben, "approve"),
        ),
        16,
    ):
        whole.at(f"05:{minute + 10}")
        who.open("/console/incidents/INC-1")
        who.run(line)
        whole.settle()
    assert whole.told() == dict.fromkeys(first, DeliveryState.SENT)
    assert whole.disagreements(ana) == []
    assert "This incident is resolved." in ana.open("/console/channels/business")
    assert "All systems operational" in whole.read("/")
    assert "Resolved" in ana.open("/console/incidents/INC-1")
