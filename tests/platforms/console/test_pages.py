"""What the other pages show, and to whom."""

import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.world import Client, World

SMALL = "declare Alerts on workspace sev:3 on:business=degraded"


def test_a_channel_shows_what_its_subscribers_read(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    assert "No messages yet" in ana.open("/console/channels/status")
    world.harness.deliver()
    words = ana.open("/console/channels/status")
    assert "We are investigating degraded performance affecting ChatGPT Business." in words
    assert "INC-1" not in words
    assert "SEV3 " not in words


def test_a_message_that_is_kept_current_shows_the_newest_words(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    world.harness.deliver()
    ana.run("update identified")
    ana.press("Publish")
    world.harness.deliver()
    words = ana.open("/console/channels/support")
    assert words.count("Example AI status") == 1
    assert "Identified" in words
    assert "edited" in words


def test_a_thread_shows_its_replies_below_the_headline(world: World, ana: Browse) -> None:
    ana.run("declare API down sev:3 on:api=degraded")
    ana.press("Publish")
    world.harness.deliver()
    ana.run("update identified")
    ana.press("Publish")
    world.harness.deliver()
    ana.open("/console/channels/api-status")
    assert "Thread, 1 reply" in ana.page.labels


def test_a_correction_is_marked_where_it_was_published(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    world.harness.deliver()
    ana.run('correct wrong:"degraded performance affecting" right:"a partial outage affecting"')
    ana.press("Publish")
    world.harness.deliver()
    words = ana.open("/console/channels/status")
    assert "corrected 5:15 AM ET (09:15 UTC) Before the correction: degraded performance affecting" in words
    assert "Thread, 1 reply" in ana.page.labels


def test_an_unknown_channel_and_an_inbox_of_somebody_are_not_channels(ana: Browse) -> None:
    for name in ("nothing", "@ben", "inc-1"):
        ana.open(f"/console/channels/{name}")
        assert ana.status == 404


def test_channels_read_as_sentences(ana: Browse) -> None:
    sentence = "Updates for customers about every component, SEV4 and worse, in English."
    assert f"{sentence} Each update is a new message." in ana.open("/console/channels")
    assert f"{sentence} Each update is a new message. Newest first." in ana.open("/console/channels/status")


def test_a_channel_can_be_subscribed_and_unsubscribed(ana: Browse) -> None:
    ana.open("/console/subscriptions")
    ana.press("Subscribe a channel")
    assert "#status was already subscribed" in ana.submit(
        "Subscribe", channel="#status", components=["api", "codex"], mode="thread"
    )
    assert "#status: customers, Codex, API, SEV4 and worse, a headline and a thread" in ana.open(
        "/console/subscriptions"
    )


def test_a_console_that_is_mounted_stays_where_it_is(world: World) -> None:
    mounted = Browse(Client(Starlette(routes=[Mount("/drill", app=world.app)]), BASE), world.link)
    mounted.open(f"/drill{world.link('ana')}")
    mounted.press("Sign in as Ana Silva")
    assert mounted.url == f"{BASE}/drill/console"
    mounted.run(SMALL)
    assert mounted.url == f"{BASE}/drill/console/incidents/INC-1"
    assert mounted.response is not None
    assert not re.findall(r'(?:href|action|src)="/(?!drill/)[^"]*"', mounted.response.text)


# ---- private incidents

PAGES = (
    "/console/incidents/{key}",
    "/console/forms/update?incident={key}",
    "/console/forms/edit?incident={key}",
    "/console/files/export/{key}?form=md",
    "/console/files/retro/{key}",
)


@pytest.fixture
def secret(world: World, ana: Browse) -> World:
    """INC-1 is private and Ana's; INC-2 is everybody's."""
    ana.run("declare Quiet matter sev:1 on:api=major private:yes")
    world.harness.ben("declare Other alarm sev:3")
    return world


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("page", PAGES)
def test_an_outsider_reads_the_same_about_a_private_and_an_unknown_number(ben: Browse, page: str) -> None:
    private = ben.open(page.format(key="INC-1")).replace("INC-1", "INC-9")
    status = ben.status
    unknown = ben.open(page.format(key="INC-9"))
    assert (status, private) == (ben.status, unknown)
    assert "INC-9 does not exist. Open incidents: INC-2." in unknown


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("line", ["note hello", "show", "timeline", "severity 2", "publish", "copy", "cancel"])
def test_an_outsider_cannot_act_in_a_private_room(ben: Browse, line: str) -> None:
    ben.open("/console")
    bar = next(form for form in ben.page.forms if form.buttons == ["Run"])
    bar.fields["room"] = ["INC-1"]
    private = ben.send(bar, line=line).replace("INC-1", "INC-9")
    status = ben.status
    bar.fields["room"] = ["INC-9"]
    assert (ben.send(bar, line=line), ben.status) == (private, status)
    assert status == 404


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(
    "path", ["/console", "/console/history", "/console/people", "/console/support", "/console/channels/status"]
)
def test_no_page_of_an_outsider_names_a_private_incident(ben: Browse, path: str) -> None:
    words = ben.open(path)
    assert ben.status == 200
    assert "INC-1 " not in words
    assert "INC-1." not in words
    assert "Quiet matter" not in words


@pytest.mark.usefixtures("secret")
def test_who_is_invited_sees_the_private_incident(ana: Browse, ben: Browse) -> None:
    ana.open("/console/incidents/INC-1")
    ana.press("Invite")
    ana.submit("Invite", person="ben")
    assert "Quiet matter" in ben.open("/console/incidents/INC-1")
    assert ben.status == 200


def test_a_reminder_of_an_incident_made_private_is_hidden_from_who_was_told_before(world: World, ben: Browse) -> None:
    world.harness.ana("declare Matter sev:3")
    world.harness.ana("assign comms @ben")
    world.harness.later(5)
    world.harness.tick()
    world.harness.deliver()
    world.harness.ana("assign comms @chi")
    world.harness.ana("private yes")
    assert "Matter" not in ben.open("/console")
