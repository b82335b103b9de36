"""Discord, as Foghorn sees a platform."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from bot.intake.platform import Serving
from bot.platforms.discord.config import DiscordConfig, DiscordSettings
from bot.ports import CheckResult
from bot.settings import Setup

if TYPE_CHECKING:
    from bot.platforms.discord.app import DiscordApp
    from bot.platforms.discord.messenger import DiscordMessenger


class Discord:
    """On if DISCORD_BOT_TOKEN is set."""

    name = "discord"
    settings = DiscordSettings
    config = DiscordConfig
    off = "off; to turn it on, set DISCORD_BOT_TOKEN"

    def messenger(self, setup: Setup) -> "DiscordMessenger | None":
        """Delivers with the bot token."""
        settings, config = setup.settings.of(DiscordSettings), setup.organisation.section(DiscordConfig)
        if settings.discord_bot_token is None:
            return None
        from bot.platforms.discord.messenger import DiscordMessenger
        from bot.platforms.discord.web import DiscordWeb

        web = DiscordWeb(settings.discord_bot_token.get_secret_value(), settings.discord_api_url)
        return DiscordMessenger(web, config, f"{setup.settings.url}/console")

    def service(self, serving: Serving) -> "DiscordApp":
        """The gateway."""
        from bot.platforms.discord.app import DiscordApp
        from bot.platforms.discord.messenger import DiscordMessenger

        messenger = serving.messenger
        assert isinstance(messenger, DiscordMessenger)
        more = f"{serving.setup.settings.url}/console"
        return DiscordApp(messenger.web, serving.desk, serving.inbox, serving.leases, serving.reading, more=more)

    async def examine(self, setup: Setup, channels: Sequence[str]) -> Sequence[CheckResult]:
        """Token, servers, permissions, channels, and roles."""
        from bot.platforms.discord.doctor import examine

        messenger, config = self.messenger(setup), setup.organisation.section(DiscordConfig)
        assert messenger is not None
        mentioned = (*setup.organisation.announce.groups(self.name), *filter(None, (config.mention,)))
        try:
            return await examine(
                messenger.web, servers=config.servers, rooms=config.room_channels, channels=channels,
                roles=tuple(config.groups.values()), mentioned=mentioned,
            )  # fmt: skip
        finally:
            await messenger.web.close()

    def commands(self, app: typer.Typer, setup: Callable[[], Setup]) -> None:
        """`foghorn discord invite`."""

        @app.command("invite")
        def invite() -> None:
            """Print the link that adds Foghorn to a server, with exactly the permissions it uses."""
            from bot.platforms.discord.doctor import invitation

            token = setup().settings.of(DiscordSettings).discord_bot_token
            link = invitation(token.get_secret_value()) if token else ""
            if not link:
                print(
                    "Set DISCORD_BOT_TOKEN to your app's bot token. Discord shows it once, on the app's Bot page.",
                    file=sys.stderr,
                )
                raise typer.Exit(1)
            print(link)
