"""The support page, and inviting people."""

import re
from html import unescape

import pytest

from bot.domain.people import Person
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.test_access import OURS
from tests.platforms.console.test_pages import SMALL
from tests.platforms.console.test_room import major
from tests.platforms.console.world import Client, World


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
    assert "No open incidents" in words
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
    words = ana.submit("Create a sign-in link", person="Gus Guest", access="respond")
    assert "Gus Guest (@gus-guest) can sign in with this link once, within 15 minutes." in words
    assert ana.response is not None
    assert ana.response.headers["cache-control"] == "no-store"
    [link] = re.findall(rf"{BASE}/console\?token=[\w-]+", words)
    assert "token=" not in ana.open("/console/people")
    gus = Browse(Client(world.app, BASE), lambda _name: link)
    gus.sign_in("gus")
    assert "Create a sign-in link" not in gus.open("/console/people")
    status = gus.client.request("POST", f"{BASE}/console/people", data={"person": "Zoe"}, headers=OURS).status_code
    assert status == 403

    assert "New link for Gus Guest" in ana.buttons()
    assert "can sign in with this link once" in ana.press("New link for Gus Guest")
    words = ana.submit("Create a sign-in link", person="Sue Port", access="support")
    [link] = re.findall(rf"{BASE}/console\?token=[\w-]+", words)
    sue = Browse(Client(world.app, BASE), lambda _name: link)
    sue.sign_in("sue")
    assert sue.url == f"{BASE}/console/support"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ben Osei", "Ben Osei can approve, or also acts in chat, so the console shows no sign-in link for them."),
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
    words = ana.submit("Create a sign-in link", person=name)
    assert said in words
    assert "token=" not in words
    assert len(world.harness.rows(Person)) == known
