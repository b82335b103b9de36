"""The commands about who is told: subscribe, unsubscribe, subscriptions."""

from collections.abc import Sequence
from typing import Any

from bot.actions import subscriptions as actions
from bot.commands.context import Context
from bot.commands.fields import FieldMissing
from bot.domain.audiences import Audience
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, Subscription
from bot.errors import UnknownChannel, UnknownLanguage
from bot.store import subscriptions
from bot.views import Answer, Button, Form, Line, Listing, Notice, RoomName, say


def subscribe(
    ctx: Context,
    channel: str | None,
    components: Sequence[str] | None,
    minimum: Severity | None,
    audience: Audience | None,
    mode: Mode | None,
    language: str | None,
) -> Answer:
    """Send updates to a channel; whoever subscribes in the middle gets the current text at once."""
    if channel is None and not _is_in_channel(ctx):
        return _ask_channel(ctx, "subscribe")
    destination = _destination(ctx, channel)
    languages = ctx.house.organisation.languages
    if language and language not in languages:
        raise UnknownLanguage(typed=language, known=", ".join(languages))
    wanted: dict[str, Any] = {
        "audience": audience or Audience.CUSTOMERS,
        "components": list(components or ()),
        "language": language or languages[0],
        "mode": mode or Mode.EVERY,
    }
    lowest = minimum or Severity.SEV4
    row, before = actions.subscribe(
        ctx.tx,
        ctx.actor,
        destination,
        minimum=lowest,
        **wanted,
        announce=_announced(ctx, Subscription(destination=destination, minimum_severity=lowest, **wanted)),
    )
    words = (
        "{destination} was subscribed already; your change replaced it: " if before else "{destination} gets updates: "
    )
    rest, facts = settings_of(ctx, row)
    return Notice(say(words + rest, destination=_name(destination), **facts))


def _announced(ctx: Context, row: Subscription) -> str:
    """Why messages come from now on, for the members of a channel on a chat platform."""
    if row.destination.partition(":")[0] not in ("slack", "discord"):
        return ""
    words, facts = settings_of(ctx, row)
    said = words.format(**facts)
    return f"{ctx.actor.name} subscribed this channel to incident updates: {said} `/incident unsubscribe` stops them."


def unsubscribe(ctx: Context, channel: str | None) -> Answer:
    """End it, also for open incidents."""
    if channel is None and not _is_in_channel(ctx):
        return _ask_channel(ctx, "unsubscribe")
    row = actions.unsubscribe(ctx.tx, ctx.actor, _destination(ctx, channel))
    return Notice(say("{destination} gets no further updates.", destination=_name(row.destination)))


def _is_in_channel(ctx: Context) -> bool:
    """Whether it was asked in a channel of a chat platform, which is meant where none is typed."""
    return bool(ctx.where.channel) and ctx.where.platform not in ("console", "cli", "local")


def _ask_channel(ctx: Context, verb: str) -> Form:
    """Elsewhere nothing says which channel: the form, with what was typed."""
    from bot.commands import catalog  # the catalogue declares these commands

    return catalog.find(verb).form(ctx.house.organisation, ctx.typed, {"channel": FieldMissing(field="Channel")})


def subscriptions_list(ctx: Context) -> Answer:
    """Which channels get what."""
    lines = []
    for row in subscriptions.subscriptions(ctx.tx):
        rest, facts = settings_of(ctx, row)
        words = say("{destination}: " + rest, destination=_name(row.destination), **facts)
        lines.append(Line(words, (Button("Unsubscribe", "unsubscribe", row.destination.removeprefix("local:")),)))
    return Listing("Subscriptions", tuple(lines), "Nobody is subscribed. `/incident subscribe` in a channel starts it.")


def settings_of(ctx: Context, row: Subscription) -> tuple[str, dict[str, object]]:
    """What a subscription gets, in words."""
    components = ", ".join(c.name for c in ctx.house.organisation.named(row.components)) or "every component"
    modes = {
        Mode.EVERY: "a message for each update",
        Mode.CURRENT: "one message kept current",
        Mode.THREAD: "a headline and a thread",
    }
    words = "{audience}, {components}, {minimum} and worse, {mode}, {language}."
    return words, {
        "audience": row.audience.value,
        "components": components,
        "minimum": row.minimum_severity.value,
        "mode": modes[row.mode],
        "language": row.language,
    }


def _destination(ctx: Context, channel: str | None) -> str:
    """`#status` on a platform -> its destination; of nothing typed, the channel the command came from."""
    if channel is None:
        return f"{ctx.where.platform}:{ctx.where.channel}"
    platform, _, rest = channel.partition(":")
    if rest and platform in ("local", "webhook", *ctx.house.platforms):
        return _webhook(ctx, rest) if platform == "webhook" else _local(ctx, rest) if platform == "local" else channel
    if ctx.where.platform in ("slack", "discord"):
        return f"{ctx.where.platform}:{channel}"
    if any(webhook.name == channel for webhook in ctx.house.organisation.webhooks):
        return f"webhook:{channel}"
    return _local(ctx, channel)


def _local(ctx: Context, channel: str) -> str:
    known = [each.name for each in ctx.house.organisation.channels]
    wanted = channel if channel.startswith("#") else f"#{channel}"
    if wanted not in known:
        raise UnknownChannel(typed=channel, known=", ".join(known) or "none; foghorn.toml names them")
    return f"local:{wanted}"


def _webhook(ctx: Context, name: str) -> str:
    known = [each.name for each in ctx.house.organisation.webhooks]
    if name not in known:
        raise UnknownChannel(typed=name, known=", ".join(known) or "none; foghorn.toml names them")
    return f"webhook:{name}"


def _name(destination: str) -> object:
    """`local:#status` reads `#status`; a channel of a platform is a link there."""
    platform, _, there = destination.partition(":")
    return RoomName(platform, there, there) if platform in ("slack", "discord") else destination.removeprefix("local:")
