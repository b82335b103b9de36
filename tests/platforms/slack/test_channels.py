"""A channel is subscribed once, whatever it is called: looked up by its name, or refused with the nearest."""

import asyncio

import pytest
from sqlmodel import col, select

from bot.commands.invocation import Account, Place
from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.domain.subscriptions import Subscription
from bot.views.plain import plain
from tests.fakes.slack import Fails, words_of
from tests.fakes.slack_workspace import BOT
from tests.platforms.slack.conftest import ANA, DEV, NEWS, ROOM, Team
from tests.platforms.slack.moves import declared, find_in, form_of, published, said_in, until


def subscribed(team: Team) -> dict[str, tuple[str, str, str]]:
    """The channels of Slack that get updates: name, audience and language."""
    with team.core.store.read() as tx:
        query = select(Subscription).where(col(Subscription.destination).startswith("slack:"), Subscription.active)
        rows = tx.session.exec(query).all()
    return {str(row.destination): (row.name, row.audience.value, row.language) for row in rows}


async def answered(team: Team, line: str, user: str = ANA) -> str:
    seen = len(team.slack.seen_by(user))
    await team.slack.types(user, ROOM, f"/incident {line}")
    return words_of((await until(lambda: team.slack.seen_by(user)[seen:]))[0])


@pytest.mark.parametrize(
    "typed", ["#status", "status", "#Status", f"<#{NEWS}|status>", f"<#{NEWS}>", NEWS, "slack:#status", f"slack:{NEWS}"]
)
async def test_a_name_and_an_id_are_one_channel(team: Team, typed: str) -> None:
    assert "gets updates" in await answered(team, f"subscribe {typed}")
    assert "is already subscribed with these settings" in await answered(team, f"subscribe <#{NEWS}|status>")

    assert subscribed(team) == {f"slack:{NEWS}": ("status", "customers", "en")}
    assert BOT in team.slack.channels[NEWS].members


@pytest.mark.parametrize("member", [True, False], ids=["member", "not a member"])
async def test_an_archived_channel_is_not_subscribed(team: Team, member: bool) -> None:
    team.slack.add_channel("C0OLD", "old-news", ANA, *([BOT] if member else [])).archived = True

    assert "is archived, so updates cannot be posted there" in await answered(team, "subscribe <#C0OLD|old-news>")
    assert "There is no channel “#old-news”" in await answered(team, "subscribe #old-news")
    assert subscribed(team) == {}


async def test_a_channel_shared_with_another_organization_is_subscribed_like_any_other(team: Team) -> None:
    team.slack.add_channel("C0SHARED", "partners", ANA, BOT).shared = True

    assert "gets updates" in await answered(team, "subscribe #partners")


async def test_an_update_arrives_once_where_a_channel_was_subscribed_by_name_and_by_id(team: Team) -> None:
    await answered(team, "subscribe #status")
    await published(team)

    await until(lambda: find_in(team, "Investigating", NEWS))
    assert sum("Investigating" in words_of(m) for m in said_in(team, NEWS)) == 1


async def test_a_name_that_does_not_exist_is_refused_with_the_nearest(team: Team) -> None:
    refusal = await answered(team, "subscribe #statsu")

    assert "There is no channel “#statsu” on Slack" in refusal
    assert "Did you mean #status?" in refusal
    assert subscribed(team) == {}


@pytest.mark.parametrize("typed", ["#nosuchchannel", "nosuchchannel", "#", "slack:#nosuchchannel"])
async def test_what_is_near_nothing_is_refused_without_a_guess(team: Team, typed: str) -> None:
    refusal = await answered(team, f"subscribe {typed}")

    assert "There is no channel" in refusal
    assert "Did you mean" not in refusal
    assert subscribed(team) == {}


async def test_an_archived_channel_and_a_private_one_without_foghorn_are_not_there(team: Team) -> None:
    team.slack.add_channel("C0OLD", "old", ANA).archived = True
    team.slack.add_channel("C0SECRET", "secret", ANA, private=True)

    for name in ("#old", "#secret"):
        assert "There is no channel" in await answered(team, f"subscribe {name}")
    assert "Foghorn cannot write in" in await answered(team, "subscribe <#C0SECRET|secret>")
    assert subscribed(team) == {}


async def test_subscribing_again_changes_it_and_says_what_changed_there_too(team: Team) -> None:
    await answered(team, "subscribe #status")

    changed = await answered(team, f"subscribe {NEWS} audience:developers mode:thread")

    words = "audience: customers → developers; mode: a message for each update → a headline and a thread."
    assert words in changed
    assert await until(lambda: find_in(team, f"Ana Silva changed the incident updates here: {words}", NEWS))
    assert subscribed(team) == {f"slack:{NEWS}": ("status", "developers", "en")}


async def test_while_slack_does_not_answer_a_name_is_refused_and_an_id_taken(team: Team) -> None:
    team.slack.fail("conversations.list", Fails.SERVER_ERROR)
    team.slack.fail("conversations.info", Fails.SERVER_ERROR)

    assert "could not be looked up on Slack." in await answered(team, "subscribe #status")
    assert "gets updates" in await answered(team, f"subscribe <#{NEWS}|status>")


async def test_who_may_not_subscribe_makes_foghorn_join_nothing(team: Team) -> None:
    assert "Only administrators can" in await answered(team, "subscribe #status", DEV)

    assert BOT not in team.slack.channels[NEWS].members
    assert [method for method, _given in team.slack.calls if method.startswith("conversations.")] == []


async def test_the_form_looks_a_name_up_too(team: Team) -> None:
    await team.slack.types(ANA, ROOM, "/incident subscribe #statsu audience:nobody")
    form = await form_of(team, ANA)
    await team.slack.submits(ANA, form, {"channel": "#status", "audience": "developers"})

    await until(lambda: subscribed(team))
    assert subscribed(team) == {f"slack:{NEWS}": ("status", "developers", "en")}


async def test_the_console_and_the_command_line_look_it_up_too(team: Team) -> None:
    async def typed(line: str) -> str:
        answer = await team.core.desk.submit_line(line, Account("cli", "ana"), Place("cli"))
        return plain(answer, team.core.organisation.zone)

    assert "There is no channel “#statsu” on Slack" in await typed("subscribe slack:#statsu")
    assert "#status gets updates: customers" in await typed("subscribe slack:#status")
    assert "#status gets no further updates" in await typed("unsubscribe slack:#status")
    assert subscribed(team) == {}


async def test_a_channel_that_is_gone_can_be_unsubscribed_by_its_id(team: Team) -> None:
    await answered(team, "subscribe #status")
    del team.slack.channels[NEWS]

    assert "gets no further updates" in await answered(team, f"unsubscribe slack:{NEWS}")


async def test_a_subscription_by_name_of_an_earlier_version_ends_when_its_channel_is_subscribed(team: Team) -> None:
    with team.core.store.write() as tx:
        for name in ("#status", "#gone"):
            tx.session.add(Subscription(destination=Destination("slack", name), changed_at=tx.now))

    await answered(team, "subscribe #status")
    assert subscribed(team).keys() == {f"slack:{NEWS}", "slack:#gone"}
    assert "gets no further updates" in await answered(team, "unsubscribe #gone")


async def test_the_room_of_an_incident_cannot_be_subscribed(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0].id

    await team.slack.types(ANA, room, "/incident subscribe")

    assert await until(lambda: any("is where incidents are worked on" in words_of(m) for m in team.slack.seen_by(ANA)))
    assert subscribed(team) == {}


async def test_of_two_who_subscribe_at_once_by_name_and_by_id_one_subscription_is_left(team: Team) -> None:
    await asyncio.gather(answered(team, "subscribe #status"), answered(team, f"subscribe {NEWS} audience:developers"))

    await until(lambda: len(team.slack.seen_by(ANA)) == 2)
    assert subscribed(team).keys() == {f"slack:{NEWS}"}
    with team.core.store.read() as tx:
        notices = tx.session.exec(select(Delivery).where(Delivery.destination == Destination("slack", NEWS))).all()
    assert len(notices) == 2
