"""Days in words, and lengths of time as the script says them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.web.overview import Days
from bot.web_templates import brief
from tests.reference import ORGANISATION

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (date(2026, 4, 20), date(2026, 4, 20), "Monday, April 20, 2026"),
        (date(2026, 4, 10), date(2026, 4, 19), "Apr 10 \u2013 19, 2026"),
        (date(2026, 3, 28), date(2026, 4, 3), "Mar 28 \u2013 Apr 3, 2026"),
        (date(2025, 12, 28), date(2026, 1, 3), "Dec 28, 2025 \u2013 Jan 3, 2026"),
        (date(2025, 4, 28), date(2026, 4, 3), "Apr 28, 2025 \u2013 Apr 3, 2026"),
    ],
)
def test_a_run_of_days_names_what_they_share_once(first: date, last: date, label: str) -> None:
    assert Days(first, last, (), ORGANISATION.zone).label == label


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (69, "1 h 9 min"), (3060, "2 d 3 h")]
)
def test_a_length_of_time_is_short(minutes: int, words: str) -> None:
    assert brief(NOW, NOW + timedelta(minutes=minutes)) == words
    assert brief(NOW + timedelta(minutes=minutes), NOW) == words
