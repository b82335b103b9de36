"""What `check` and `doctor` say about the channels in which incidents are announced."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.slack import manifest
from bot.settings import EXAMPLE
from tests.cli.runner import Foghorn, Said
from tests.fakes.discord import GUILD, Discord
from tests.fakes.slack import Slack

OPS, WATCH, ROOMS = "C0OPS", "200000000000000031", "200000000000000011"
ANNOUNCES = f'[announce]\nchannels = ["slack:{OPS}"]\nping = {{ SEV1 = ["slack:S0ONCALL"] }}'
ON_DISCORD = f'[discord]\nservers = ["{GUILD}"]\nrooms_in = "{ROOMS}"\n\n[announce]\nchannels = ["discord:{{}}"]'


@pytest.fixture
async def slack(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Slack]:
    assert foghorn  # it clears the environment first
    async with Slack().serving() as slack:
        slack.scopes = set(manifest.BOT_SCOPES)
        slack.add_channel(OPS, "ops")
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        yield slack


@pytest.fixture
async def discord(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    assert foghorn  # it clears the environment first
    async with Discord().serving() as discord:
        discord.add_channel(WATCH, "watch")
        monkeypatch.setenv("DISCORD_BOT_TOKEN", discord.token)
        monkeypatch.setenv("DISCORD_API_URL", discord.api_url)
        yield discord


async def run(foghorn: Foghorn, *arguments: str) -> Said:
    return await asyncio.to_thread(foghorn, *arguments)


def configured(folder: Path, words: str) -> None:
    """The example with more in it."""
    (folder / "foghorn.toml").write_text(f"{EXAMPLE.read_text()}\n{words}\n")


@pytest.mark.usefixtures("slack")
async def test_a_channel_that_only_responders_read_is_accepted(foghorn: Foghorn, tmp_path: Path) -> None:
    configured(tmp_path, ANNOUNCES)

    assert (await run(foghorn, "check")).code == 0
    assert "ok   announcements in #ops: incidents are announced there" in (await run(foghorn, "doctor")).out


async def test_a_channel_that_is_shared_with_another_organization_is_refused(
    foghorn: Foghorn, slack: Slack, tmp_path: Path
) -> None:
    configured(tmp_path, ANNOUNCES)
    slack.channels[OPS].shared = True

    said = await run(foghorn, "check")
    assert said.code == 1
    assert "#ops is shared with another organization. Incidents are not announced there; choose another" in said.err
    assert "FIX  announcements in slack:C0OPS: #ops is shared" in (await run(foghorn, "doctor")).out


@pytest.mark.usefixtures("slack")
async def test_a_channel_that_is_subscribed_is_refused(foghorn: Foghorn, tmp_path: Path) -> None:
    await run(foghorn, "incident", "--as", "ana", "subscribe", "slack:#ops")
    configured(tmp_path, ANNOUNCES)

    said = await run(foghorn, "check")
    assert (said.code, "the channel is subscribed to updates" in said.err) == (1, True)


async def test_an_announcement_channel_of_discord_is_refused(
    foghorn: Foghorn, discord: Discord, tmp_path: Path
) -> None:
    configured(tmp_path, ON_DISCORD.format(WATCH))
    assert (await run(foghorn, "check")).code == 0

    discord.channels[WATCH].type = 5
    said = await run(foghorn, "check")
    assert (said.code, "#watch is an announcement channel, which other servers can follow" in said.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (ON_DISCORD.format(ROOMS), f"announce.channels lists “discord:{ROOMS}”, which holds the rooms of incidents"),
        ('[announce]\nchannels = ["#ops"]', "announce.channels lists “#ops”; write it as slack:ID or discord:ID"),
        ('[announce]\nchannels = ["local:#ops"]', "announce.channels lists “local:#ops”; write it as slack:ID"),
        ('[announce]\nchannels = ["slack:C1", "slack:C1"]', "announce.channels lists “slack:C1” twice"),
        ('[announce]\nping = { SEV1 = ["S0ONCALL"] }', "announce.ping lists “S0ONCALL”; write it as slack:ID"),
        ('[announce]\nping = { SEV9 = ["slack:S0"] }', "SEV9"),
    ],
)
def test_what_cannot_be_announced_to_is_refused_with_its_line(
    foghorn: Foghorn, tmp_path: Path, words: str, problem: str
) -> None:
    configured(tmp_path, words)
    said = foghorn("check")

    line = f"{EXAMPLE.read_text()}\n{words}\n".splitlines().index(words.splitlines()[-1]) + 1
    assert said.code == 1
    assert problem in said.err
    assert f"foghorn.toml, line {line}:" in said.err


@pytest.mark.usefixtures("slack")
async def test_a_platform_that_does_not_answer_is_no_mistake_in_the_file(
    foghorn: Foghorn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, ANNOUNCES)
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")

    said = await run(foghorn, "check")
    assert (said.code, "Slack cannot be reached" in said.out) == (0, True)
