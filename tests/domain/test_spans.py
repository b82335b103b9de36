"""When a component failed: the times that people typed decide, and not the time of typing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.spans import (
    ComponentDay,
    ImpactSpan,
    IncidentFailures,
    Period,
    Statement,
    component_days,
    disrupted,
    failure_spans,
    merged,
)
from bot.domain.uptime import UptimeConfig, uptime

MAJOR, PARTIAL, DEGRADED, WELL = Impact.MAJOR, Impact.PARTIAL, Impact.DEGRADED, Impact.OPERATIONAL
NEW_YORK = ZoneInfo("America/New_York")
LATER = datetime(2026, 4, 25, tzinfo=UTC)


def at(clock: str) -> datetime:
    """On April 20, 2026, in UTC."""
    return datetime.fromisoformat(f"2026-04-20T{clock}:00+00:00")


def said(clock: str, stage: Stage = Stage.IDENTIFIED, /, *, typed: str = "", **impacts: Impact) -> Statement:
    """A publication; `typed` is such as `since=15:27 end=17:17`."""
    times = {name: at(time) for name, time in (each.split("=") for each in typed.split())}
    return Statement(at=at(clock), stage=stage, impacts=impacts, **times)


def spans(*publications: Statement, component: str = "api", closed: str = "") -> list[tuple[str, str, Impact]]:
    """From, to, impact, in clock times."""
    found = failure_spans(publications, at(closed) if closed else None).get(component, ())
    return [(f"{s.since:%H:%M}", f"{s.until:%H:%M}" if s.until else "", s.impact) for s in found]


def test_what_was_over_before_anyone_typed_lasted_as_long_as_it_lasted() -> None:
    told = (
        said("17:20", Stage.INVESTIGATING, typed="since=15:27", api=MAJOR),
        said("17:20", Stage.RESOLVED, typed="end=17:17", api=WELL),
    )
    assert spans(*told, closed="17:20") == [("15:27", "17:17", MAJOR)]


def test_without_a_typed_time_the_publication_counts() -> None:
    told = (
        said("12:01", Stage.INVESTIGATING, api=PARTIAL),
        said("12:03", api=MAJOR),
        said("12:04", Stage.MONITORING, api=WELL),
    )
    assert spans(*told) == [("12:01", "12:03", PARTIAL), ("12:03", "12:04", MAJOR)]


def test_the_fix_ends_the_failure_that_a_later_publication_shows_as_over() -> None:
    told = (
        said("11:44", Stage.INVESTIGATING, api=MAJOR),
        said("12:55", Stage.FIX_IMPLEMENTED, typed="fixed=12:51", api=MAJOR),
        said("13:05", Stage.MONITORING, api=WELL),
    )
    assert spans(*told) == [("11:44", "12:51", MAJOR)]


def test_a_fix_that_did_not_hold_ends_nothing() -> None:
    told = (
        said("22:00", api=MAJOR),
        said("22:15", Stage.FIX_IMPLEMENTED, typed="fixed=22:14", api=MAJOR),
        said("22:17", Stage.IDENTIFIED, api=MAJOR),
        said("22:23", Stage.IDENTIFIED, api=WELL),
    )
    assert spans(*told) == [("22:00", "22:23", MAJOR)]


def test_a_component_that_recovered_after_the_others_did_not_recover_with_the_fix() -> None:
    told = (
        said("12:00", api=MAJOR, codex=MAJOR),
        said("12:30", Stage.FIX_IMPLEMENTED, typed="fixed=12:25", api=MAJOR, codex=MAJOR),
        said("12:40", Stage.MONITORING, api=WELL, codex=MAJOR),
        said("13:10", Stage.MONITORING, api=WELL, codex=WELL),
    )
    assert spans(*told) == [("12:00", "12:25", MAJOR)]
    assert spans(*told, component="codex") == [("12:00", "13:10", MAJOR)]


def test_what_still_failed_after_the_fix_did_not_end_with_it() -> None:
    told = (
        said("12:00", api=MAJOR),
        said("12:30", Stage.FIX_IMPLEMENTED, typed="fixed=12:25", api=MAJOR),
        said("12:40", Stage.FIX_IMPLEMENTED, api=DEGRADED),
        said("13:00", Stage.MONITORING, api=WELL),
    )
    assert spans(*told) == [("12:00", "12:40", MAJOR), ("12:40", "13:00", DEGRADED)]


def test_a_start_is_that_of_the_components_which_the_publication_first_showed_failing() -> None:
    told = (
        said("05:20", Stage.INVESTIGATING, typed="since=05:12", business=DEGRADED),
        said("11:46", Stage.INVESTIGATING, typed="since=11:44", business=MAJOR, api=MAJOR),
    )
    assert spans(*told) == [("11:44", "", MAJOR)]
    assert spans(*told, component="business") == [("05:12", "11:44", DEGRADED), ("11:44", "", MAJOR)]


def test_a_start_typed_later_corrects_the_start_of_what_fails() -> None:
    told = (
        said("12:00", Stage.INVESTIGATING, api=PARTIAL),
        said("12:10", api=MAJOR),
        said("12:20", typed="since=11:50", api=MAJOR),
    )
    assert spans(*told) == [("11:50", "12:10", PARTIAL), ("12:10", "", MAJOR)]


def test_a_start_typed_with_the_closing_update_counts_too() -> None:
    told = (
        said("17:00", api=MAJOR),
        said("17:18", Stage.MONITORING, api=WELL),
        said("17:40", Stage.RESOLVED, typed="since=15:27 end=17:17", api=WELL),
    )
    assert spans(*told, closed="17:40") == [("15:27", "17:17", MAJOR)]


def test_an_end_typed_later_corrects_the_last_recovery_and_no_failure_is_longer() -> None:
    told = (
        said("12:00", api=MAJOR, codex=MAJOR, chatgpt=MAJOR),
        said("12:20", api=WELL, codex=MAJOR, chatgpt=MAJOR),
        said("12:55", api=WELL, codex=WELL, chatgpt=MAJOR),
        said("13:00", Stage.MONITORING, api=WELL, codex=WELL, chatgpt=WELL),
        said("14:00", Stage.RESOLVED, typed="end=12:51", api=WELL, codex=WELL, chatgpt=WELL),
    )
    assert spans(*told) == [("12:00", "12:20", MAJOR)]
    assert spans(*told, component="codex") == [("12:00", "12:51", MAJOR)]
    assert spans(*told, component="chatgpt") == [("12:00", "12:51", MAJOR)]


def test_a_failure_that_returns_begins_again_and_never_before_it_recovered() -> None:
    told = (
        said("12:00", api=MAJOR),
        said("12:30", Stage.RESOLVED, api=WELL),
        said("12:50", Stage.INVESTIGATING, typed="since=12:10", api=PARTIAL),
        said("13:00", Stage.RESOLVED, api=WELL),
    )
    assert spans(*told, closed="13:00") == [("12:00", "12:30", MAJOR), ("12:30", "13:00", PARTIAL)]


def test_an_end_before_the_start_is_impossible_so_the_publication_counts() -> None:
    told = (said("12:00", api=MAJOR), said("12:30", Stage.RESOLVED, typed="end=11:00", api=WELL))
    assert spans(*told) == [("12:00", "12:30", MAJOR)]


def test_what_never_recovered_ends_with_the_incident() -> None:
    assert spans(said("12:00", api=DEGRADED), closed="12:30") == [("12:00", "12:30", DEGRADED)]


def test_an_incident_entered_afterwards_failed_as_it_says() -> None:
    told = Statement(at=at("18:00"), stage=Stage.RESOLVED, impacts={"api": WELL}, since=at("15:27"), end=at("17:17"),
                     failed={"api": PARTIAL})  # fmt: skip
    assert spans(told, closed="18:00") == [("15:27", "17:17", PARTIAL)]


def test_overlapping_failures_are_counted_once() -> None:
    found = {
        "api": (ImpactSpan(at("12:00"), at("12:30"), MAJOR), ImpactSpan(at("13:00"), None, MAJOR)),
        "codex": (ImpactSpan(at("12:20"), at("12:40"), PARTIAL),),
    }
    assert merged([*found["api"], *found["codex"]]) == (Period(at("12:00"), at("12:40")), Period(at("13:00"), None))
    assert disrupted(found, at("13:05")) == timedelta(minutes=45)


# ---- days


def failed(key: str, *found: ImpactSpan) -> IncidentFailures:
    return IncidentFailures(1, key, "API errors", {"api": found})


def days(incidents: Sequence[IncidentFailures], first: str, last: str, now: datetime = LATER) -> list[ComponentDay]:
    dates = (date.fromisoformat(f"2026-{day}") for day in (first, last))
    return list(component_days(incidents, "api", first=next(dates), last=next(dates), zone=NEW_YORK, now=now))


def test_a_failure_across_midnight_counts_on_both_days_of_the_organizations_zone() -> None:
    start = datetime(2026, 4, 21, 3, 30, tzinfo=UTC)  # 11:30 PM in New York
    twentieth, next_day, quiet = days([failed("INC-1", ImpactSpan(start, start + timedelta(hours=2), MAJOR))],
                                      "04-20", "04-22")  # fmt: skip
    assert (twentieth.impacts, twentieth.incidents) == ({MAJOR: timedelta(minutes=30)}, ("INC-1",))
    assert next_day.impacts == {MAJOR: timedelta(minutes=90)}
    assert (quiet.impacts, quiet.worst, quiet.incidents) == ({}, WELL, ())


def test_where_incidents_overlap_the_worst_counts_and_no_minute_twice() -> None:
    one = failed("INC-1", ImpactSpan(at("12:00"), at("13:00"), PARTIAL))
    other = failed("INC-2", ImpactSpan(at("12:30"), at("12:40"), MAJOR))
    [day] = days([one, other], "04-20", "04-20")
    assert day.impacts == {PARTIAL: timedelta(minutes=50), MAJOR: timedelta(minutes=10)}
    assert (day.worst, day.incidents) == (MAJOR, ("INC-1", "INC-2"))


@pytest.mark.parametrize(("day", "hours"), [("03-08", 23), ("03-09", 24), ("11-01", 25)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    assert days([], day, day, datetime(2026, 12, 1, tzinfo=UTC))[0].length == timedelta(hours=hours)


def test_today_counts_until_now() -> None:
    [day] = days([failed("INC-1", ImpactSpan(at("12:00"), None, MAJOR))], "04-20", "04-20", at("12:15"))
    assert (day.length, day.impacts) == (timedelta(hours=8, minutes=15), {MAJOR: timedelta(minutes=15)})


def test_uptime_is_the_share_of_the_time_that_was_not_lost() -> None:
    found = days([failed("INC-1", ImpactSpan(at("12:00"), at("14:24"), MAJOR))], "04-20", "04-20")
    assert uptime(found, {MAJOR: 1.0}) == pytest.approx(0.9)
    assert uptime(found, {MAJOR: 0.5}) == pytest.approx(0.95)
    assert uptime(found, {PARTIAL: 1.0}) == 1
    assert uptime([], {MAJOR: 1.0}) is None


def test_as_configured_a_partial_outage_costs_less_than_a_major_one() -> None:
    found = days([failed("INC-1", ImpactSpan(at("12:00"), at("14:24"), PARTIAL))], "04-20", "04-20")
    assert uptime(found, UptimeConfig().weights) == pytest.approx(0.97)
    assert uptime(found, UptimeConfig(partial=1).weights) == pytest.approx(0.9)
