"""What the public pages show, and what they never do."""

import asyncio
import html
import re

import pytest

from tests.harness import organisation
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn

ROUTES = ("/", "/history", "/history.atom", "/updates.atom", "/metrics", "/readyz")
NONSENSE = '<script>alert(1)</script> \u202eevil\u202c \U0001f600 & "quoted"'


def words(page: str) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page.partition("<body>")[2])).split())


def spaced(page: str) -> str:
    """The same, with a space between parts."""
    return words(page.replace("<", " <"))


def green(page: str) -> bool:
    return 'class="verdict is-ok"' in page


def test_nothing_open_is_green(read: Read) -> None:
    page = read()
    assert green(page)
    assert "All systems operational" in words(page)


def test_a_published_incident_shows_its_words_its_impact_and_the_promised_time(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    shown = words(read())
    assert "A major outage is in progress" in shown
    assert "pages load without end and requests return errors" in shown
    assert "Next update by 11:59 AM ET (15:59 UTC)" in shown
    assert shown.index("Investigating: now a major outage") < shown.index("We are now investigating")


def test_every_time_names_the_instant_for_machines(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    assert (
        '<time datetime="2026-04-20T15:44:00+00:00">11:44 AM ET</time> <span class="nowrap num">(15:44 UTC)</span>'
        in read()
    )


def test_components_stand_in_their_groups_with_their_published_impact(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    shown = words(read()).partition(" Components ")[2]
    assert re.search(r"Apps\s*ChatGPT\s*Major outage.*ChatGPT Business\s*Major outage", shown)
    assert re.search(r"Developer platform\s*Codex\s*Major outage.*API\s*Partial outage", shown)


def test_impact_set_but_not_published_does_not_show(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare Trouble sev:4 on:api=degraded")
    foghorn.publish("update investigating")
    foghorn.say("ana", "impact codex=major")
    page = read("/incidents/INC-1")
    assert "Major outage" not in page
    assert "Codex" not in words(page)


@pytest.mark.parametrize("until", ["investigating", "identified", "corrected", "fix", "monitoring"])
def test_an_open_incident_is_never_green(foghorn: Foghorn, read: Read, until: str) -> None:
    foghorn.reference(until)
    assert not green(read())


def test_monitoring_with_every_component_operational_counts_as_a_disruption(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("monitoring")
    page = read()
    assert 'class="verdict is-deg"' in page
    assert "Services are working again, and we are monitoring them" in words(page)


def test_a_resolved_incident_leaves_a_green_page_and_stands_in_its_day(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    page = read()
    assert green(page)
    assert re.search(r"Monday, April 20, 2026\s*ChatGPT, .*Resolved 2:03 PM ET \(18:03 UTC\)", words(page))


def test_reopening_shows_only_once_it_is_published(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    foghorn.say("ana", "reopen INC-1", after=30)
    foghorn.say("ana", "update INC-1 investigating on:api=partial")
    assert green(read())
    foghorn.say("ana", "publish INC-1")
    foghorn.say("ben", "approve INC-1")
    page = read()
    assert not green(page)
    assert "Reopened: Investigating" in words(page)


def test_an_incident_without_a_component_says_so(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare Something is odd sev:4")
    foghorn.publish('update investigating sees:"something is odd"')
    page = read()
    assert "No component is listed for this incident." in page
    assert not green(page)


def test_the_worst_of_several_open_incidents_stands_first(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    foghorn.say("ana", "declare! Small trouble sev:4 on:codex=degraded")
    foghorn.publish('update INC-2 investigating sees:"answers come late"')
    foghorn.say("ana", "publish INC-2")
    page = read()
    assert page.index('id="INC-1"') < page.index('id="INC-2"')


def test_the_major_outage_lasted_as_long_as_the_text_says_whenever_it_was_typed(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare API errors sev:4 on:api=major", after=130)  # 7:25 AM
    foghorn.publish("update investigating since:5:15")
    foghorn.publish("resolve end:7:05", after=2)
    shown = spaced(read("/incidents/INC-1"))
    assert "The disruption lasted 1 hour and 50 minutes." in shown
    assert "Major outage 1 hour and 50 minutes 5:15 AM ET (09:15 UTC) to 7:05 AM ET (11:05 UTC)" in shown
    assert "API Major outage 5:15 AM to 7:05 AM ET (09:15 to 11:05 UTC)" in shown
    assert "Listed as open 2 minutes 7:25 AM ET (11:25 UTC) to 7:27 AM ET (11:27 UTC)" in shown
    assert ", lasted 1 hour and 50 minutes" in spaced(read("/history"))


def test_a_start_corrected_by_the_closing_update_is_the_same_in_its_text_and_beside_it(
    foghorn: Foghorn, read: Read
) -> None:
    foghorn.say("ana", "declare API errors sev:4 on:api=major", after=130)  # 7:25 AM
    foghorn.publish("update investigating since:7:20")
    foghorn.publish("update monitoring", after=5)
    foghorn.publish("resolve since:7:00 end:7:28", after=5)
    shown = spaced(read("/incidents/INC-1"))
    assert "The disruption lasted 28 minutes." in shown
    assert "Major outage 28 minutes 7:00 AM ET (11:00 UTC) to 7:28 AM ET (11:28 UTC)" in shown


def test_the_time_between_the_reports_of_the_outage_and_of_the_fix_is_a_figure_of_its_own(
    foghorn: Foghorn, read: Read
) -> None:
    foghorn.reference()
    shown = spaced(read("/incidents/INC-1"))
    assert "Major outage 67 minutes" in shown
    assert "From public report to fix 67 minutes published 11:44 AM ET" in shown


def test_an_incident_that_was_entered_afterwards_is_in_its_day_and_says_so(foghorn: Foghorn, read: Read) -> None:
    line = 'declare Checkout errors sev:4 on:api=partial since:"Apr 18 14:00" end:"Apr 18 14:20" sure:yes'
    foghorn.say("ana", line)
    foghorn.say("ana", "publish")
    shown = spaced(read("/incidents/INC-1"))
    assert "Reported afterwards, 5:15 AM ET (09:15 UTC) on April 20, 2026" in shown
    assert "Partial outage 20 minutes 2:00 PM ET (18:00 UTC) to 2:20 PM ET (18:20 UTC) on April 18, 2026" in shown
    assert "Resolved (reported afterwards)" in shown
    assert "Listed as open" not in shown
    listed = r"Saturday, April 18, 2026\s*API: partial outage\s*Resolved 5:15 AM ET \(09:15 UTC\) on April 20, 2026"
    assert re.search(listed, spaced(read()))


def test_a_false_alarm_has_no_failure(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare API errors sev:4 on:api=major")
    foghorn.publish("update investigating since:5:10")
    foghorn.publish("cancel A monitoring probe failed; the API was working.", after=10)
    shown = spaced(read("/incidents/INC-1"))
    assert "It was reported in error" in shown
    assert "Major outage 1" not in shown
    assert "Impact over time" not in shown


def test_a_correction_replaces_the_words_and_keeps_the_old_ones_beside_the_mark(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("corrected")
    page = read("/incidents/INC-1")
    update = page.partition('id="update-3"')[2].partition("</article>")[0]
    now, _, before = update.partition("<details>")
    assert "Some sign-ins fail too." in now
    assert "Signing in works." not in now
    assert "corrected <time" in now
    assert "12:03 PM ET" in now
    assert "Signing in works." in before


def test_the_update_after_a_correction_is_not_announced_as_larger(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("corrected")
    foghorn.publish("update identified We are testing a change.", after=10)
    heading = read("/incidents/INC-1").partition('id="update-5"')[2].partition("</h3>")[0]
    assert heading.endswith(">Update")


def test_a_late_promise_is_said_to_be_late(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(20)
    assert "The next update was promised by 11:59 AM ET (15:59 UTC) and is overdue" in words(read())


def strip(page: str, component: str) -> str:
    """The ninety days of a component."""
    return page.partition(f'<span class="name">{component}</span>')[2].partition("</li>")[0]


def test_the_days_of_a_component_say_how_long_it_failed_and_in_which_incident(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    foghorn.clock.wait(60 * 24 * 10)
    days = strip(read(), "ChatGPT")
    assert 'aria-label="Last 90 days. Monday, April 20, 2026: Major outage. No disruption on any other day."' in days
    assert days.count("<rect") == 1
    assert '<rect class="is-maj" x="316" width="3" y="0" height="32"/>' in days
    row = days.partition("<tbody>")[2]
    assert words("<body>" + row).startswith("Monday, April 20, 2026Major outage 1 h 7 minChatGPT,")
    assert 'href="./incidents/INC-1"' in row
    assert "uptime" not in days


def test_a_component_without_a_failure_has_ninety_quiet_days(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare Trouble sev:4 on:api=degraded")
    foghorn.publish('update investigating sees:"requests fail"')
    days = strip(read(), "Codex")
    assert 'aria-label="Last 90 days: no disruption."' in days
    assert "<table" not in days
    foghorn.clock.wait(60 * 24 * 200)
    days = strip(read(), "API")
    assert days.count("<rect") == 90, "it is still open, and failed on each day"
    assert re.findall(r'<tr data-day="(\d+)"(?: data-to="(\d+)")?>', days) == [("0", "89")]
    assert "90 days with disruptions" in days
    assert re.search(r"Aug 9 . Nov 6, 2026Degraded performance all day", words("<body>" + days))


def test_uptime_is_shown_and_explained_where_the_configuration_wants_it(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url, organisation=organisation(uptime={"show": True}))
    foghorn.reference()
    asyncio.run(foghorn.site.rebuild())
    page = Client(foghorn.web_app()).get("/").text
    assert "99.94% uptime" in strip(page, "ChatGPT")
    assert "Share of each minute that counts as lost: Major outage 100%, Partial outage 30%" in words(page)
    foghorn.close()


def test_how_promises_were_kept_shows(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("identified")
    shown = words(read("/incidents/INC-1"))
    assert "Next update promised by 11:59 AM ET: on time" in shown
    assert "Next update promised by 6:20 AM ET: 5 h 24 min late" in shown


def test_the_next_day_every_time_has_its_date(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("identified")
    foghorn.clock.wait(24 * 60)
    shown = words(read("/incidents/INC-1"))
    assert "Identified Apr 20, 11:57 AM ET" in shown
    assert "Next update promised by Apr 20, 11:59 AM ET: on time" in shown


def test_severity_declared_titles_and_internal_texts_show_nowhere(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    for path in ("/", "/history", "/incidents/INC-1", "/history.atom", "/updates.atom"):
        page = read(path)
        assert "SEV" not in page
        assert "db-prod-12" not in page
        assert "Ana" not in page


def test_a_declared_incident_shows_nowhere(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.say("ana", "declare Zebra trouble sev:1 on:api=major")
    foghorn.say("ana", 'update investigating sees:"zebras everywhere"')
    for path in ROUTES:
        page = read(path)
        assert "ebra" not in page
        assert "INC-1" not in page
    assert green(read())
    assert client.get("/incidents/INC-1").status_code == 404
    assert 'foghorn_open_incidents{severity="SEV1"} 0' in read("/metrics")


def test_a_private_incident_shows_nowhere(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.say("ana", "declare Zebra trouble sev:4 on:api=major private:yes")
    foghorn.say("ana", 'update investigating sees:"zebras everywhere"')
    foghorn.say("ana", "publish")
    for path in ROUTES:
        assert "ebra" not in read(path)
    assert client.get("/incidents/INC-1").status_code == 404


def test_what_does_not_exist_and_what_is_private_answer_the_same(foghorn: Foghorn, client: Client, read: Read) -> None:
    foghorn.say("ana", "declare Zebra trouble private:yes")
    read()
    private, unknown = client.get("/incidents/INC-1"), client.get("/incidents/INC-7")
    assert (private.status_code, private.text) == (unknown.status_code, unknown.text)


@pytest.mark.parametrize("path", ["/", "/history", "/incidents/INC-1"])
def test_hostile_words_are_shown_as_words(foghorn: Foghorn, read: Read, path: str) -> None:
    title = (NONSENSE + " word" * 40)[:200]
    foghorn.insert_published(title, f"{NONSENSE}\n</p><b>bold</b>")
    page = read(path)
    assert title in html.unescape(page)
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert page.count('dir="auto"') >= 1


def test_pages_need_no_script_and_carry_no_inline_style(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    for path in ("/", "/history", "/incidents/INC-1"):
        page = read(path)
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<script(?! src=)", page)


def test_older_incidents_are_read_when_somebody_asks(foghorn: Foghorn, client: Client, read: Read) -> None:
    for number in range(52):
        foghorn.insert_published(f"Trouble {number}", "Some requests fail.", closed=True)
    foghorn.clock.wait(60 * 24 * 200)
    read("/history")
    assert "/incidents/INC-1" not in foghorn.site.cache["en"]
    assert client.get("/incidents/INC-1").status_code == 200


def test_the_history_stands_by_month_and_leads_to_older_and_newer_months(
    foghorn: Foghorn, client: Client, read: Read
) -> None:
    foghorn.insert_published("Trouble in April", "Some requests fail.", closed=True)
    foghorn.clock.wait(60 * 24 * 100)
    foghorn.insert_published("Trouble in July", "Some requests fail.", closed=True)

    page = read("/history")
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == ["July 2026", "June 2026", "May 2026"]
    assert "Trouble in July" in page
    assert "Trouble in April" not in page
    assert "/history?month=2026-04" in page

    older = client.get("/history?month=2026-04").text
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", older) == ["April 2026", "March 2026", "February 2026"]
    assert "Trouble in April" in older
    assert "/history?month=2026-07" in older
    assert "Older incidents" not in older


def test_the_history_is_searched_by_words_and_component(either_web: Foghorn) -> None:
    either_web.say("ana", "declare! Secret zebra sev:4 on:api=major")
    either_web.publish('update investigating sees:"requests to the API return errors"')
    either_web.say("ana", "declare! Secret zebra sev:4 on:codex=degraded")
    either_web.say("ana", 'update INC-2 investigating sees:"sign-in pages show errors"')
    either_web.say("ana", "publish INC-2")
    either_web.say("ana", "declare! Hidden sev:4 on:codex=degraded private:yes")
    either_web.say("ana", 'update INC-3 investigating sees:"sign-in pages show errors"')
    either_web.say("ana", "publish INC-3")
    client = Client(either_web.web_app())
    for query, expected in (
        ("q=sign-IN", ["INC-2"]),
        ("q=errors%20api", ["INC-1"]),
        ("q=inc-2", ["INC-2"]),
        ("q=INC-3", []),
        ("q=100%25", []),
        ("component=codex", ["INC-2"]),
        ("q=errors&component=codex", ["INC-2"]),
        ("q=zebra", []),
        ("q=secret", []),
    ):
        page = client.get(f"/history?{query}").text
        assert (query, re.findall(r'href="\./incidents/(INC-\d)"', page)) == (query, expected)
        assert ("No incident matches." in page) is not bool(expected)


def test_the_page_of_a_merged_incident_leads_to_the_one_it_goes_on_as(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare API errors sev:3 on:api=partial")
    foghorn.say("ana", "publish")
    foghorn.say("ana", "declare! Codex errors sev:3 on:codex=partial")
    foghorn.say("ana", "publish INC-2")

    foghorn.say("ana", "merge INC-2 INC-1")

    assert 'continues as <a href="../incidents/INC-1">INC-1</a>' in read("/incidents/INC-2")
