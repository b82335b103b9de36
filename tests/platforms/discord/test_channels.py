"""A channel is subscribed once: chosen from the list, or looked up by the name that was typed into a form."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.commands.invocation import Account, Place
from bot.domain.subscriptions import Subscription
from bot.views.plain import plain
from tests.fakes.discord_checks import words_of
from tests.fakes.discord_server import FORUM
from tests.platforms.discord.conftest import ANA, BOARD, CHANGES, DEV, HIDDEN, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, declared


def subscribed(team: Team) -> dict[str, tuple[str, str]]:
    """The channels of Discord that get updates: name and audience."""
    with team.core.store.read() as tx:
        query = select(Subscription).where(col(Subscription.destination).startswith("discord:"), Subscription.active)
        return {str(row.destination): (row.name, row.audience.value) for row in tx.session.exec(query).all()}


async def filled_in(team: Team, user: str = ANA, where: str = OPS, **typed: str) -> str:
    """The answer to the form, which a component that does not exist opens."""
    opened = await team.discord.types(user, where, "/incident subscription add", on="nonsense")
    form: dict[str, Any] = opened["data"]
    return words_of(await answer_to(team, user, team.discord.submits(user, where, form, **{"components": [], **typed})))


@pytest.mark.parametrize("typed", ["#status", "status", f"<#{STATUS}>", STATUS, f"discord:{STATUS}"])
async def test_a_name_in_the_form_and_the_channel_of_the_list_are_one(team: Team, typed: str) -> None:
    assert "gets updates" in await filled_in(team, channel=typed)
    again = await answered(team, ANA, "/incident subscription add", channel=STATUS, audience="developers")

    assert "audience: customers → developers." in again
    assert subscribed(team) == {f"discord:{STATUS}": ("status", "developers")}


async def test_a_name_that_does_not_exist_is_refused_with_the_nearest(team: Team) -> None:
    assert "Did you mean #status?" in await filled_in(team, channel="#statsu")
    assert "There is no channel" in await filled_in(team, channel="#nosuchchannel")
    assert "There is no channel" in await filled_in(team, channel="299999999999999999")
    assert subscribed(team) == {}


async def test_what_foghorn_cannot_see_or_write_in_is_refused(team: Team) -> None:
    team.discord.channels[CHANGES].denied.add("VIEW_CHANNEL")

    assert "could not be looked up on Discord" in await filled_in(team, channel=CHANGES)
    assert team.discord.channels[BOARD].type == FORUM
    assert "There is no channel" in await filled_in(team, channel=BOARD)
    assert subscribed(team) == {}


async def test_two_channels_of_one_name_are_told_apart_by_their_id(team: Team) -> None:
    team.discord.add_channel("200000000000000098", "status")

    assert "2 channels are called" in await filled_in(team, channel="#status")
    assert "gets updates" in await filled_in(team, channel=STATUS)


async def test_where_rooms_are_made_nothing_is_subscribed(team: Team) -> None:
    room = await declared(team)

    for channel in (OPS, HIDDEN, room):
        assert "is where incidents are worked on" in await answered(team, ANA, "/incident subscription add", channel)
    assert subscribed(team) == {}


async def test_who_manages_one_channel_subscribes_no_other_by_form_or_button(team: Team) -> None:
    await answered(team, ANA, "/incident subscription add", channel=STATUS)
    listing = await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident subscription list"))
    team.discord.manages.add(DEV)

    question = await answer_to(team, DEV, team.discord.clicks(DEV, listing, "Unsubscribe", channel=CHANGES))
    refused = await answer_to(team, DEV, team.discord.clicks(DEV, question, "Unsubscribe", channel=CHANGES))

    assert "Only administrators can" in words_of(refused)
    assert "Only administrators can" in await filled_in(team, DEV, CHANGES, channel="#announcements")
    assert subscribed(team).keys() == {f"discord:{STATUS}"}


async def test_the_command_line_looks_it_up_too(team: Team) -> None:
    answer = await team.core.desk.submit_line("subscribe discord:#status", Account("cli", "ana"), Place("cli"))

    assert "#status gets updates: customers" in plain(answer, team.core.organisation.zone)
    assert subscribed(team) == {f"discord:{STATUS}": ("status", "customers")}
