"""The watchdog: a connection that the SDK gave up on is replaced, the other one listens meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.intake.leases import Share
from bot.platforms.slack.socket import ALLOWED, CONNECTIONS, Sockets
from bot.platforms.slack.web import SlackWeb
from tests.fakes.slack import Slack
from tests.fakes.slack_workspace import BOT, TEAM
from tests.platforms.slack.moves import until


class Shared:
    """What a process may have, among others."""

    place, number = 0, 1

    async def __call__(self) -> Share:
        return Share(self.place, self.number)


@pytest.fixture
def share() -> Shared:
    return Shared()


@pytest.fixture
async def sockets(slack: Slack, share: Shared) -> AsyncIterator[Sockets]:
    """Two connections under a watchdog that looks often."""
    web = SlackWeb(slack.bot_token, slack.api_url)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id=BOT, bot_token=slack.bot_token)

    bolt = AsyncApp(client=web.client, authorize=authorize)
    sockets = Sockets(bolt, slack.app_token, share, patience_s=(0.2, 0.2, 5), look_every_s=0.05)
    await sockets.open()
    watching = asyncio.create_task(sockets.watch())
    yield sockets
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    await sockets.close()
    await web.close()


def give_up(sockets: Sockets, *numbers: int) -> None:
    """The state in which the SDK connects no more. Source: github.com/slackapi/python-slack-sdk, issue 1446."""
    for number in numbers:
        sockets._connections[number].handler.client.auto_reconnect_enabled = False


async def test_a_connection_that_the_sdk_gave_up_on_is_replaced(slack: Slack, sockets: Sockets) -> None:
    await slack.connected(2)
    give_up(sockets, 0, 1)
    [broken, _other] = list(slack.sockets)

    slack.drop(0)
    await until(lambda: broken not in slack.sockets)

    await until(lambda: len(slack.sockets) == 2)


async def test_while_one_connection_listens_it_counts_as_connected(slack: Slack, sockets: Sockets) -> None:
    await slack.connected(2)
    give_up(sockets, 0, 1)
    slack.app_token = "xapp-other"

    slack.drop(0)
    await asyncio.sleep(0.15)

    assert sockets.up


async def test_without_any_connection_it_does_not(slack: Slack, sockets: Sockets) -> None:
    await slack.connected(2)
    give_up(sockets, 0, 1)
    slack.app_token = "xapp-other"  # no new ones are given out

    slack.drop(1)
    slack.drop(0)

    await until(lambda: not sockets.up)


async def test_after_an_outage_addresses_that_expired_meanwhile_are_not_tried_for_ever(
    slack: Slack, sockets: Sockets
) -> None:
    await slack.connected(2)
    slack.links_away = True
    slack.drop(1)
    slack.drop(0)
    await until(lambda: len(slack.expired) >= 2)
    assert await until(lambda: not sockets.up)

    slack.links_away = False

    await slack.connected(2)
    assert await until(lambda: sockets.up)


async def test_what_cannot_be_replaced_is_tried_ever_less_often(slack: Slack, sockets: Sockets) -> None:
    await slack.connected(2)
    give_up(sockets, 0, 1)
    slack.app_token = "xapp-other"
    slack.drop(0)
    await until(lambda: opened(slack) > 2)
    await asyncio.sleep(1)

    assert opened(slack) - 2 <= 3


async def test_a_process_has_its_share_of_the_connections_and_counts_as_connected_without_any(
    slack: Slack, sockets: Sockets, share: Shared
) -> None:
    await slack.connected(2)
    for share.place, share.number, connections in ((0, 5, 2), (5, 6, 1), (10, 11, 0), (0, 1, 2)):
        await until(lambda expected=connections: len(slack.sockets) == expected)
        await until(lambda: sockets.up)


@pytest.mark.parametrize("number", range(1, 13))
def test_no_more_than_ten_connections_are_divided_and_each_of_ten_processes_has_one(number: int) -> None:
    shares = [Share(place, number).of(ALLOWED, CONNECTIONS) for place in range(number)]
    assert sum(shares) == min(10, 2 * number)
    assert min(shares) == (2 if number <= 5 else 1 if number <= 10 else 0)


def opened(slack: Slack) -> int:
    return [method for method, _given in slack.calls].count("apps.connections.open")
