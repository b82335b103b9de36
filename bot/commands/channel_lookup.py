"""Finds out which channel of a chat platform is meant.

The platform is asked before a command runs, outside transactions.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from bot.commands.invocation import Invocation
from bot.domain.destinations import Destination
from bot.ports import ChannelDirectory

VERBS = frozenset({"subscribe", "unsubscribe"})
Known = Callable[[Destination], Awaitable[bool]]
_REFERENCE = re.compile(r"<#(\w+)(?:\|[^>]*)?>")  # as Slack and Discord write a channel in text


async def with_channel(asked: Invocation, directories: Mapping[str, ChannelDirectory], known: Known) -> Invocation:
    """Replace `#devs`, `slack:#devs`, an ID, or nothing (the current channel) with `slack:C0123|devs`.

    `known` tells whether a destination is subscribed, and raises if the actor may not ask, so that nobody else makes
    Foghorn look up or join a channel. Raises BotError if there is no such channel or the platform does not answer.
    """
    if asked.verb not in VERBS:
        return asked
    platform, name = _typed(asked, directories)
    if platform not in directories or not name:
        return asked
    subscribed = await known(Destination(platform, name))
    if asked.verb == "unsubscribe" and subscribed:  # even if the channel is gone
        return asked.with_typed({**asked.typed, "channel": f"{platform}:{name}"})
    found = await directories[platform].find_channel(name, to_write=asked.verb == "subscribe")
    return asked.with_typed({**asked.typed, "channel": f"{platform}:{found.id}|{found.name}"})


def _typed(asked: Invocation, directories: Mapping[str, ChannelDirectory]) -> tuple[str, str]:
    """The platform, and the channel's name or ID there."""
    typed = asked.typed.get("channel", "").strip()
    if not typed:
        return asked.where.platform, asked.where.channel
    platform, colon, rest = typed.partition(":")
    if not colon or platform not in ("local", "webhook", *directories):
        platform, rest = asked.where.platform, typed
    reference = _REFERENCE.fullmatch(rest)
    return platform, reference[1] if reference else rest.partition("|")[0]
