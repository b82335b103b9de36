"""Times as people type them, read in the organisation's zone."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import times
from bot.errors import BotError, InvalidField, TimeUnclear
from tests.reference import ORGANISATION, et

ZONE = ORGANISATION.zone


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "typed",
    [
        "13:30",
        "13.30",
        "1:30 pm",
        "1:30PM",
        "13:30 ET",
        "13:30 EDT",
        "17:30 UTC",
        "17:30 Z",
        "19:30 Europe/Berlin",
        "2026-04-20 13:30",
        "2026-04-20T13:30",
        "30m",
        "30",
        "0h30m",
        "30 minutes",
    ],
)
def test_half_past_one_is_typed_in_many_ways(typed: str) -> None:
    assert times.ahead(typed, et("13:00"), ZONE) == et("13:30")


def test_a_clock_time_is_the_next_such_time() -> None:
    assert times.ahead("00:15", utc(2026, 4, 21, 3, 50), ZONE) == utc(2026, 4, 21, 4, 15)


def test_a_clock_time_twelve_hours_ahead_is_the_furthest() -> None:
    assert times.ahead("01:00", et("13:00"), ZONE) == et("13:00") + timedelta(hours=12)


def test_a_clock_time_that_has_passed_is_refused() -> None:
    with pytest.raises(InvalidField, match="has passed") as refusal:
        times.ahead("12:30", et("13:00"), ZONE)
    assert refusal.value.facts == {"time": et("12:30"), "now": et("13:00")}


@pytest.mark.parametrize(
    "typed",
    [
        "soon",
        "25:00",
        "13:60",
        "13:30 XYZ",
        "13:30 ../../etc/passwd",
        "0m",
        "2026-13-40 10:00",
        "9999-12-31 23:59",
        "0001-01-01 00:30 UTC",
        "13:30pm",
        "",
    ],
)
def test_what_is_no_coming_time_is_refused(typed: str) -> None:
    with pytest.raises(BotError):
        times.ahead(typed, et("13:00"), ZONE)


def test_an_hour_that_happens_twice_is_refused() -> None:
    with pytest.raises(InvalidField, match="happens twice") as refusal:
        times.ahead("01:30", utc(2026, 11, 1, 4, 0), ZONE)
    assert refusal.value.facts == {"clock": "01:30", "date": "November 1, 2026"}


def test_an_hour_that_happens_twice_is_clear_with_a_zone() -> None:
    assert times.ahead("05:30 UTC", utc(2026, 11, 1, 4, 0), ZONE) == utc(2026, 11, 1, 5, 30)


def test_of_an_hour_that_happens_twice_the_second_is_still_ahead() -> None:
    with pytest.raises(InvalidField, match="happens twice"):
        times.ahead("01:30", utc(2026, 11, 1, 5, 45), ZONE)


def test_an_hour_that_happened_twice_today_is_clear_tomorrow() -> None:
    assert times.ahead("01:30", utc(2026, 11, 1, 20, 0), ZONE) == utc(2026, 11, 2, 6, 30)


def test_an_hour_that_does_not_happen_is_refused() -> None:
    with pytest.raises(InvalidField, match="does not exist"):
        times.ahead("02:30", utc(2026, 3, 8, 5, 0), ZONE)


def test_a_past_hour_that_happened_twice_is_refused() -> None:
    with pytest.raises(InvalidField, match="happens twice"):
        times.behind("01:30", utc(2026, 11, 1, 12, 0), ZONE)


def test_a_past_time_is_the_last_such_time() -> None:
    assert times.behind("23:50", et("00:10"), ZONE) == et("00:10") - timedelta(minutes=20)


def test_minutes_ago_are_counted_from_now() -> None:
    assert times.behind("5m ago", et("13:00"), ZONE) == et("12:55")


def test_a_past_time_on_a_day_to_come_is_refused() -> None:
    with pytest.raises(InvalidField, match="is in the future"):
        times.behind("2026-04-22 10:00", et("13:00"), ZONE)


def test_words_are_no_past_time() -> None:
    with pytest.raises(TimeUnclear):
        times.behind("this morning", et("13:00"), ZONE)
