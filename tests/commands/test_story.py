"""The reference incident of April 20, 2026: 16 publications, every promise kept but the superseded one."""

from collections.abc import Iterator

import pytest

from bot.domain.components import Impact
from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.incident import ComponentImpact
from bot.views import DeliveryReport
from tests.harness import Harness

QUIET = ("06:18", "07:18", "08:18", "09:18", "10:18", "11:18")
PROMISED = [
    *(("06:20", "kept"), ("07:20", "kept"), ("08:20", "kept"), ("09:20", "kept"), ("10:20", "kept"), ("11:20", "kept")),
    *(("12:20", "superseded"), ("11:59", "kept"), ("12:14", "kept"), ("12:27", "kept"), ("12:42", "kept")),
    *(("12:57", "kept"), ("13:06", "kept"), ("14:05", "kept")),
]
SMALL = "ChatGPT Business: unexpected behavior for some workspaces"
WIDE = "ChatGPT, Codex and API: errors and endless loading"


def published(harness: Harness, clock: str, *lines: str) -> None:
    """Ana types at that time; where a second person is needed, Ben approves."""
    harness.at(clock)
    for line in lines:
        answer = harness.ana(line)
    if not isinstance(answer, DeliveryReport):
        answer = harness.ben("approve")
    assert isinstance(answer, DeliveryReport), answer


@pytest.fixture(scope="module")
def told(shared_url: str) -> Iterator[Harness]:
    """The whole story, played once on each engine and delivered as it went."""
    harness = Harness(shared_url)
    harness.ana("declare Unwanted behavior in some workspaces sev:3 on:business=degraded")
    published(
        harness,
        "05:20",
        'update sees:"has not worked as expected" who:"some enterprise workspaces" since:05:12'
        f' ok:chatgpt,codex,api title:"{SMALL}"',
        "publish",
    )
    for clock in QUIET:
        harness.deliver()
        published(harness, clock, "publish nochange:yes")
    published(
        harness,
        "11:44",
        "severity 1",
        "update on:chatgpt=major,business=major,codex=major,api=partial since:11:44 who:worldwide"
        f' sees:"pages load without end and requests return errors" ok:"," title:"{WIDE}"',
        "publish",
    )
    harness.deliver()
    published(harness, "11:58", "publish nochange:yes")
    published(
        harness,
        "12:12",
        'update identified sees:"pages do not load and about half of API requests return errors" Signing in works.',
        "publish",
    )
    harness.deliver()
    published(harness, "12:18", 'correct wrong:"Signing in works." right:"Some sign-ins fail too."', "publish")
    published(harness, "12:26", "publish nochange:yes")
    published(harness, "12:41", "publish nochange:yes")
    harness.deliver()
    published(harness, "12:51", "update fix fixed:12:51", "publish")
    published(harness, "13:05", "update monitoring recovered:yes", "publish")
    harness.deliver()
    published(
        harness,
        "14:03",
        'resolve end:12:51 data:"No data was lost." do:"You do not need to do anything." review:2026-04-27',
        "publish",
    )
    harness.deliver()
    yield harness
    harness.close()


def test_there_are_sixteen_publications_and_their_promises(told: Harness) -> None:
    assert len(told.published()) == 16
    assert told.promised() == PROMISED


def test_titles_are_those_of_the_story(told: Harness) -> None:
    assert [told.text(update).title for update in told.published()] == [SMALL] * 7 + [WIDE] * 9


def test_everybody_who_heard_of_it_heard_the_end(told: Harness) -> None:
    last = told.published()[-1]

    sent = [row for row in told.rows(Delivery) if row.kind in (DeliveryKind.UPDATE, DeliveryKind.HEADLINE)]
    heard = {str(row.destination) for row in sent}
    assert heard == {"local:#status", "local:#api-status", "local:#business", "local:#support"}
    assert {str(row.destination) for row in sent if row.update_id == last.id} == heard


def test_the_small_incident_is_not_told_to_the_developers_of_the_api(told: Harness) -> None:
    first = told.sent_to("local:#api-status")[0]

    assert first.update_id == told.published()[7].id


def test_in_the_end_everything_is_operational(told: Harness) -> None:
    assert {row.published for row in told.rows(ComponentImpact)} == {Impact.OPERATIONAL}


def test_the_corrected_words_stand_nowhere_afterwards(told: Harness) -> None:
    identified = told.published()[9]

    assert "Signing in works." in told.text(identified).body
    assert "Signing in works." not in told.current(identified)
    for update in told.published()[11:]:
        assert "Signing in works" not in told.text(update).body


def test_the_last_text_tells_window_length_data_and_review(told: Harness) -> None:
    body = told.text(told.published()[-1]).body

    assert "From 11:44 AM to 12:51 PM ET (15:44 to 16:51 UTC) on April 20, 2026, a major outage affected" in body
    assert "No data was lost. You do not need to do anything." in body
    assert body.endswith("We will publish a review of this incident by April 27, 2026.")
