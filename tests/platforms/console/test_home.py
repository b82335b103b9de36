"""The start page and the history: what needs the reader first, and how to find what is past."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.store import leases
from bot.worker.late_updates import tell_late_updates
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.test_pages import SMALL
from tests.platforms.console.test_room import major
from tests.platforms.console.world import Rehearsal, World


def test_the_empty_console_says_how_to_begin(ana: Browse) -> None:
    words = ana.open("/console")
    assert "No open incidents" in words
    assert "Getting started" in words


def test_the_rehearsal_is_offered_only_where_there_is_one_and_then_joined(
    migrated_sqlite_url: str, ana: Browse
) -> None:
    rehearsal = Rehearsal()
    assert "Play the reference incident" not in ana.buttons()
    with World(migrated_sqlite_url, play=rehearsal) as world:
        ana, ben = world.browser("ana"), world.browser("ben")
        ana.press("Play the reference incident")
        assert ana.url == f"{BASE}/console/people"
        ben.open("/console")
        ben.press("Join the running drill")
        assert rehearsal.started == [world.harness.person(handle).id for handle in ("ana", "ben")]


@pytest.mark.parametrize(
    ("clock", "state"), [("05:40", "calm"), ("06:08", "soon"), ("06:15", "due"), ("06:19", "late")]
)
def test_the_nearest_promise_shows_its_state_without_a_script(
    world: World, ana: Browse, clock: str, state: str
) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    world.harness.at(clock)
    ana.open("/console")
    assert ana.response is not None
    assert re.findall(r'data-state="(\w+)" data-promise', ana.response.text) == [state]
    word = {"calm": "On time", "soon": "Due soon", "due": "Due now", "late": "Overdue"}[state]
    assert f"{word}: next update by 6:15 AM ET (10:15 UTC)" in ana.text()


def test_a_direct_message_carries_its_buttons(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    world.harness.later(5)
    world.harness.tick()
    world.harness.deliver()
    words = ana.open("/console")
    assert "Messages to you about INC-1" in ana.page.labels
    assert "The first update is due by 5:20 AM ET (09:20 UTC)" in words


def test_the_start_page_has_each_incident_once_and_what_needs_the_reader_first(world: World, ana: Browse) -> None:
    for line in ("declare Small sev:4 on:codex=degraded", "declare! Late sev:3 on:business=degraded"):
        world.harness.ana(line)
        world.harness.ana("publish INC-1" if "Small" in line else "publish INC-2")
    world.harness.later(62)
    world.harness.ana("declare! Grave sev:1 on:api=major")
    world.harness.ana("declare! Middling sev:3 on:chatgpt=degraded")
    world.harness.tick()
    world.harness.deliver()

    words = ana.open("/console")

    assert ana.response is not None
    assert re.findall(r'id="need-(INC-\d)"', ana.response.text) == ["INC-3", "INC-2", "INC-4", "INC-1"]
    assert words.index("Needs your attention") < words.index("INC-4") < words.index("Also open") < words.index("INC-1")
    for key in ("INC-1", "INC-2", "INC-3", "INC-4"):
        assert words.count(f"{key} ·") == 1


def test_a_calm_incident_needs_nobody(ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    words = ana.open("/console")
    assert "Nothing needs your attention Declare an incident Open incidents" in words


def test_a_request_for_approval_stands_at_home_with_its_text_until_it_is_decided(
    world: World, ana: Browse, ben: Browse
) -> None:
    major(ana)
    ana.run("ask @ben")
    world.harness.deliver()

    words = ben.open("/console")
    assert "Ana Silva asks you to approve this update (investigating, revision 2)." in words
    assert "We are continuing to investigate a major outage affecting the API" in words

    assert "Published: update 2." in ben.press("Approve")
    assert "asks you to approve" not in ben.open("/console")
    assert "Messages to you" not in ben.text()


def test_a_notice_stands_at_home_until_its_incident_is_closed(world: World, ana: Browse, ben: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    ana.run('severity 4 reason:"only one workspace"')
    world.harness.deliver()
    assert "Ana Silva lowered INC-1 from SEV3 to SEV4: only one workspace" in ben.open("/console")

    ana.run("resolve end:5:14")
    ana.press("Publish")

    assert "lowered INC-1" not in ben.open("/console")


def test_a_reminder_leaves_home_when_its_promise_is_kept(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    world.harness.later(5)
    world.harness.tick()
    world.harness.deliver()
    ana.press("Publish")

    assert "Messages to you" not in ana.open("/console")


def test_a_resolved_incident_is_recent_and_stands_in_the_history(ana: Browse) -> None:
    ana.run(SMALL)
    ana.run("cancel")
    assert "Canceled 5:15 AM ET (09:15 UTC) on April 20, 2026" in ana.open("/console")
    assert "INC-1 Alerts on workspace" in ana.open("/console/history")


def test_the_history_is_searched_by_text_component_severity_and_month(world: World, ana: Browse) -> None:
    world.harness.ana("declare Slow answers sev:3 on:api=degraded")
    world.harness.ana("note INC-1 The Frankfurt cache was empty: 100% of reads")
    world.harness.later(20 * 24 * 60)
    world.harness.ana('declare! "Codes <b>late</b>" sev:2 on:codex=major')
    world.harness.ben("declare! Quiet matter sev:1 private:yes")
    ana.sign_in("ana")

    def found(**asked: str) -> list[str]:
        ana.open("/console/history")
        ana.submit("Search", **asked)
        assert ana.status == 200
        return re.findall(r"INC-\d (?:Slow|Codes|Quiet)", ana.text())

    assert found() == ["INC-2 Codes", "INC-1 Slow"]
    assert found(text="frankfurt CACHE") == ["INC-1 Slow"]
    assert found(text="inc-2") == ["INC-2 Codes"]
    assert found(text="100%") == ["INC-1 Slow"]
    assert found(text="%") == ["INC-1 Slow"]
    assert found(text="frankfurt codes") == found(text="Quiet") == []
    assert "No incident matches." in ana.text()
    assert found(component="api") == found(severity="SEV3") == found(month="2026-04") == ["INC-1 Slow"]
    assert found(component="codex", month="2026-05", severity="SEV2", text="late") == ["INC-2 Codes"]
    assert found(severity="SEV2", month="2026-04") == []
    assert "May 2026" in ana.text()
    assert found(text="</b>") == ["INC-2 Codes"]
    for nonsense in ("?severity=x&month=2026-99", "?before=x", "?text=%00%F0%9F", "?month=9999-12"):
        ana.open(f"/console/history{nonsense}")
        assert ana.status == 200


def test_the_history_goes_on_page_by_page_and_keeps_the_search(world: World, ana: Browse) -> None:
    for number in range(32):
        world.harness.ana(f"declare! Alarm {number} sev:{3 if number else 4}")
    first = ana.open("/console/history?text=alarm&severity=SEV3")
    assert "INC-32" in first
    assert "INC-2 " not in first
    ana.press("Older")
    assert "severity=SEV3" in ana.url
    assert "INC-2 " in ana.text()
    assert "INC-1 " not in ana.text()


def test_every_page_says_which_platform_is_away(world: World, ana: Browse) -> None:
    ana.run("declare API down")
    with world.harness.store.write() as tx:
        leases.remember(tx, "outage:local", tx.now.isoformat())
    words = "Local has not been reachable since 5:15 AM ET (09:15 UTC). Foghorn keeps trying."
    assert all(words in ana.open(page) for page in ("/console", "/console/incidents/INC-1", "/console/people"))


def test_an_update_that_is_late_can_be_stopped_where_its_publisher_reads_of_it(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    harness = world.harness
    with harness.store.write() as tx:
        for row in tx.session.exec(select(Delivery).where(Delivery.destination == Destination.parse("local:#status"))):
            row.reason, row.attempts, row.failing_since = "the address answers 503", 6, harness.store.real()
    harness.later(2)
    tell_late_updates(harness.store, harness.actions, harness.store.real() + timedelta(seconds=61))

    words = ana.open("/console")
    assert "Update 1 (investigating) of INC-1 has not reached 1 of" in words
    assert "#status (console): the address answers 503 6 attempts" in words

    ana.press("Stop")
    assert "has not reached" not in ana.open("/console")


def test_the_start_page_names_a_destination_that_receives_nothing(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    harness = world.harness
    harness.deliver(dead=["local:#status"])
    with harness.store.write() as tx:
        for row in tx.session.exec(select(Delivery).where(Delivery.destination == Destination.parse("local:#status"))):
            row.failing_since = harness.store.real() - timedelta(minutes=10.5)

    words = ana.open("/console")
    assert "Destinations that receive nothing" in words
    assert "Nothing has reached #status in the console since 5:04 AM ET (09:04 UTC): the channel was deleted." in words

    ana.press("Open deliveries")
    assert "#status" in ana.text()
