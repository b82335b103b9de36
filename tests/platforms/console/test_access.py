"""Who is let in: links that work once, sessions that cannot be forged, posts from our own pages alone."""

import json
import logging

import pytest
from itsdangerous import URLSafeSerializer

from bot.actions.people import follow_configuration
from bot.domain.people import Person
from bot.platforms.console.access import SALT, SESSION, without_tokens
from bot.store.people import end_sessions
from tests.harness import CROWD
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.world import SECRET, Client, World
from tests.reference import ORGANISATION

OURS = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


def ask(browse: Browse, method: str, path: str, **asked: object) -> tuple[int, str]:
    response = browse.client.request(method, f"{BASE}{path}", **asked)
    return response.status_code, response.text


def test_without_a_session_every_page_says_how_to_get_a_link(world: World) -> None:
    for path in ("/console", "/console/people", "/console/incidents/INC-1", "/console/changes", "/console/support"):
        stranger = world.browser()
        stranger.open(path)
        assert stranger.status == 401
        assert "run foghorn people list to see your handle, then foghorn people invite HANDLE" in stranger.text()


def test_looking_at_a_sign_in_link_does_not_use_it_up(world: World) -> None:
    link = world.link("ana")
    assert "Sign in as Ana Silva" in world.browser().open(link)
    assert "Sign in as Ana Silva" in world.browser().open(link)


def test_a_sign_in_link_works_once(world: World) -> None:
    link = world.link("ana")
    first, second = world.browser(), world.browser()
    first.open(link)
    second.open(link)
    first.press("Sign in as Ana Silva")
    assert first.status == 200
    second.press("Sign in as Ana Silva")
    assert second.status == 410
    assert "has been used, is more than 15 minutes old, or is incomplete." in second.text()
    assert "To get a new one, run foghorn people invite ana" in second.text()


@pytest.mark.parametrize("token", ["nonsense", "%00", "a" * 3000])
def test_a_link_that_nobody_made_names_no_person_and_makes_none(world: World, token: str) -> None:
    known = len(world.harness.rows(Person))
    stranger = world.browser()
    stranger.open(f"/console?token={token}")
    assert stranger.status == 410
    assert "run foghorn people invite HANDLE; foghorn people list lists the handles" in stranger.text()
    assert len(world.harness.rows(Person)) == known


def test_the_link_of_a_person_who_left_does_not_advise_to_invite_them(world: World) -> None:
    link = world.link("chi")
    with world.harness.store.write() as tx:
        follow_configuration(tx, ORGANISATION)
    late = world.browser()
    late.open(link)
    assert "people invite HANDLE" in late.text()


def test_a_used_link_leads_whoever_is_signed_in_to_the_console(world: World) -> None:
    link = world.link("ana")
    browse = world.browser()
    for _ in range(2):
        browse.open(link)
        if "Sign in as Ana Silva" in browse.buttons():
            browse.press("Sign in as Ana Silva")
    assert (browse.status, browse.url) == (200, f"{BASE}/console")


def test_a_sign_in_link_ends_after_fifteen_minutes(world: World) -> None:
    link = world.link("ana")
    world.harness.later(15)
    late = world.browser()
    late.open(link)
    assert late.status == 410


def test_the_token_is_not_in_the_address_after_signing_in(world: World) -> None:
    assert world.browser("ana").url == f"{BASE}/console"


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(world: World, ana: Browse) -> None:
    for _ in range(6):
        world.harness.later(119)
        ana.open("/console")
        assert ana.status == 200
    world.harness.later(6)
    ana.open("/console")
    assert ana.status == 401


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 200), ({"X-Foghorn-Live": "1"}, 401), ({"Accept": "text/event-stream"}, 401)]
)
def test_four_hours_without_use_end_a_session_and_a_page_that_renews_itself_is_no_use(
    world: World, ana: Browse, headers: dict[str, str], status: int
) -> None:
    world.harness.later(239)
    assert ask(ana, "GET", "/console", headers=headers)[0] == 200
    world.harness.later(2)
    assert ask(ana, "GET", "/console")[0] == status


def test_a_page_knows_when_its_session_ends(world: World, ana: Browse) -> None:
    _status, body = ask(ana, "GET", "/console/session")
    assert json.loads(body) == {"ends": "2026-04-20T13:15:00+00:00", "last": False}
    for _ in range(4):
        world.harness.later(150)
        _status, body = ask(ana, "GET", "/console/session")
    assert json.loads(body) == {"ends": "2026-04-20T21:15:00+00:00", "last": True}


def test_signing_in_leads_back_to_the_page_that_was_asked_for(world: World, ana: Browse) -> None:
    world.harness.ana("declare API down")
    world.harness.later(12 * 60)
    ana.open("/console/forms/update?incident=INC-1")
    assert ana.status == 401
    ana.sign_in("ana")
    assert ana.url == f"{BASE}/console/forms/update?incident=INC-1"
    ana.sign_in("ana")
    assert ana.url == f"{BASE}/console"


def test_signing_in_after_a_form_leads_back_to_the_page_with_the_form(world: World, ana: Browse) -> None:
    world.harness.ana("declare API down")
    world.harness.later(12 * 60)
    ours = {**OURS, "Referer": f"{BASE}/console/incidents/INC-1"}
    assert ask(ana, "POST", "/console/do/note", data={"incident": "INC-1", "text": "hello"}, headers=ours)[0] == 401
    ana.sign_in("ana")
    assert ana.url == f"{BASE}/console/incidents/INC-1"
    assert "hello" not in ana.text()


@pytest.mark.parametrize(
    "back", ["https://evil.example/console", "//evil.example", "/console\\@evil", "/", "/console/do/note", "/consoles"]
)
def test_signing_in_leads_nowhere_but_to_a_page_of_the_console(world: World, back: str) -> None:
    browse = world.browser()
    assert isinstance(browse.client, Client)
    browse.client.cookies.set("foghorn_return", back)
    browse.sign_in("ana")
    assert browse.url == f"{BASE}/console"


def test_signing_out_ends_the_session(ana: Browse) -> None:
    ana.press("Sign out")
    ana.open("/console")
    assert ana.status == 401


def signed(world: World, session: str, secret: str = SECRET) -> Browse:
    """A browser with a cookie of somebody's own making."""
    made = world.browser()
    assert isinstance(made.client, Client)
    now = world.harness.clock().isoformat()
    values = [world.harness.person("ana").id, session, now, now]
    made.client.cookies.set(SESSION, str(URLSafeSerializer(secret, salt=SALT).dumps(values)))
    return made


def cookie_of(browse: Browse) -> str:
    assert isinstance(browse.client, Client)
    return browse.client.cookies[SESSION]


@pytest.mark.parametrize("secret", ["another secret of sixteen characters", "x"])
def test_a_session_signed_with_another_secret_is_refused(world: World, ana: Browse, secret: str) -> None:
    _person, session, *_times = URLSafeSerializer(SECRET, salt=SALT).loads(cookie_of(ana))
    forged = signed(world, session, secret)
    forged.open("/console")
    assert forged.status == 401
    assert signed(world, session).open("/console")


def test_a_signed_cookie_without_a_session_is_refused(world: World) -> None:
    made = signed(world, "nobody's session")
    made.open("/console")
    assert made.status == 401


def test_the_session_of_a_person_who_left_ends(world: World) -> None:
    chi = world.browser("chi")
    for there in (ORGANISATION, CROWD):  # who comes back signs in again
        with world.harness.store.write() as tx:
            follow_configuration(tx, there)
        chi.open("/console")
        assert chi.status == 401


def test_a_cookie_that_somebody_copied_ends_with_the_session(world: World, ana: Browse) -> None:
    thief = world.browser()
    assert isinstance(thief.client, Client)
    thief.client.cookies.set(SESSION, cookie_of(ana))
    thief.open("/console")
    assert thief.status == 200
    ana.press("Sign out")
    thief.open("/console")
    assert thief.status == 401


def test_signing_out_in_one_browser_leaves_the_other_signed_in(world: World, ana: Browse) -> None:
    other = world.browser("ana")
    ana.press("Sign out")
    other.open("/console")
    assert other.status == 200


def test_somebody_signed_out_everywhere_needs_a_new_link(world: World, ana: Browse) -> None:
    unused = world.link("ana")
    with world.harness.store.write() as tx:
        assert end_sessions(tx, world.harness.person("ana")) == 1
    ana.open("/console")
    assert ana.status == 401
    late = world.browser()
    late.open(unused)
    assert late.status == 410


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    browse = world.browser()
    browse.open(world.link("ana"))
    form = next(form for form in browse.page.forms if "token" in form.fields)
    data = {"token": form.fields["token"][0]}
    response = browse.client.request("POST", f"{BASE}/console/sign-in", data=data, headers=OURS, follow_redirects=False)
    cookie = response.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/console", "Max-Age=43200"))
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{BASE}0"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_a_post_from_elsewhere_changes_nothing(world: World, ana: Browse, headers: dict[str, str]) -> None:
    line = {"line": "declare API down"}
    status, words = ask(ana, "POST", "/console/run", data=line, headers=headers)
    assert status == 403
    assert "Nothing was changed" in words
    assert world.harness.record() == []


def test_a_post_from_our_own_page_is_carried_out(ana: Browse) -> None:
    status, _words = ask(ana, "POST", "/console/run", data={"line": "declare API down"}, headers=OURS)
    assert status == 303


def test_the_access_log_does_not_show_a_token() -> None:
    line = '%s - "%s %s HTTP/%s" %d'
    args = ("127.0.0.1:1", "GET", "/console?token=very-secret", "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, line, args, None)
    assert without_tokens(record)
    assert record.getMessage() == '127.0.0.1:1 - "GET /console?token=... HTTP/1.1" 200'


def test_support_staff_see_the_support_page_and_nothing_else(world: World, ana: Browse) -> None:
    ana.run("declare API down sev:3 on:api=major")
    ana.press("Publish")
    world.harness.invite("Sue Port", support=True)
    sue = world.browser("Sue Port")
    assert sue.url == f"{BASE}/console/support"
    assert "Replies for" in sue.text()
    assert "Channels" not in sue.buttons()
    for path in ("/console/incidents/INC-1", "/console/people", "/console/channels/status", "/console/history"):
        sue.open(path)
        assert sue.url == f"{BASE}/console/support"
    status, words = ask(sue, "POST", "/console/run", data={"line": "note INC-1 hello"}, headers=OURS)
    assert status == 422
    assert "Only members can note here" in words


def test_only_an_accepted_form_is_named_to_the_page(world: World, ana: Browse) -> None:
    world.harness.ana("declare API down")
    for text, named in (("The key is AKIAIOSFODNN7EXAMPLE", ""), ("hello", "k1")):
        typed = {"incident": "INC-1", "room": "INC-1", "text": text, "key": "k1"}
        answer = ana.client.request("POST", f"{BASE}/console/do/note", data=typed, headers=OURS)
        assert answer.cookies.get("foghorn_accepted", "") == named
    typed = {"line": "note hello again", "room": "INC-1", "key": "k2"}
    answer = ana.client.request("POST", f"{BASE}/console/complete", data=typed, headers=OURS)
    assert (answer.status_code, answer.cookies.get("foghorn_accepted", "")) == (200, "")
