"""What people change on Discord while an incident is open: threads and channels that are archived or closed."""

from collections.abc import Sequence

import pytest
from sqlmodel import select

from bot.commands.invocation import Account, Place
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.rooms import Room
from bot.views.plain import plain
from tests.fakes.discord_checks import Json, words_of
from tests.fakes.discord_server import BOT, GUILD
from tests.harness import run_line
from tests.platforms.discord.conftest import (
    ANA,
    BEN,
    ON_CALL,
    OPS,
    STATUS,
    Team,
    budget_s,
    clock,
    discord,
    organisation,
    settings,
    team,
)  # fmt: skip
from tests.platforms.discord.moves import declared, until
from tests.platforms.discord.test_deleted import card_in, changed, headlines, next_update, timeline, told

pytestmark = pytest.mark.chaos
__all__ = ["budget_s", "clock", "discord", "organisation", "settings", "team"]


async def test_a_room_that_discord_archived_after_a_week_is_opened_for_whatever_comes(team: Team) -> None:
    room = await declared(team)
    for archived, line in enumerate(("assign comms @ben INC-1", "severity INC-1 2", "note INC-1 Restarted.")):
        team.discord.channels[room].archived = True
        run_line(team.core.desk, line, Account("discord", ANA), Place("discord"))
        await team.outbox.drain()
        assert (archived, team.discord.channels[room].archived) == (archived, False)

    assert BEN in team.discord.channels[room].members
    assert "SEV2" in words_of(card_in(team, room))


async def test_a_channel_that_foghorn_can_write_in_again_gets_what_it_missed(team: Team) -> None:
    await told(team, "every")
    channel = team.discord.channels[STATUS]
    before = team.discord.as_json(channel)
    channel.denied = {"VIEW_CHANNEL"}
    await next_update(team)
    assert not headlines(team, "Identified")

    denied, channel.denied = team.discord.as_json(channel), set()
    await team.discord.gateway.dispatch("CHANNEL_UPDATE", denied)
    await team.discord.gateway.dispatch("CHANNEL_UPDATE", before)

    await until(lambda: "which can be written to again" in timeline(team))
    await team.outbox.drain()
    assert len(headlines(team, "Identified")) == 1


async def a_role(team: Team, permissions: str) -> None:
    """The role that everyone has is changed."""
    role: Json = team.discord.guild()["roles"][0]
    changed = {"guild_id": GUILD, "role": {**role, "permissions": permissions}}
    await team.discord.gateway.dispatch("GUILD_ROLE_UPDATE", changed)


@pytest.mark.parametrize("given", ["the role is allowed it", "a role is given", "a role is taken"])
async def test_a_channel_that_a_role_gives_access_to_again_gets_what_it_missed(team: Team, given: str) -> None:
    await told(team, "every")
    everything, member = team.discord.guild()["roles"][0]["permissions"], team.discord.member(BOT)
    if given == "a role is taken":
        await team.discord.gateway.dispatch("GUILD_MEMBER_UPDATE", {"guild_id": GUILD, **member, "roles": [ON_CALL]})
    team.discord.channels[STATUS].denied = {"VIEW_CHANNEL"}
    await a_role(team, "0")
    await next_update(team)
    assert not headlines(team, "Identified")

    team.discord.channels[STATUS].denied = set()
    if given == "the role is allowed it":
        await a_role(team, everything)
    else:
        roles = [ON_CALL] if given == "a role is given" else []
        await team.discord.gateway.dispatch("GUILD_MEMBER_UPDATE", {"guild_id": GUILD, **member, "roles": roles})

    await until(lambda: "which can be written to again" in timeline(team))
    await team.outbox.drain()
    assert len(headlines(team, "Identified")) == 1


async def test_rooms_are_current_again_once_foghorn_can_write_in_their_channel_again(team: Team) -> None:
    room = await declared(team)
    channel = team.discord.channels[OPS]
    allowed = team.discord.as_json(channel)
    team.discord.channels[room].denied = channel.denied = {"VIEW_CHANNEL"}
    await team.discord.gateway.dispatch("CHANNEL_UPDATE", team.discord.as_json(channel))
    await changed(team, room)
    assert "SEV1" in words_of(card_in(team, room))

    team.discord.channels[room].denied = channel.denied = set()
    await team.discord.gateway.dispatch("CHANNEL_UPDATE", allowed)

    await until(lambda: waiting(team))
    await team.outbox.drain()
    assert "SEV2" in words_of(card_in(team, room))


def waiting(team: Team) -> Sequence[Delivery]:
    with team.core.store.read() as tx:
        return tx.session.exec(select(Delivery).where(Delivery.state == DeliveryState.DUE)).all()


async def test_who_reopens_an_incident_reads_that_people_archived_its_room(team: Team) -> None:
    room = await declared(team)
    for who, line in ((ANA, "publish INC-1"), (ANA, "resolve INC-1 end:05:12"), (BEN, "approve INC-1")):
        run_line(team.core.desk, line, Account("discord", who), Place("discord"))
    await team.outbox.drain()
    thread = team.discord.channels[room]

    for by_hand, said in ((True, True), (False, False), (True, True)):
        thread.archived = by_hand
        await team.discord.gateway.dispatch("THREAD_UPDATE", team.discord.as_json(thread))
        await until(lambda by_hand=by_hand: archived(team, room) is by_hand)
        answer = run_line(team.core.desk, "reopen INC-1 on:api=partial", Account("discord", ANA), Place("discord"))
        words = plain(answer, team.core.organisation.zone)
        assert ("The room on Discord was archived. Foghorn opens it again" in words) is said
        run_line(team.core.desk, "discard INC-1", Account("discord", ANA), Place("discord"))


def archived(team: Team, room: str) -> bool | None:
    with team.core.store.read() as tx:
        return tx.session.get_one(Room, ("discord", room)).archived
