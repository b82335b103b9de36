"""People whom Foghorn has not met are assigned, handed over to, and invited, if the server vouches for them."""

import pytest

from bot.commands.invocation import Account, Place
from tests.fakes.discord import Fails
from tests.fakes.discord_checks import words_of
from tests.harness import say
from tests.platforms.discord.conftest import ANA, BOT_MEMBER, DEV, ON_CALL, OPS, Team
from tests.platforms.discord.moves import answered, declared

DIA, DIA_2, AWAY = "100000000000000021", "100000000000000022", "100000000000000023"


@pytest.fixture
async def room(team: Team) -> str:
    """The room of INC-1; Dia is a member of the server who has never done anything here."""
    team.discord.add_member(DIA, "Dia Roy")
    return await declared(team)


async def assigned(team: Team, room: str, typed: str) -> str:
    """Chosen in Discord's own option, or typed, as in a form or by another way in."""
    if typed.isdigit():
        return await answered(team, ANA, "/incident assign", room, role="comms", person=typed)
    line, who, where = f'assign comms "{typed}"', Account("discord", ANA), Place("discord", room)
    return say(await team.core.desk.submit_line(line, who, where))


@pytest.mark.parametrize("typed", [f"<@{DIA}>", f"<@!{DIA}>", DIA, f"discord:{DIA}", "@dia roy", "Dia Roy"])
async def test_a_member_nobody_has_met_gets_a_role_by_mention_id_or_name(team: Team, room: str, typed: str) -> None:
    assert "Dia Roy is now communications lead of INC-1" in await assigned(team, room, typed)

    await team.outbox.drain()
    assert DIA in team.discord.channels[room].members


async def test_a_member_nobody_has_met_is_handed_the_command_and_told(team: Team, room: str) -> None:
    assert "Dia Roy now has your roles in INC-1" in await answered(team, ANA, "/incident handover", room, person=DIA)

    await team.outbox.drain()
    assert any("handed this incident to you" in words_of(m) for m in team.discord.messages(DIA))
    assert "INC-1 is now SEV2" in await answered(team, DIA, "/incident severity", OPS, level=2)


async def test_a_member_nobody_has_met_is_invited_to_a_private_incident(team: Team) -> None:
    team.discord.add_member(DIA, "Dia Roy")
    await answered(team, ANA, "/incident declare", title="Keys leaked", private=True)

    assert "Dia Roy can now see INC-1" in await answered(team, ANA, "/incident invite", person=DIA, incident="INC-1")
    assert "Keys leaked" in await answered(team, DIA, "/incident list")
    assert "Keys leaked" not in await answered(team, DEV, "/incident list")


async def test_nobody_else_is_assigned_or_invited(team: Team, room: str) -> None:
    team.discord.pending.add(DIA)
    assert "Dia Roy has not been admitted to the server yet. Nothing was changed" in await assigned(team, room, DIA)
    team.discord.pending.clear()
    team.discord.guests.add(DIA)
    assert "Dia Roy is a guest of the server" in await assigned(team, room, DIA)
    assert "Other bot is a bot" in await assigned(team, room, f"<@{BOT_MEMBER}>")
    team.discord.add_user(AWAY, "Away")
    assert "Foghorn does not know anyone called" in await assigned(team, room, f"<@{AWAY}>")
    assert "is a bot" in await answered(team, ANA, "/incident invite", room, person=BOT_MEMBER)


async def test_a_member_who_left_gets_no_role_any_more_and_can_be_uninvited(team: Team, room: str) -> None:
    await answered(team, ANA, "/incident invite", room, person=DIA)
    team.discord.add_user(DIA, "Dia Roy")

    assert "Dia Roy is no longer on Discord" in await assigned(team, room, DIA)
    assert "Dia Roy is no longer on Discord" in await assigned(team, room, f"@discord-{DIA}")
    words = await answered(team, ANA, "/incident invite", room, person=DIA, remove=True)
    assert "Dia Roy is no longer invited to INC-1" in words


async def test_two_members_with_one_name_have_to_be_mentioned(team: Team, room: str) -> None:
    team.discord.add_member(DIA_2, "Dia Roy")

    assert "2 members on Discord are called “@dia roy”" in (await assigned(team, room, "@dia roy")).replace("\\", "")


async def test_while_discord_does_not_say_who_it_is_nobody_new_is_assigned_and_people_it_met_are(
    team: Team, room: str
) -> None:
    route = "GET /guilds/{}/members/{}"
    team.discord.fail(route, Fails.RATE_LIMITED_SHARED, seconds=120)
    assert "Discord did not say who" in await assigned(team, room, DIA)

    assert "Dia Roy is now communications lead of INC-1" in await assigned(team, room, DIA)
    team.discord.fail(route, Fails.RATE_LIMITED_SHARED, seconds=120)
    said = await answered(team, ANA, "/incident assign", room, role="scribe", person=DIA)
    assert "Dia Roy is now scribe of INC-1" in said


async def test_a_guest_of_the_server_can_do_nothing(team: Team) -> None:
    team.discord.add_member(DIA, "Dia Roy", ON_CALL)
    team.discord.guests.add(DIA)

    assert "not connected to a person with" in await answered(team, DIA, "/incident declare", OPS, title="It is down")
