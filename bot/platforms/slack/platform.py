"""Slack, as Foghorn sees a platform."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.intake.platform import Serving
from bot.platforms.slack.config import SlackConfig, SlackSettings
from bot.ports import CheckResult
from bot.settings import Setup

if TYPE_CHECKING:
    from bot.platforms.slack.app import SlackApp
    from bot.platforms.slack.messenger import SlackMessenger


class Slack:
    """On if SLACK_BOT_TOKEN is set."""

    name = "slack"
    settings = SlackSettings
    config = SlackConfig
    off = "off; to turn it on, set SLACK_BOT_TOKEN"

    def messenger(self, setup: Setup) -> "SlackMessenger | None":
        """Delivers with the bot token."""
        settings = setup.settings.of(SlackSettings)
        if settings.slack_bot_token is None:
            return None
        from bot.platforms.slack.messenger import SlackMessenger
        from bot.platforms.slack.web import SlackWeb

        web = SlackWeb(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        return SlackMessenger(web, setup.organisation.zone, setup.organisation.section(SlackConfig).command)

    def service(self, serving: Serving) -> "SlackApp":
        """Socket Mode with an app token; otherwise HTTP requests."""
        from bot.platforms.slack.app import SlackApp
        from bot.platforms.slack.messenger import SlackMessenger
        from bot.platforms.slack.replies import SlackReplies

        settings, organisation = serving.setup.settings.of(SlackSettings), serving.setup.organisation
        console = f"{serving.setup.settings.url}/console"
        assert isinstance(serving.messenger, SlackMessenger)
        web = serving.messenger.web
        return SlackApp(
            web,
            serving.desk,
            serving.inbox,
            SlackReplies(web, organisation.zone, console, organisation.section(SlackConfig).command),
            serving.reading,
            share=partial(serving.leases.share, self.name),
            app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
            signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        )

    async def examine(self, setup: Setup, channels: Sequence[str]) -> Sequence[CheckResult]:
        """Tokens, scopes, channels, and user groups."""
        from bot.platforms.slack.doctor import examine

        messenger, settings = self.messenger(setup), setup.settings.of(SlackSettings)
        assert messenger is not None
        app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
        http = settings.slack_signing_secret is not None
        groups = setup.organisation.section(SlackConfig).groups
        try:
            return await examine(messenger.web, app_token=app_token, http=http, channels=channels, groups=groups)
        finally:
            await messenger.web.close()

    def commands(self, app: typer.Typer, setup: Callable[[], Setup]) -> None:
        """`foghorn slack manifest`."""

        @app.command("manifest")
        def manifest(
            socket: Annotated[bool, typer.Option("--socket", help="Use Socket Mode. This is the default.")] = False,
            http: Annotated[
                str, typer.Option("--http", metavar="URL", help="Use HTTP. URL is the public address of this Foghorn.")
            ] = "",
        ) -> None:
            """Print the app manifest to paste at api.slack.com/apps."""
            if (socket and http) or (http and not http.startswith("https://")):
                print("Use --socket, or --http with an address that starts with https://.", file=sys.stderr)
                raise typer.Exit(2)
            from bot.platforms.slack.manifest import manifest

            address = f"{http.rstrip('/').removesuffix('/slack/events')}/slack/events" if http else ""
            made = manifest(setup().organisation.section(SlackConfig).command, http_url=address)
            print(json.dumps(made, indent=2, ensure_ascii=False))
