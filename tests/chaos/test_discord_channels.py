"""What people change on Discord while an incident is open: threads and channels that are archived or closed."""

import pytest

from bot.commands.invocation import Account, Place
from tests.fakes.discord_checks import words_of
from tests.harness import run_line
from tests.platforms.discord.conftest import (
    ANA,
    BEN,
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
from tests.platforms.discord.test_deleted import card_in, headlines, next_update, timeline, told

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
