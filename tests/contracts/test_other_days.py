"""A time on another day shows its date, in the organization's zone and in UTC."""

from bot.platforms.discord.markdown import in_line
from bot.platforms.slack import blocks
from bot.views import Answer, IncidentCard
from bot.views.parts import Due
from tests.harness import Harness, say


def declare(harness: Harness) -> None:
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("note Two people are looking at the gateways.")


def show(harness: Harness) -> Answer:
    return harness.ana("show INC-1")


def test_on_the_same_day_a_clock_time_is_enough(harness: Harness) -> None:
    declare(harness)
    harness.later(60)
    assert "5:15 AM ET (09:15 UTC) · Ana Silva" in say(show(harness))


def test_the_next_day_it_has_its_date(harness: Harness) -> None:
    declare(harness)
    harness.later(24 * 60)
    assert "5:15 AM ET (09:15 UTC) on April 20, 2026 · Ana Silva" in say(show(harness))


def test_once_it_is_tomorrow_in_utc_it_has_its_date_too(harness: Harness) -> None:
    harness.at("15:00")
    declare(harness)
    harness.later(4 * 60 + 59)
    assert "3:00 PM ET (19:00 UTC) · Ana Silva" in say(show(harness))
    harness.later(1)  # 8 PM in New York is midnight in UTC
    assert "3:00 PM ET (19:00 UTC) on April 20, 2026 · Ana Silva" in say(show(harness))


def test_a_time_whose_date_in_utc_is_shown_needs_no_other(harness: Harness) -> None:
    harness.at("15:00")
    harness.later(6 * 60)
    declare(harness)
    harness.later(30)
    assert "9:00 PM ET (01:00 UTC, April 21) · Ana Silva" in say(show(harness))


def test_a_refusal_has_the_date_of_what_happened_before(harness: Harness) -> None:
    declare(harness)
    harness.ana("cancel A monitoring probe failed.")
    harness.later(24 * 60)
    said = say(harness.ana("severity INC-1 1"))
    assert "was closed as canceled at 5:15 AM ET (09:15 UTC) on April 20, 2026" in said


def test_each_platform_shows_the_date(harness: Harness) -> None:
    declare(harness)
    harness.later(24 * 60)
    card = show(harness)
    assert isinstance(card, IncidentCard)
    zone, spans = harness.organisation.zone, [card.latest[0], Due(card.opened_at)]
    assert in_line(spans).count(":f>") == 2
    assert in_line(spans).count(":R>") == 1
    assert "'{date_short_pretty}, {time}'" in str(blocks.rows(zone, spans))
    assert "^{date_short_pretty}, {time}|" in str(blocks.small(zone, spans[1:]))
