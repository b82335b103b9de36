"""Days in words, and lengths of time as the script says them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.templating import brief
from bot.web.overview import Days

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (date(2026, 4, 20), date(2026, 4, 20), "Monday 20 April 2026"),
        (date(2026, 4, 10), date(2026, 4, 19), "10 to 19 April 2026"),
        (date(2026, 3, 28), date(2026, 4, 3), "28 March to 3 April 2026"),
        (date(2025, 12, 28), date(2026, 1, 3), "28 December 2025 to 3 January 2026"),
        (date(2025, 4, 28), date(2026, 4, 3), "28 April 2025 to 3 April 2026"),
    ],
)
def test_a_run_of_days_names_what_they_share_once(first: date, last: date, label: str) -> None:
    assert Days(first, last, ()).label == label


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (69, "1 h 9 min"), (3060, "2 d 3 h")]
)
def test_a_length_of_time_is_short(minutes: int, words: str) -> None:
    assert brief(NOW, NOW + timedelta(minutes=minutes)) == words
    assert brief(NOW + timedelta(minutes=minutes), NOW) == words
