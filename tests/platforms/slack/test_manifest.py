"""The manifest asks for what is called, and `doctor` says what is missing."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.platforms.slack import manifest
from bot.platforms.slack.doctor import CheckResult, examine
from bot.platforms.slack.methods import METHODS
from bot.platforms.slack.web import SlackWeb
from tests.fakes.slack import Slack
from tests.fakes.slack_checks import ARGUMENTS, NEWER
from tests.fakes.slack_rooms import SCOPES
from tests.platforms.slack.conftest import ANA, NEWS, ROOM

CODE = Path(manifest.__file__).parent


def called() -> set[str]:
    """Every method of the SDK's client that the code calls, as Slack names it."""
    names = set()
    for file in CODE.glob("*.py"):
        names |= set(re.findall(r"client\.([a-z]+(?:_[A-Za-z]+)+)\b", file.read_text()))
    return {name.replace("_", ".") for name in names} - {"is.connected"}


def test_every_method_that_is_called_stands_in_the_manifest_and_no_other() -> None:
    assert called() == set(METHODS)


def test_every_method_has_the_scopes_that_slack_asks_for() -> None:
    asked = {method: set(SCOPES[method]) for method in METHODS if method in SCOPES}

    assert {name: set(method.scopes.split()) for name, method in METHODS.items() if method.scopes} == asked


def test_every_method_is_known_to_the_local_server() -> None:
    assert [method for method in METHODS if method not in {**ARGUMENTS, **NEWER}] == []


def test_every_scope_says_what_is_missing_without_it() -> None:
    assert set(manifest.WITHOUT) == set(manifest.BOT_SCOPES)


def test_socket_mode_needs_no_address() -> None:
    made = manifest.manifest("/incident")

    assert made["settings"]["socket_mode_enabled"]
    assert "http" not in str(made)


def test_over_http_every_address_is_ours() -> None:
    url = "https://foghorn.example.com/slack/events"
    made = manifest.manifest("/outage", http_url=url)

    assert made["features"]["slash_commands"][0]["command"] == "/outage"
    assert [made["settings"]["interactivity"]["request_url"], made["features"]["slash_commands"][0]["url"]] == [url] * 2


def test_references_are_escaped_so_that_people_and_channels_are_understood() -> None:
    assert manifest.manifest("/incident")["features"]["slash_commands"][0]["should_escape"]


# ---- doctor


@pytest.fixture
async def look(slack):
    web = SlackWeb(slack.bot_token, slack.api_url)

    async def look(**given) -> dict[str, CheckResult]:
        asked = {"app_token": slack.app_token, "http": False, "channels": (), "groups": {}, **given}
        return {found.what: found for found in await examine(web, **asked)}

    yield look
    await web.close()


async def test_a_healthy_app_is_found_well(look) -> None:
    found = await look(channels=(ROOM,))

    assert [each for each in found.values() if not each.well] == []


@pytest.mark.parametrize("scope", manifest.BOT_SCOPES)
async def test_each_missing_permission_is_named_with_what_does_not_work(slack, look, scope: str) -> None:
    slack.scopes.discard(scope)

    found = (await look())[f"slack permission {scope}"]

    assert manifest.WITHOUT[scope] in found.words


async def test_a_refused_token_is_the_only_finding(slack, look) -> None:
    slack.bot_token = "xoxb-new"

    [found] = (await look()).values()

    assert "rejected the token" in found.words


async def test_without_a_way_in_it_says_which_settings_to_set(look) -> None:
    found = (await look(app_token=""))["slack connection"]

    assert (found.well, "SLACK_APP_TOKEN" in found.words) == (False, True)


async def test_a_subscribed_channel_without_foghorn_is_named(slack, look) -> None:
    slack.add_channel("C0SECRET", "secret", ANA, private=True)
    found = await look(channels=(NEWS, "C0SECRET"))

    assert found["slack channel #status"].words == "Foghorn joins it with the next update"
    assert "Foghorn cannot see the channel" in found["slack channel C0SECRET"].words


async def test_a_user_group_that_does_not_exist_is_named(slack, look) -> None:
    slack.user_groups["S1"] = [ANA]

    found = await look(groups={"responders": "S1", "approvers": "S2"})

    assert [found["slack user group for responders"].well, found["slack user group for approvers"].well] == [
        True,
        False,
    ]


@pytest.mark.parametrize(("ahead_s", "told"), [(0, []), (-600, ["slack clock"]), (600, ["slack clock"])])
async def test_a_clock_that_is_far_off_is_noticed(slack: Slack, ahead_s: float, told: list[str]) -> None:
    web = SlackWeb(slack.bot_token, slack.api_url)
    now = utc_now() + timedelta(seconds=ahead_s)
    found = await examine(web, app_token=slack.app_token, http=False, channels=[], groups={}, clock=lambda: now)
    await web.close()

    assert [each.what for each in found if not each.well] == told
