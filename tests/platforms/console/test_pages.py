"""What the other pages show, and to whom."""

import re
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.domain.people import Person
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.test_access import OURS
from tests.platforms.console.test_room import major
from tests.platforms.console.world import Client, Rehearsal, World

SMALL = "declare Alerts on workspace sev:3 on:business=degraded"


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
        ben.press("Join the drill that is running")
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
    assert "No incident fits." in ana.text()
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


def test_the_support_page_shows_the_words_and_when_the_next_come(ana: Browse) -> None:
    assert "Nothing to copy yet" in ana.open("/console/support")
    ana.open("/console")
    ana.run(SMALL)
    assert "Nothing to copy yet" in ana.open("/console/support")
    ana.open("/console/incidents/INC-1")
    ana.press("Publish")
    words = ana.open("/console/support")
    assert "Replies for “ChatGPT Business: degraded performance”" in words
    assert "next update by 6:15 AM ET (10:15 UTC)" in words
    assert "Thank you for contacting us." in words


def test_a_text_that_must_not_be_pasted_now_says_so(world: World, ana: Browse) -> None:
    ana.run(SMALL)
    ana.press("Publish")
    world.harness.at("06:20")
    words = ana.open("/console/support")
    assert words.count("These texts are out of date. The next update was promised by 6:15 AM ET") == 1


def test_the_support_page_says_who_approved_and_folds_what_is_closed(world: World, ana: Browse, ben: Browse) -> None:
    major(ana)
    ana.run("ask @ben")
    ben.open("/console/incidents/INC-1")
    ben.press("Approve")
    world.harness.later(3)
    words = ana.open("/console/support")
    assert "SEV1INC-1 · Investigating · approved 5:15 AM ET (09:15 UTC), 3 min ago, by Ben Osei" in words
    assert "What do they see, and what did they expect?" in words
    assert "Anything about credits or refunds." in words

    world.harness.ana("resolve end:5:14 data:none")
    world.harness.ana("ask @ben")
    world.harness.ben("approve")
    words = ana.open("/console/support")
    assert "Nothing is open" in words
    assert "Closed in the last 24 hours ChatGPT Business" in words
    world.harness.later(25 * 60)
    ana.sign_in("ana")
    assert "Nothing to copy yet" in ana.open("/console/support")


def test_a_text_is_copied_as_plain_text_markdown_or_html(ana: Browse) -> None:
    ana.run("declare Alerts sev:3 on:api=degraded")
    ana.run('update investigating sees:"requests_to the API fail" since:5:05')
    ana.press("Publish")
    ana.open("/console/support")
    assert ana.response is not None
    shown = re.findall(
        r'<pre class="document" id="(md|html)-m-INC-1-customers-en" hidden>(.*?)</pre>', ana.response.text, re.DOTALL
    )
    assert all("<" not in text for _kind, text in shown)
    pasted = {kind: unescape(text) for kind, text in shown}
    assert "API.\n\n- **User impact:** requests\\_to the API fail\n- **Started:** 5:05 AM ET" in pasted["md"]
    assert "API.</p>\n<ul>\n<li><strong>User impact:</strong> requests_to the API fail</li>" in pasted["html"]


def test_people_show_what_they_hold(ana: Browse) -> None:
    ana.run(SMALL)
    assert "commander of INC-1" in ana.open("/console/people")


def test_an_administrator_invites_by_a_link_that_is_shown_once(world: World, ana: Browse) -> None:
    ana.open("/console/people")
    words = ana.submit("Make a sign-in link", person="Gus Guest", access="respond")
    assert "Gus Guest (@gus-guest) can sign in with this link once, within 15 minutes." in words
    assert ana.response is not None
    assert ana.response.headers["cache-control"] == "no-store"
    [link] = re.findall(rf"{BASE}/console\?token=[\w-]+", words)
    assert "token=" not in ana.open("/console/people")
    gus = Browse(Client(world.app, BASE), lambda _name: link)
    gus.sign_in("gus")
    assert "Make a sign-in link" not in gus.open("/console/people")
    status = gus.client.request("POST", f"{BASE}/console/people", data={"person": "Zoe"}, headers=OURS).status_code
    assert status == 403

    assert "New link for Gus Guest" in ana.buttons()
    assert "can sign in with this link once" in ana.press("New link for Gus Guest")
    words = ana.submit("Make a sign-in link", person="Sue Port", access="support")
    [link] = re.findall(rf"{BASE}/console\?token=[\w-]+", words)
    sue = Browse(Client(world.app, BASE), lambda _name: link)
    sue.sign_in("sue")
    assert sue.url == f"{BASE}/console/support"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ben Osei", "Ben Osei can approve, or acts in chat too, so the console shows no link that signs in as them."),
        ("ben", "On the server, run foghorn people invite ben."),
        ("Ben Osie", "“Ben Osie” may be Ben Osei (@ben). No one was added."),
        ("Slack Person", "On the server, run foghorn people invite slack-u9."),
        ("\u202e \x00", "is not a name of up to 80 characters"),
        ("x" * 81, "is not a name of up to 80 characters"),
    ],
)
def test_no_link_is_shown_that_signs_in_as_somebody_who_approves_or_acts_in_chat(
    world: World, ana: Browse, name: str, said: str
) -> None:
    world.harness.stranger("U9", "Slack Person")("declare API errors")
    known = len(world.harness.rows(Person))
    ana.open("/console/people")
    assert "New link for Ben Osei" not in ana.buttons()
    words = ana.submit("Make a sign-in link", person=name)
    assert said in words
    assert "token=" not in words
    assert len(world.harness.rows(Person)) == known


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
