"""People whom Foghorn has not met are assigned, handed over to, and invited, if Slack vouches for them."""

import asyncio

import pytest

from tests.fakes.slack import Fails, words_of
from tests.platforms.slack.conftest import ANA, BEN, DEV, ROOM, Team
from tests.platforms.slack.moves import DECLARE, declared, find_in, form_of, until

DIA, DIA_2 = "U0DIA1", "U0DIA2"


@pytest.fixture
async def room(team: Team) -> str:
    """The room of INC-1; Dia is a member of the workspace who has never done anything here."""
    team.slack.add_user(DIA, "dia.roy")
    await declared(team)
    await told(team, ANA, "Its room is")
    return team.rooms()[0].id


async def answered(team: Team, user: str, channel: str, line: str) -> str:
    """The private answer to a line."""
    seen = len(team.slack.seen_by(user))
    await team.slack.types(user, channel, f"/incident {line}")
    return words_of((await until(lambda: team.slack.seen_by(user)[seen:]))[0])


async def told(team: Team, user: str, words: str) -> None:
    await until(lambda: any(words in words_of(m) for m in team.slack.seen_by(user)))


async def card(team: Team, words: str) -> None:
    await until(lambda: find_in(team, words))


NAMED = pytest.mark.parametrize(
    "typed", [f"<@{DIA}|dia.roy>", f"<@{DIA}>", DIA, f"slack:{DIA}", "@dia.roy", "dia.roy", "@Dia.Roy"]
)


@NAMED
async def test_a_member_nobody_has_met_gets_a_role_by_mention_id_or_handle(team: Team, room: str, typed: str) -> None:
    await team.slack.types(ANA, room, f"/incident assign comms {typed}")

    await card(team, "Communications lead: Dia.Roy")
    await until(lambda: DIA in team.slack.channels[room].members)


async def test_a_member_nobody_has_met_is_handed_the_command_and_told(team: Team, room: str) -> None:
    assert "Dia.Roy now has your roles in INC-1: commander" in await answered(team, ANA, room, f"handover <@{DIA}>")

    assert await until(lambda: [m for m in team.slack.messages(DIA) if "handed this incident to you" in words_of(m)])
    assert "INC-1 is now SEV2" in await answered(team, DIA, ROOM, "severity 2 INC-1")


async def test_a_member_nobody_has_met_is_invited_to_a_private_incident(team: Team) -> None:
    team.slack.add_user(DIA, "dia.roy")
    await team.slack.types(ANA, ROOM, "/incident declare Keys leaked private:yes")
    await told(team, ANA, "Its room is")
    room = team.rooms()[0].id

    assert "Dia.Roy can now see INC-1" in await answered(team, ANA, room, f"invite <@{DIA}>")
    assert "Keys leaked" in await answered(team, DIA, ROOM, "list")
    assert "No incident is open" in await answered(team, DEV, ROOM, "list")


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        ({"is_restricted": True}, "is a guest of this workspace"),
        ({"is_ultra_restricted": True}, "is a guest of this workspace"),
        ({"is_bot": True}, "is a bot"),
        ({"deleted": True}, "no longer has an active Slack account"),
        ({"team_id": "T0OTHERS"}, "belongs to another organization"),
        ({"is_stranger": True}, "belongs to another organization"),
        ({"is_invited_user": True}, "has not joined this workspace yet"),
    ],
)
async def test_nobody_else_is_assigned_handed_over_to_or_invited(team: Team, room: str, profile, why: str) -> None:
    team.slack.profiles[DIA] = profile

    for line in (f"assign comms <@{DIA}>", f"handover <@{DIA}>", f"invite {DIA}"):
        said = await answered(team, ANA, room, line)
        assert f"Dia.Roy {why}" in said
        assert "Nothing was changed" in said
    assert DIA not in team.slack.channels[room].members


async def test_a_guest_whom_the_configuration_names_is_assigned(team: Team, room: str) -> None:
    team.slack.profiles[BEN] = {"is_restricted": True}

    await team.slack.types(ANA, room, f"/incident assign comms <@{BEN}>")

    await card(team, "Communications lead: Ben Osei")


async def test_a_member_who_left_gets_no_role_any_more_and_can_be_uninvited(team: Team, room: str) -> None:
    assert "can now see" in await answered(team, ANA, room, f"invite <@{DIA}>")
    team.slack.profiles[DIA] = {"deleted": True}

    assert "no longer has an active Slack account" in await answered(team, ANA, room, f"assign comms <@{DIA}>")
    assert "no longer has an active Slack account" in await answered(team, ANA, room, "assign comms @slack-u0dia1")
    assert "Dia.Roy is no longer invited to INC-1" in await answered(team, ANA, room, f"uninvite <@{DIA}>")


@pytest.mark.usefixtures("room")
async def test_whoever_may_not_assign_does_not_make_foghorn_look_anyone_up(team: Team) -> None:
    before = len([1 for method, given in team.slack.calls if given.get("user") == DIA])

    assert "Only responders can" in await answered(team, DEV, ROOM, f"assign comms <@{DIA}> INC-1")

    assert len([1 for method, given in team.slack.calls if given.get("user") == DIA]) == before


async def test_two_people_with_one_name_have_to_be_mentioned(team: Team, room: str) -> None:
    team.slack.add_user(DIA_2, "dia2")
    for user in (DIA, DIA_2):
        team.slack.profiles[user] = {"profile": {"display_name": "Dia", "real_name": "Dia Roy"}}

    assert "2 people on Slack are called “@dia”" in await answered(team, ANA, room, "assign comms @dia")
    assert "Foghorn does not know anyone called “@nobody”" in await answered(team, ANA, room, "assign comms @nobody")
    assert "Foghorn does not know anyone called “U0NOBODY9”" in await answered(
        team, ANA, room, "assign comms <@U0NOBODY9>"
    )


@pytest.mark.parametrize("how", [Fails.SERVER_ERROR, Fails.RATE_LIMITED])
async def test_while_slack_does_not_say_who_it_is_nobody_new_is_assigned_and_people_it_met_are(
    team: Team, room: str, how: Fails
) -> None:
    team.slack.fail("users.info", how, times=1)
    assert "Slack did not say who" in await answered(team, ANA, room, f"assign comms <@{DIA}>")

    await team.slack.types(ANA, room, f"/incident assign comms <@{DIA}>")
    await card(team, "Communications lead: Dia.Roy")
    team.slack.fail("users.info", how, times=1)
    await team.slack.types(ANA, room, f"/incident assign scribe <@{DIA}>")
    await card(team, "Scribe: Dia.Roy")


# ---- users.info fails for who types


@pytest.mark.parametrize("how", [Fails.SERVER_ERROR, Fails.RATE_LIMITED, Fails.NO_ANSWER, Fails.ANSWER_LOST])
@pytest.mark.parametrize("times", [1, 5])
async def test_a_failing_users_info_loses_no_declaration(team: Team, how: Fails, times: int) -> None:
    team.slack.fail("users.info", how, times=times)

    await team.slack.types(DEV, ROOM, DECLARE)

    await card(team, "Commander: Dev" if times == 1 else "Commander: dev")


async def test_a_users_info_that_does_not_answer_loses_no_declaration(team: Team) -> None:
    team.slack.held["users.info"] = asyncio.Event()

    await team.slack.types(DEV, ROOM, DECLARE)

    await card(team, "Commander: dev")


async def test_the_name_is_put_right_once_slack_says_it(team: Team) -> None:
    team.slack.fail("users.info", Fails.SERVER_ERROR, times=2)
    await team.slack.types(DEV, ROOM, DECLARE)
    await card(team, "Commander: dev")

    await team.slack.types(DEV, ROOM, "/incident note It is slow INC-1")

    await card(team, "Commander: Dev")


async def test_who_was_let_through_and_is_no_member_can_do_nothing_more(team: Team) -> None:
    team.slack.profiles[DEV] = {"is_restricted": True}
    team.slack.fail("users.info", Fails.SERVER_ERROR, times=2)
    await team.slack.types(DEV, ROOM, DECLARE)
    await card(team, "Commander: dev")
    await told(team, DEV, "Its room is")

    assert "Guests cannot do this" in await answered(team, DEV, ROOM, "severity 2 INC-1")
    assert "Guests cannot do this" in await answered(team, DEV, ROOM, "list")


@pytest.mark.parametrize("verb", ["list", "note It is slow", "update investigating We look."])
@pytest.mark.usefixtures("room")
async def test_nothing_but_declaring_is_open_to_who_is_not_known(team: Team, verb: str) -> None:
    team.slack.fail("users.info", Fails.SERVER_ERROR, times=2)

    assert "not connected to a person with" in await answered(team, DEV, ROOM, verb)


async def test_who_was_met_before_does_everything_as_usual_while_slack_does_not_answer(team: Team, room: str) -> None:
    assert "Noted" in await answered(team, DEV, room, "note It is slow")
    team.app.members._seen.clear()  # a restart
    team.slack.fail("users.info", Fails.SERVER_ERROR, times=2)

    assert "INC-1 is now SEV2" in await answered(team, DEV, room, "severity 2")


async def test_who_slack_does_not_know_declares_nothing(team: Team) -> None:
    team.slack.add_user("U0GONE9", "gone")
    team.slack.profiles["U0GONE9"] = {"is_stranger": True}

    assert "Only members of this workspace" in await answered(team, "U0GONE9", ROOM, "declare It is down")
    assert team.rooms() == []


async def test_a_member_nobody_has_met_is_picked_in_a_form(team: Team, room: str) -> None:
    await team.slack.types(ANA, room, "/incident assign comms")
    form = await form_of(team, ANA)
    await team.slack.submits(ANA, form, {"person:picked": DIA})

    await card(team, "Communications lead: Dia.Roy")
