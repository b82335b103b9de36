"""Translates between platforms and the desk. To add a chat platform, add a folder and list its object here."""

from bot.intake.platform import Platform
from bot.platforms.discord.platform import Discord
from bot.platforms.slack.platform import Slack

PLATFORMS: tuple[Platform, ...] = (Slack(), Discord())
