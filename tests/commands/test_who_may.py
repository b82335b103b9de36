"""Who may do what: kind of person x command x platform, by what the desk answers."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.catalog import COMMANDS, read_line
from bot.commands.invocation import Account, Invocation, Place
from bot.commands.rooms import join
from bot.domain.access import rules
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.domain.people import Identity, Person
from bot.domain.rooms import Room
from bot.views import Answer, DeliveryReport, DraftReview, Form, Notice
from tests.harness import Harness, organisation, run_line, say

NAMED = (
    {"name": "Ada Admin", "handle": "ada", "groups": ("administrators",)},
    {"name": "Apo Approver", "handle": "apo", "groups": ("responders", "approvers")},
    {"name": "Rae Responder", "handle": "rae", "groups": ("responders",)},
    {"name": "Mo Member", "handle": "mo", "groups": ("members",)},
)
ROOM, ELSEWHERE = "C0ROOM", "C0OTHER"
MEMBERS = ("member", "in room", "role", "invited", "assigned", "responder", "administrator", "approver")
EVERYBODY = ("support", *MEMBERS)
RESPONDERS = ("role", "invited", "assigned", "responder", "administrator", "approver")
CONFIGURED = ("responder", "administrator", "approver")  # the approver last: what they approve is gone

LINES = {  # verb -> a line that is carried out, and whom it is for
    "declare": ("declare! {} is slow", MEMBERS),
    "list": ("list", MEMBERS),
    "show": ("show INC-1", MEMBERS),
    "update": ("update INC-1 investigating We look at it.", MEMBERS),
    "publish": ("publish INC-1", CONFIGURED),
    "ask": ("ask INC-1", MEMBERS),
    "approve": ("approve INC-1", ("approver",)),
    "edit": ("edit INC-1 title:Errors", MEMBERS),
    "translate": ("translate INC-1 de sees:Fehler", MEMBERS),
    "discard": ("discard INC-1", RESPONDERS),
    "correct": ("correct INC-1", RESPONDERS),
    "severity": ("severity INC-1 2", RESPONDERS),
    "impact": ("impact INC-1 api=partial", RESPONDERS),
    "private": ("private INC-1 yes", RESPONDERS),
    "assign": ("assign INC-1 scribe @mo", RESPONDERS),
    "handover": ("handover INC-1 @mo", RESPONDERS),
    "invite": ("invite INC-1 @mo", RESPONDERS),
    "uninvite": ("uninvite INC-1 @mo", RESPONDERS),
    "note": ("note INC-1 It is slow.", MEMBERS),
    "timeline": ("timeline INC-1", MEMBERS),
    "redact": ("redact INC-1 1 a token", RESPONDERS),
    "nudge": ("nudge INC-1 off", RESPONDERS),
    "snooze": ("snooze INC-1 10m", RESPONDERS),
    "copy": ("copy INC-1", EVERYBODY),
    "subscribe": ("subscribe local:#status", ("administrator",)),
    "unsubscribe": ("unsubscribe local:#status", ("administrator",)),
    "subscriptions": ("subscriptions", MEMBERS),
    "deliveries": ("deliveries INC-1", RESPONDERS),
    "resolve": ("resolve INC-1 end:05:15", MEMBERS),
    "reopen": ("reopen INC-1", RESPONDERS),
    "cancel": ("cancel INC-1", RESPONDERS),
    "merge": ("merge INC-2 INC-1", RESPONDERS),
    "retro": ("retro INC-1", RESPONDERS),
    "export": ("export INC-1 md", RESPONDERS),
    "link": ("link", MEMBERS),
    "help": ("help", EVERYBODY),
}
NOT_FOR_THEM = ("ask to be added", "not connected to a person", "has not admitted you", "not listed in foghorn.toml")
NO_ONE = ("stranger", "bot", "pending", "pending and named")


def account(kind: str, platform: str) -> tuple[Account, str]:
    """An account of this kind, and the channel it types in. What nobody vouches for has no name."""
    who = Account(platform, f"A-{kind.replace(' ', '-').upper()}", kind.capitalize())
    match kind:
        case "stranger" | "bot":
            return replace(who, name=""), ROOM
        case "pending":
            return replace(who, name="", pending=True), ROOM
        case "pending and named":
            return Account(platform, "A-APPROVER", "", frozenset({"responders"}), pending=True), ROOM
        case "in room":
            return who, ROOM
        case "role":
            return replace(who, groups=frozenset({"responders"})), ELSEWHERE
        case "responder" | "approver" | "administrator" | "support":
            return replace(who, name=""), ELSEWHERE
        case _:
            return who, ELSEWHERE


@pytest.fixture(scope="module", params=["slack", "discord"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def config(platform: str, *, group: bool = True, **changes: object) -> Organisation:
    """People who have accounts on the platform; a group or role responds where `group`."""
    accounts = {"ada": "ADMINISTRATOR", "apo": "APPROVER", "rae": "RESPONDER"}
    people = [{**p, platform: f"A-{accounts[p['handle']]}"} if p["handle"] in accounts else p for p in NAMED]
    there = {"groups": {"responders": "S0RESP"}} if group else {}
    return organisation(more=people, **{platform: there}, **changes)


@pytest.fixture(scope="module")
def story(platform: str, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """INC-1 published, with a draft open and a room; INC-2 not published. Somebody was assigned, somebody invited."""
    path = tmp_path_factory.mktemp(platform) / "foghorn.db"
    shutil.copy(migrated_sqlite, path)
    harness = Harness(f"sqlite:///{path}", config(platform))
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.invite("Sue Support", support=True)
    with harness.store.write() as tx:
        tx.session.add(Identity(platform=platform, account="A-SUPPORT", person_id=harness.person("sue-support").id))
    for kind in ("invited", "assigned"):
        who, where = account(kind, platform)
        run_line(harness.desk, "note INC-1 I am here", who, Place(platform, where))
    people = {row.account: row.person_id for row in harness.rows(Identity)}
    handles = {person.id: person.handle for person in harness.rows(type(harness.person("ana")))}
    for line in ("invite INC-1 @{A-INVITED}", "assign INC-1 comms @{A-ASSIGNED}"):
        for name, person in people.items():
            line = line.replace(f"{{{name}}}", handles[person])
        harness.ana(line)
    harness.ana('update INC-1 investigating sees:"requests fail" who:worldwide since:05:10')
    assert isinstance(harness.ana("publish INC-1"), DeliveryReport)
    assert isinstance(harness.ana("update INC-1 identified The cause is known."), DraftReview)
    harness.ana("declare! Sign-in hangs sev:3 on:chatgpt=partial")
    with harness.store.write() as tx:
        tx.session.add(Room(platform=platform, channel=ROOM, incident_id=harness.incident().id))
    harness.close()
    return path


@pytest.fixture
def opened(story: Path, platform: str, tmp_path: Path) -> Iterator[Harness]:
    """The story, for one test."""
    harness = Harness(f"sqlite:///{shutil.copy(story, tmp_path / 'foghorn.db')}", config(platform))
    yield harness
    harness.close()


def allowed(answer: Answer) -> bool:
    """Whether permission was given, whatever else came of it."""
    words = say(answer)
    return not (isinstance(answer, Notice) and answer.refused and any(each in words for each in NOT_FOR_THEM))


def who_may(harness: Harness, verb: str, platform: str) -> list[str]:
    line = LINES[verb][0]
    return [kind for kind in (*NO_ONE, *EVERYBODY) if allowed(typed(harness, kind, platform, line.format(kind)))]


def typed(harness: Harness, kind: str, platform: str, line: str) -> Answer:
    who, where = account(kind, platform)
    return run_line(harness.desk, line, who, Place(platform, where))


def test_the_table_has_every_command() -> None:
    assert LINES.keys() == COMMANDS.keys()
    assert [read_line(line)[0] for line, _whom in LINES.values()] == list(LINES)


@pytest.mark.parametrize("verb", LINES)
def test_a_command_is_for_those_it_says(opened: Harness, platform: str, verb: str) -> None:
    expected = list(LINES[verb][1])
    if (verb, platform) == ("declare", "discord"):
        expected = ["role", *CONFIGURED]

    assert who_may(opened, verb, platform) == expected


COLUMNS = {
    "Support": ("support",),
    "Member": ("member",),
    "In the room": ("in room",),
    "Role or user group": ("role",),
    "Invited or assigned": ("invited", "assigned"),
    "Responder": ("responder",),
    "Administrator": ("administrator",),
    "Approver": ("approver",),
}


def test_the_documentation_prints_the_same_table(platform: str) -> None:
    page = Path("docs/reference/who-may.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    heads, printed = rows[0][1:], {row[0].strip("`"): row[1:] for row in rows[2:]}
    says = {"yes": True, "": False, "Slack": platform == "slack", "Slack, no group": False}

    assert list(printed) == list(COMMANDS)
    for verb, cells in printed.items():
        whom = [kind for head, cell in zip(heads, cells, strict=True) for kind in COLUMNS[head] if says[cell]]
        expected = ["role", *CONFIGURED] if (verb, platform) == ("declare", "discord") else list(LINES[verb][1])
        assert (verb, set(whom)) == (verb, set(expected))
        in_room = cells[heads.index("In the room")]
        assert (in_room == "Slack, no group") is (LINES[verb][1] is RESPONDERS)


RESPONDERS_ONLY = [verb for verb, (_line, whom) in LINES.items() if whom is RESPONDERS]


@pytest.fixture
def without_group(story: Path, platform: str, tmp_path: Path) -> Iterator[Harness]:
    """The story, where no group or role of the platform responds."""
    url = f"sqlite:///{shutil.copy(story, tmp_path / 'foghorn.db')}"
    harness = Harness(url, config(platform, group=False))
    yield harness
    harness.close()


def test_without_a_group_the_members_of_a_room_respond_on_slack_and_not_on_discord(
    without_group: Harness, platform: str
) -> None:
    in_room = [v for v in RESPONDERS_ONLY if allowed(typed(without_group, "in room", platform, LINES[v][0]))]
    elsewhere = [v for v in RESPONDERS_ONLY if allowed(typed(without_group, "member", platform, LINES[v][0]))]

    assert in_room == (RESPONDERS_ONLY if platform == "slack" else [])
    assert elsewhere == []


def test_declaring_on_discord_is_for_members_where_the_configuration_says_so(story: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copy(story, tmp_path / 'foghorn.db')}"
    harness = Harness(url, config("discord", who_may={"declare": "members"}))

    assert who_may(harness, "declare", "discord") == list(MEMBERS)
    harness.close()


def test_who_sees_a_room_on_discord_changes_nothing_of_the_incident(opened: Harness, platform: str) -> None:
    if platform == "slack":
        pytest.skip("of Discord")
    before = opened.incident()

    for line in ("severity 4", "nudge off", "redact 1 gone", "assign commander me", "invite @mo"):
        assert "Only responders can" in say(typed(opened, "in room", platform, line))

    after = opened.incident()
    assert (after.severity, after.nudges_on, after.declared_title) == (before.severity, True, before.declared_title)


def test_an_invitation_is_good_for_its_own_incident_alone(opened: Harness, platform: str) -> None:
    assert "Only responders can" in say(typed(opened, "invited", platform, "severity INC-2 1"))
    assert "INC-1 is now SEV1" in say(typed(opened, "invited", platform, "severity INC-1 1"))


def test_who_is_no_longer_invited_no_longer_responds(opened: Harness, platform: str) -> None:
    handle = next(person.handle for person in opened.rows(Person) if person.name == "Invited")
    opened.ana(f"uninvite INC-1 @{handle}")

    assert "Only responders can" in say(typed(opened, "invited", platform, "severity INC-1 1"))


# ---- how often


def test_a_person_declares_three_times_in_ten_minutes_and_is_then_asked_why(opened: Harness, platform: str) -> None:
    for number in range(3):
        assert allowed(typed(opened, "role", platform, f"declare! Trouble {number}"))
        opened.later(1)

    asked = typed(opened, "role", platform, "declare! More trouble sev:1 on:api=major private:yes")

    assert isinstance(asked, Form)
    assert say(asked).startswith(
        "You declared 3 incidents in the last 10 minutes (INC-3, INC-4, INC-5), so this one was not declared yet. If "
        "it is another incident, say why. If it is one of those, work there."
    )
    given = {field.name: field.typed for field in asked.fields}
    assert given == {
        "title": "More trouble",
        "severity": "SEV1",
        "impacts": "api=major",
        "private": "yes",
        "reason": "",
    }
    assert len(opened.rows(Incident)) == 5
    who, where = account("role", platform)
    filled = {**given, **dict(asked.kept), "reason": "It is another region."}
    assert "INC-6" in say(opened.desk.run(Invocation("declare", filled, who, Place(platform, where))))
    assert opened.record("note")[-1] == "Why it was declared: It is another region."
    opened.later(10)
    assert "INC-7" in say(typed(opened, "role", platform, "declare! Yet more trouble"))


def test_whom_the_configuration_names_declares_as_often_as_it_takes(opened: Harness, platform: str) -> None:
    for number in range(6):
        assert allowed(typed(opened, "responder", platform, f"declare! Trouble {number}"))

    assert len(opened.rows(Incident)) == 8


def test_of_many_declared_at_once_by_one_person_three_are(migrated_url: str) -> None:
    harness = Harness(migrated_url, config("discord"))
    who, _where = account("role", "discord")
    lines = [f"declare! {word} fails" for word in ("Search", "Upload", "Login", "Export", "Billing", "Chat")]
    with ThreadPoolExecutor(len(lines)) as pool:
        answers = list(pool.map(lambda line: run_line(harness.desk, line, who, Place("discord")), lines))

    assert len(harness.rows(Incident)) == 3
    assert sum("so this one was not declared yet" in say(answer) for answer in answers) == 3
    harness.close()


# ---- a private room on Slack


@pytest.mark.parametrize("group", [True, False], ids=["group", "no group"])
def test_who_comes_into_a_private_room_sees_it_and_responds_only_as_members_of_rooms_do(
    migrated_sqlite_url: str, group: bool
) -> None:
    harness = Harness(migrated_sqlite_url, config("slack", group=group))
    harness.ana("declare Keys leaked private:yes")
    with harness.store.write() as tx:
        tx.session.add(Room(platform="slack", channel=ROOM, incident_id=harness.incident().id))
    who, _where = account("member", "slack")
    with harness.store.write("slack") as tx:
        join(who, ROOM, private=True)(tx, harness.actions)

    assert "INC-1" in say(run_line(harness.desk, "show INC-1", who, Place("slack", ROOM)))
    assert allowed(run_line(harness.desk, "severity INC-1 1", who, Place("slack", ROOM))) is not group
    handle = next(person.handle for person in harness.rows(Person) if person.name == "Member")
    assert "can now see INC-1" in say(harness.ana(f"invite INC-1 @{handle}"))
    assert allowed(run_line(harness.desk, "severity INC-1 3", who, Place("slack", ROOM)))
    harness.close()


# ---- what check and doctor say


def test_the_rules_in_force_are_said_in_words(platform: str) -> None:
    there = "user group S0RESP" if platform == "slack" else "role S0RESP"
    declares = "members" if platform == "slack" else "responders"

    with_group = rules(config(platform), platform)
    without = rules(config(platform, group=False), platform)

    assert f"members of {there}" in with_group
    assert "room" not in with_group
    assert f"Incidents are declared by {declares}." in with_group
    assert ("members of an incident's room" in without) is (platform == "slack")
    assert f"set [{platform}] groups" in without
