"""A command that no other code knows, declared in a test: it works on every surface without a change elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands import fields
from bot.commands.catalog import COMMANDS
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.domain.organisation import Organisation
from bot.domain.people import Group
from bot.platforms.discord import tree
from bot.settings import Settings
from bot.views import Answer, Notice, say
from tests.cli.runner import runner
from tests.fakes.discord import Discord
from tests.fakes.discord_checks import check_commands
from tests.fakes.slack import Slack, words_of
from tests.patience import until
from tests.platforms.console.world import World
from tests.platforms.discord import conftest as on_discord
from tests.platforms.discord.conftest import discord  # noqa: F401
from tests.platforms.discord.conftest import organisation as discord_people  # noqa: F401
from tests.platforms.discord.moves import answered
from tests.platforms.slack import conftest as on_slack
from tests.platforms.slack.conftest import organisation as slack_people  # noqa: F401
from tests.platforms.slack.conftest import slack  # noqa: F401

SERVICE = Field(
    "service", "Service", fields.line, Placement.WORD, required=True, parameter=Parameter("Which service", longest=50)
)
BY = Field("until", "Until", fields.ahead, parameter=Parameter("Until when, such as 30m"))


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """`page SERVICE until:TIME`, in the group `record`."""

    @command(
        "page",
        "Pages the team of a service.",
        "/incident page search",
        (SERVICE, BY),
        who_may=Group.MEMBERS,
        incident=IncidentScope.NONE,
        group="record",
        subcommands=(Subcommand("Page the team of a service"),),
    )
    def handler(ctx: Context, service: str, until: object) -> Answer:
        return Notice(
            say("{actor} paged {service}; until {until}.", actor=ctx.actor.name, service=service, until=until)
        )

    yield
    del COMMANDS["page"]


@pytest.fixture
def settings(migrated_sqlite_url: str) -> Settings:
    return Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url, FOGHORN_PUBLIC_URL="https://status.example.com")


async def test_it_works_on_slack(slack: Slack, settings: Settings, slack_people: Organisation) -> None:  # noqa: F811
    async with on_slack.foghorn_on(slack, settings, slack_people, on_slack.Clock()):
        await slack.types(on_slack.ANA, on_slack.ROOM, "/incident record page search until:1h")
        seen = await until(lambda: slack.seen_by(on_slack.ANA))
        assert "Ana Silva paged search" in words_of(seen[-1])

        await slack.types(on_slack.ANA, on_slack.ROOM, "/incident page")
        form = (await until(lambda: slack.forms_of(on_slack.ANA)))[-1]
        assert [block["block_id"] for block in form["blocks"] if block["type"] == "input"] == [
            "service",
            "until",
            "until:picked",
        ]


async def test_it_works_on_discord(discord: Discord, settings: Settings, discord_people: Organisation) -> None:  # noqa: F811
    check_commands(tree.commands())
    async with on_discord.foghorn_on(discord, settings, discord_people, on_discord.Clock()) as team:
        words = await answered(team, on_discord.ANA, "/incident record page", service="search", until="1h")
        assert "Ana Silva paged search" in words


def test_it_works_in_the_console(migrated_sqlite_url: str) -> None:
    with World(migrated_sqlite_url) as world:
        assert "Ana Silva paged search" in world.browser("ana").run("page search until:1h")


def test_it_works_on_the_command_line(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    foghorn = runner(migrated_sqlite_url, tmp_path, monkeypatch, capsys)
    said = foghorn("incident", "--as", "ana", "page", "search", "until:1h")
    assert said.code == 0, said.err
    assert "paged search" in said.out


def test_help_lists_it(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    foghorn = runner(migrated_sqlite_url, tmp_path, monkeypatch, capsys)
    assert "More: page" in foghorn("incident", "--as", "ana", "help").out
    assert "Pages the team of a service." in foghorn("incident", "--as", "ana", "help", "page").out
