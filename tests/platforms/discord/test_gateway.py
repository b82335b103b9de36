"""The one connection: held by one process, reopened when it breaks, started with patience."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlmodel import SQLModel, select

from bot.clock import utc_now
from bot.domain.organisation import Organisation
from bot.domain.rooms import Room
from bot.domain.subscriptions import Subscription
from bot.intake import requests
from bot.intake.leases import Leases
from bot.platforms.discord import gateway
from bot.platforms.discord.gateway import Gateway
from bot.settings import Settings
from tests.fakes.discord import GUILD, Discord
from tests.fakes.discord_checks import words_of
from tests.platforms.discord.conftest import ANA, BEN, OPS, STATUS, Clock, Team, foghorn_on
from tests.platforms.discord.moves import answer_to, answered, declared, drafted, published, said_in, until

Row = TypeVar("Row", bound=SQLModel)


async def test_commands_are_told_once_and_again_only_when_they_changed(
    discord: Discord, settings: Settings, organisation: Organisation, clock: Clock
) -> None:
    for _start in range(2):
        async with foghorn_on(discord, settings, organisation, clock):
            pass
    assert discord.command_writes == 1

    elsewhere = organisation.discord.model_copy(update={"servers": (*organisation.discord.servers, "1")})
    changed = organisation.model_copy(update={"discord": elsewhere})
    async with foghorn_on(discord, settings, changed, clock):
        pass
    assert discord.command_writes == 2


async def test_intents_are_guilds_only(team: Team) -> None:
    assert [asked["intents"] for asked in team.discord.gateway.identifies] == [1]


async def test_buttons_work_after_a_restart(
    discord: Discord, settings: Settings, organisation: Organisation, clock: Clock
) -> None:
    async with foghorn_on(discord, settings, organisation, clock) as before:
        _room, review = await drafted(before)
    async with foghorn_on(discord, settings, organisation, clock) as after:
        await answer_to(after, BEN, discord.clicks(BEN, review, "Approve"))
        await after.outbox.drain()

    assert "was published" in words_of(review)


async def test_one_of_two_processes_connects_and_the_other_takes_over(
    discord: Discord, settings: Settings, organisation: Organisation, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "LOOK_AGAIN_S", 0.05)
    async with foghorn_on(discord, settings, organisation, clock) as first:
        leases = Leases(first.core.store, first.core.desk.in_thread)
        other = Gateway(first.messenger.web, leases, first.app.handle, organisation.discord.servers, first.app.change)
        waiting = asyncio.create_task(other.run())
        await asyncio.sleep(0.3)
        assert (len(discord.gateway.live), other.connected) == (1, True)
        identified = len(discord.gateway.identifies)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert identified == len(discord.gateway.identifies)


async def test_a_dropped_connection_loses_nothing(team: Team) -> None:
    await declared(team)
    team.discord.gateway.drop()

    assert "INC-1" in await answered(team, ANA, "/incident list")
    assert len(team.discord.gateway.identifies) == 1


async def test_while_the_gateway_is_away_discord_is_not_connected(team: Team) -> None:
    await until(lambda: team.app.connected)
    team.discord.gateway.closed = True
    team.discord.gateway.drop()
    await until(lambda: not team.app.connected)
    team.discord.gateway.closed = False

    await until(lambda: team.app.connected)
    assert team.app.traffic.heard_s is not None
    assert team.app.traffic.answered_s is not None


async def test_an_invalid_session_is_replaced(team: Team) -> None:
    await declared(team)
    await team.discord.gateway.invalidate()
    await team.discord.gateway.connected()

    assert "INC-1" in await answered(team, ANA, "/incident list")


async def test_discord_may_ask_to_reconnect(team: Team) -> None:
    await declared(team)
    await team.discord.gateway.ask_to_reconnect()
    await until(lambda: team.discord.gateway.resumes)

    assert "INC-1" in await answered(team, ANA, "/incident list")


async def test_a_payload_that_cannot_be_read_does_not_end_the_process(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "LOOK_AGAIN_S", 0.05)
    await team.discord.gateway.dispatch("INTERACTION_CREATE", {"id": "1", "type": 2})
    await until(lambda: len(team.discord.gateway.identifies) > 1)

    await declared(team)
    assert "INC-1" in await answered(team, ANA, "/incident list")


async def test_after_a_long_outage_it_connects_at_once_and_the_outage_costs_no_start(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "CONNECT_AGAIN_S", (0.01,))
    live = team.discord.gateway
    live.closed = True
    live.drop()
    await until(lambda: live.refused >= 12)  # discord.py alone would wait for minutes by now
    assert not team.app.connected

    live.closed = False
    await live.connected()

    assert "INC-1" in await declared_again(team)
    assert len(live.identifies) == 2


async def test_an_outage_of_the_whole_platform_ends_with_a_connection(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "CONNECT_AGAIN_S", (0.01,))
    team.discord.down = team.discord.gateway.closed = True
    team.discord.gateway.drop()
    await until(lambda: not team.app.connected)

    team.discord.down = team.discord.gateway.closed = False
    await team.discord.gateway.connected()

    assert "INC-1" in await declared_again(team)


async def declared_again(team: Team) -> str:
    """What the list says of an incident that is declared over the new connection."""
    await declared(team)
    return await answered(team, ANA, "/incident list")


@pytest.mark.parametrize(("used", "words"), [(600, "connecting in 2"), (960, "almost no connections")])
async def test_the_last_starts_of_a_day_are_spread(
    team: Team, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, used: int, words: str
) -> None:
    monkeypatch.setattr(gateway, "CONNECT_AGAIN_S", (0.01,))
    live = team.discord.gateway
    live.used, live.closed = used, True
    live.drop()

    await until(lambda: words in caplog.text)

    assert len(live.identifies) == 1


@pytest.mark.parametrize(
    ("code", "words"), [(4004, "select Bot, then Reset Token"), (4014, "turn off everything under Privileged")]
)
async def test_a_connection_that_discord_refuses_is_told_with_what_to_click(
    discord: Discord,
    settings: Settings,
    organisation: Organisation,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    code: int,
    words: str,
) -> None:
    async with foghorn_on(discord, settings, organisation, clock):
        await discord.gateway.end(code)
        await until(lambda: words in caplog.text)


async def test_a_server_that_foghorn_is_not_on_is_told_with_what_to_do(
    discord: Discord,
    settings: Settings,
    organisation: Organisation,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = organisation.discord.model_copy(update={"servers": (*organisation.discord.servers, "41")})

    async with foghorn_on(discord, settings, organisation.model_copy(update={"discord": config}), clock):
        await until(lambda: "not a member of server 41" in caplog.text)

    assert "foghorn discord invite" in caplog.text


async def test_being_removed_from_a_server_is_told(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    await team.discord.gateway.dispatch("GUILD_DELETE", {"id": GUILD})

    await until(lambda: f"not a member of server {GUILD}" in caplog.text)


async def test_a_server_that_foghorn_is_on_again_gets_the_commands_again(team: Team) -> None:
    await until(lambda: team.app.connected)
    await team.discord.gateway.dispatch("GUILD_DELETE", {"id": GUILD})
    team.discord.commands = []

    joined = {name: value for name, value in team.discord.guild().items() if name != "unavailable"}
    await team.discord.gateway.dispatch("GUILD_CREATE", joined)

    await until(lambda: team.discord.commands)


async def test_a_channel_and_a_room_are_shown_under_their_new_names(team: Team) -> None:
    room = await published(team)
    before = {place: team.discord.as_json(team.discord.channels[place]) for place in (STATUS, room)}
    await team.discord.gateway.dispatch("THREAD_CREATE", before[room])

    await team.discord.gateway.dispatch("CHANNEL_UPDATE", {**before[STATUS], "name": "news"})
    await team.discord.gateway.dispatch("THREAD_UPDATE", {**before[room], "name": "INC-1 errors"})

    await until(lambda: [row.name for row in rows(team, Subscription) if row.destination.place == STATUS] == ["news"])
    await until(lambda: [row.name for row in rows(team, Room) if row.channel == room] == ["INC-1 errors"])


def rows(team: Team, table: type[Row]) -> Sequence[Row]:
    with team.core.store.read() as tx:
        return tx.session.exec(select(table)).all()


async def test_what_a_dead_process_had_accepted_is_carried_out(team: Team) -> None:
    await declared(team)
    note = team.core.desk  # the row is written, and the process dies before it runs
    payload = json.dumps(
        {"verb": "note", "typed": {"text": "Found it", "incident": "INC-1"}, "channel": OPS,
         "user": ANA, "name": "Ana", "groups": []}
    )  # fmt: skip
    await team.inbox.accept("discord:1", payload=payload, handle="1/gone")
    team.core.store.real = lambda: utc_now() + timedelta(minutes=2)

    await team.app.intake.resume()

    await until(lambda: "Found it" in " ".join(said_in(team, ANA)) or _noted(team))
    assert note is team.core.desk


def _noted(team: Team) -> bool:
    return any("Noted in INC-1" in words for words in said_in(team, ANA))


def test_left_over_work_reads_as_it_was_written() -> None:
    kept = '{"verb": "note", "typed": {}, "channel": "1", "user": "2", "name": "A", "groups": ["x"]}'
    work = requests.loaded("discord", "discord:9", kept, "app/token")
    assert (work.invocation.key, work.invocation.who.groups) == ("discord:9", frozenset({"x"}))
    assert json.loads(requests.dumped(work)) == json.loads(kept)
