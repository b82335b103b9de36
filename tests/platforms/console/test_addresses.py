"""Every address can be entered, and what only shows something has one of its own."""

from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.test_room import small
from tests.platforms.console.world import World


def test_the_answer_to_a_reading_command_can_be_reloaded(ana: Browse) -> None:
    small(ana)
    for line in ("timeline", "copy", "deliveries", "export csv", "help update", "list"):
        ana.open("/console/incidents/INC-1")
        answered = ana.run(line)
        assert ana.status == 200
        assert ana.url.startswith(f"{BASE}/console/run?line=")
        assert ana.open(ana.url) == answered


def test_opening_an_address_carries_out_nothing(world: World, ana: Browse) -> None:
    ana.run("declare Alerts on workspace sev:3 on:business=degraded")
    before = world.harness.record()
    for line in ("publish", "declare API down", "discard", "deliveries retry:yes", "updat"):
        words = ana.open(f"/console/run?line={line}&room=INC-1")
        assert "Opening a link does not run this command. To run it, select Run." in words
        assert world.harness.record() == before
        bar = next(form for form in ana.page.forms if form.buttons == ["Run"])
        assert bar.fields["line"] == [line]


def test_the_address_of_a_sent_form_leads_to_a_page(ana: Browse) -> None:
    small(ana)
    for address, leads_to in {
        "run": "",
        "run?room=INC-1": "/incidents/INC-1",
        "do/note": "/forms/note",
        "play": "",
        "sign-in": "",
        "sign-out": "",
        "confirm?line=publish": "",
    }.items():
        ana.open(f"/console/{address}")
        assert (ana.status, ana.url) == (200, f"{BASE}/console{leads_to}")


def test_discarding_asks_once(world: World, ana: Browse) -> None:
    ana.run("declare Alerts on workspace sev:3 on:business=degraded")
    before = world.harness.record()
    words = ana.press("Discard")
    assert "Discard this draft?" in words
    assert world.harness.record() == before
    ana.press("Keep it")
    assert ana.url == f"{BASE}/console/incidents/INC-1"
    ana.press("Discard")
    ana.press("Discard")
    assert "There is no open draft." in ana.text()


def test_canceling_an_incident_asks_once(world: World, ana: Browse) -> None:
    ana.run("declare Alerts on workspace sev:3 on:business=degraded")
    assert "Cancel this incident?" in ana.press("Cancel the incident")
    assert "canceled" not in str(world.harness.record())
    assert "INC-1 is closed. Nothing was published." in ana.press("Cancel the incident")


def test_a_command_that_was_typed_asks_nothing(ana: Browse) -> None:
    ana.run("declare Alerts on workspace sev:3 on:business=degraded")
    assert "INC-1 is closed. Nothing was published." in ana.run("cancel")
