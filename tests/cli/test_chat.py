"""What the command line does with Slack and Discord: it says who may act there, and finds channels by name."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.platforms.slack import manifest
from bot.settings import EXAMPLE
from tests.cli.runner import Foghorn, Said
from tests.fakes.discord import GUILD, Discord
from tests.fakes.slack import Slack
from tests.harness import Harness

ROLE, DEVS = "300000000000000011", "200000000000000012"


@pytest.fixture
async def on_slack(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Foghorn]:
    """The command line where Slack is on."""
    async with Slack().serving() as slack:
        slack.scopes = set(manifest.BOT_SCOPES)
        slack.add_channel("C0DEVS", "devs")
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        yield foghorn


@pytest.fixture
async def on_discord(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Foghorn]:
    """The command line where Discord is on."""
    async with Discord().serving() as discord:
        discord.add_role(ROLE, "on call")
        discord.add_channel(DEVS, "devs")
        monkeypatch.setenv("DISCORD_BOT_TOKEN", discord.token)
        monkeypatch.setenv("DISCORD_API_URL", discord.api_url)
        yield foghorn


async def run(foghorn: Foghorn, *arguments: str) -> Said:
    return await asyncio.to_thread(foghorn, *arguments)


def configured(folder: Path, words: str) -> None:
    """The example with more in it."""
    (folder / "foghorn.toml").write_text(f"{EXAMPLE.read_text()}\n{words}\n")


SLACK = '[slack]\ngroups = { responders = "S0123ABCD" }'
DISCORD = f'[discord]\nservers = ["{GUILD}"]\ngroups = {{ responders = "{ROLE}" }}'
OPEN = '[who_may]\ndeclare = "members"'


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        (
            "",
            [
                "On Slack, responders are members of an incident's room",
                "On Discord, responders are responders named in",
            ],
        ),
        (SLACK, ["On Slack, responders are members of user group S0123ABCD", "set [discord] groups"]),
        (DISCORD, [f"On Discord, responders are members of role {ROLE}", "Incidents are declared by responders."]),
        (OPEN, ["set [discord] groups"]),
    ],
    ids=["nothing", "slack", "discord", "open"],
)
def test_check_says_who_responds_and_who_declares(
    foghorn: Foghorn, tmp_path: Path, words: str, rules: list[str]
) -> None:
    configured(tmp_path, words)

    said = foghorn("check")

    assert [rule for rule in rules if rule not in said.out] == []
    assert ("Incidents are declared by responders." not in said.out) is (words == OPEN)


@pytest.mark.parametrize("platform", ["slack", "discord"])
def test_a_misspelled_group_is_refused_with_its_line(foghorn: Foghorn, tmp_path: Path, platform: str) -> None:
    configured(tmp_path, f'[{platform}]\ngroups = {{ responder = "S0123ABCD" }}')

    said = foghorn("check")

    assert (said.code, "“responder” is not a group" in said.err) == (1, True)


@pytest.mark.usefixtures("on_discord")
async def test_doctor_says_the_rules_in_force(on_slack: Foghorn, tmp_path: Path) -> None:
    configured(tmp_path, f"{DISCORD}\n{OPEN}")

    said = await run(on_slack, "doctor")

    assert "ok   slack access: responders are members of an incident's room, in that incident;" in said.out
    assert f"ok   discord access: responders are members of role {ROLE};" in said.out
    assert said.out.count("Incidents are declared by members.") == 2


async def test_a_channel_of_slack_is_subscribed_by_its_name(on_slack: Foghorn) -> None:
    wrong = await run(on_slack, "incident", "--as", "ana", "subscribe", "slack:#devz")
    right = await run(on_slack, "incident", "--as", "ana", "subscribe", "slack:#devs")
    listed = await run(on_slack, "incident", "--as", "ana", "subscriptions")

    assert (wrong.code, "Did you mean #devs?" in wrong.err) == (1, True)
    assert (right.code, "#devs gets updates" in right.out) == (0, True)
    assert "#devs: customers" in listed.out


async def test_a_channel_of_discord_is_subscribed_by_its_name(on_discord: Foghorn, tmp_path: Path) -> None:
    configured(tmp_path, DISCORD)
    wrong = await run(on_discord, "incident", "--as", "ana", "subscribe", "discord:#nosuchchannel")
    right = await run(on_discord, "incident", "--as", "ana", "subscribe", "discord:#devs")

    assert (wrong.code, "There is no channel" in wrong.err) == (1, True)
    assert (right.code, "#devs gets updates" in right.out) == (0, True)


async def test_a_channel_for_rooms_that_gets_updates_is_refused_without_asking_discord(
    on_discord: Foghorn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, DISCORD)
    await run(on_discord, "incident", "--as", "ana", "subscribe", "discord:#devs")
    assert (await run(on_discord, "check")).code == 0
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api/v10")

    configured(tmp_path, DISCORD.replace("[discord]", f'[discord]\nrooms_in = "{DEVS}"'))
    said = await run(on_discord, "check")

    assert said.code == 1
    assert f"discord channel {DEVS}: gets updates for customers and holds the rooms of incidents" in said.err
    monkeypatch.delenv("DISCORD_BOT_TOKEN")
    assert (await run(on_discord, "check")).code == 1


async def test_doctor_sends_again_what_failed_in_a_channel_that_is_well_now(
    on_slack: Foghorn, migrated_sqlite_url: str
) -> None:
    for line in ("subscribe slack:#devs min:4", "declare API errors sev:3 on:api=partial", "publish"):
        assert (await run(on_slack, "incident", "--as", "ana", *line.split())).code == 0
    harness = Harness(migrated_sqlite_url, now=utc_now())
    harness.deliver(dead=["slack:C0DEVS"])

    said = await run(on_slack, "doctor")

    [line] = [line for line in said.out.splitlines() if "slack channel #devs" in line]
    assert (line[:4], line.endswith("; 1 failed before and will be sent now")) == ("ok  ", True)
    row = next(row for row in harness.sent_to("slack:C0DEVS") if row.subscription_id)
    assert (row.state, row.attempts) == ("due", 0)
    assert harness.record("delivery retried") == ["#devs on Slack, which `foghorn doctor` found to be well again"]
    harness.close()
