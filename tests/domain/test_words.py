"""How a language writes times, windows, lengths, and lists."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.times import Zone
from bot.domain.words import Words
from bot.templating import Templates
from tests.reference import ORGANISATION

PACK = Templates().wording(ORGANISATION, "en").pack
ET = Words(PACK, Zone(ZoneInfo("America/New_York"), "ET"))
PLAIN = Words(PACK, Zone(ZoneInfo("America/New_York")))
LONDON = Words(PACK, Zone(ZoneInfo("Europe/London"), "", "en_GB"))
IN_UTC = Words(PACK, Zone(UTC))
KOLKATA = Words(PACK, Zone(ZoneInfo("Asia/Kathmandu")))


def at(*moment: int) -> datetime:
    return datetime(2026, *moment, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "moment", "read"),
    [
        (ET, at(4, 20, 15, 44), "11:44 AM ET (15:44 UTC)"),
        (PLAIN, at(4, 20, 15, 44), "11:44 AM EDT (15:44 UTC)"),
        (LONDON, at(4, 20, 15, 44), "16:44 BST (15:44 UTC)"),
        (IN_UTC, at(4, 20, 15, 44), "15:44 UTC"),
        (KOLKATA, at(4, 20, 10, 0), "3:45 PM UTC+05:45 (10:00 UTC)"),
        (ET, at(4, 21, 1, 30), "9:30 PM ET (01:30 UTC, April 21)"),
    ],
)
def test_a_time_names_its_zone_and_utc(words: Words, moment: datetime, read: str) -> None:
    assert words.clock(moment) == read


def test_a_date_stands_only_where_it_is_another_one() -> None:
    assert ET.when(at(4, 20, 15, 44), at(4, 20, 18, 0)) == "11:44 AM ET (15:44 UTC)"
    assert ET.when(at(4, 20, 15, 44), at(4, 22, 18, 0)) == "11:44 AM ET (15:44 UTC) on April 20, 2026"


def test_a_window_names_its_zone_once() -> None:
    assert ET.window(at(4, 20, 15, 44), at(4, 20, 16, 51)) == (
        "from 11:44 AM to 12:51 PM ET (15:44 to 16:51 UTC) on April 20, 2026"
    )


def test_a_window_across_midnight_names_both_days() -> None:
    assert IN_UTC.window(at(3, 9, 22, 31), at(3, 10, 0, 12)) == (
        "from 22:31 UTC on March 9, 2026, to 00:12 UTC on March 10, 2026"
    )


def test_a_window_across_midnight_of_utc_alone_names_its_days() -> None:
    assert ET.window(at(4, 20, 23, 30), at(4, 21, 0, 40)) == (
        "from 7:30 PM to 8:40 PM ET (23:30 UTC, April 20 to 00:40 UTC, April 21) on April 20, 2026"
    )


def test_a_window_in_the_hour_the_clocks_change_names_both_zones() -> None:
    assert ET.window(at(11, 1, 5, 50), at(11, 1, 6, 10)) == (
        "from 1:50 AM EDT (05:50 UTC) on November 1, 2026, to 1:10 AM EST (06:10 UTC) on November 1, 2026"
    )


@pytest.mark.parametrize(
    ("minutes", "read"),
    [(0, "1 minute"), (67, "67 minutes"), (90, "1 hour and 30 minutes"), (120, "2 hours"), (1620, "1 day and 3 hours")],
)
def test_lengths_read_as_people_say_them(minutes: int, read: str) -> None:
    start = at(4, 20, 0, 0)
    assert ET.length(start, datetime.fromtimestamp(start.timestamp() + minutes * 60, UTC)) == read


def test_apostrophes_are_put_where_tired_people_leave_them_out_but_not_in_addresses() -> None:
    assert ET.normalized("Users  cant log in, see https://x.example/cant Dont reload.") == (
        "Users can't log in, see https://x.example/cant Don't reload."
    )
