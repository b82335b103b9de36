"""Commands about subscriptions: subscribe, unsubscribe, and subscriptions."""

import re
from collections.abc import Sequence

from bot.actions import subscriptions as actions
from bot.commands import choices, fields
from bot.commands import shared_fields as shared
from bot.commands.command import Confirm, IncidentScope, command, find
from bot.commands.context import Context
from bot.commands.fields import Field, FieldMissing
from bot.commands.parameters import MODES, SEVERITIES, Kind, Parameter, Subcommand
from bot.domain.audiences import Audience
from bot.domain.deliveries import OURS
from bot.domain.destinations import Destination
from bot.domain.people import Group
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.errors import Conflict, NoSuchChannel, UnknownChannel, UnknownLanguage
from bot.reading.subscriptions import destination_names, settings_by_name, settings_words
from bot.store import incidents, subscriptions
from bot.views import Answer, Button, Form, Line, Listing, Notice, RoomName, say

COMPONENTS = Field("components", "Components", fields.components, keys=("on",), options=choices.component_options,
    many=True, hint="Empty: all components", limit=500,
    parameter=Parameter("Which components; leave empty for all", "on", completes="components"))  # fmt: skip
MINIMUM = Field("minimum", "Minimum severity", fields.severity, keys=("min",), options=choices.severity_options,
    limit=5, parameter=Parameter("Minimum severity", "min", Kind.NUMBER, choices=SEVERITIES))  # fmt: skip
AUDIENCE_KEY = Field("audience", "Audience", fields.audience, options=choices.audience_options, limit=20,
    parameter=Parameter("For which audience", completes="audience"))  # fmt: skip
MODE = Field(
    "mode",
    "How",
    fields.mode,
    limit=10,
    options=choices.options(
        every="A message for each update", current="One message kept current", thread="A headline and a thread"
    ),
    parameter=Parameter("How updates are posted", choices=MODES),
)


_AN_ID = re.compile(r"[A-Z0-9]+")  # IDs of chat platforms; channel names are lower case there


@command(
    "subscribe",
    "Sends updates to a channel.",
    "/incident subscribe #status on:api,codex audience:developers mode:thread",
    (shared.CHANNEL, COMPONENTS, MINIMUM, AUDIENCE_KEY, MODE, shared.LANGUAGE),
    who_may=Group.ADMINISTRATORS,
    incident=IncidentScope.NONE,
    group="subscription",
    title="Subscribe a channel",
    submit="Subscribe",
    by_channel_managers=True,
    subcommands=(Subcommand("Send updates to a channel", "add"),),
    parameters=(shared.CHANNEL, COMPONENTS, MINIMUM, AUDIENCE_KEY, shared.LANGUAGE, MODE),
    essential=("channel", "components", "mode", "audience", "minimum"),
)
def subscribe(
    ctx: Context,
    channel: str | None,
    components: Sequence[str] | None,
    minimum: Severity | None,
    audience: Audience | None,
    mode: Mode | None,
    language: str | None,
) -> Answer:
    """Send updates to a channel. A new subscriber during an incident gets the current text at once."""
    if channel is None and not _is_in_channel(ctx):
        return _ask_channel(ctx, "subscribe")
    destination, name = _destination(ctx, channel)
    _check_can_be_subscribed(ctx, destination, name)
    languages = ctx.app.organisation.languages
    if language and language not in languages:
        raise UnknownLanguage(typed=language, known=", ".join(languages))
    wanted = SubscriptionSettings(
        audience or Audience.CUSTOMERS,
        tuple(components or ()),
        minimum or Severity.SEV4,
        mode or Mode.EVERY,
        language or languages[0],
    )
    row, before = actions.subscribe(
        ctx.tx,
        ctx.actor,
        destination,
        wanted,
        name=name,
        announce=lambda before: _announced(ctx, destination, wanted, before),
    )
    words, settings = "{destination} gets updates: {settings}", settings_words(ctx.app.organisation, wanted)
    if before == wanted:
        words = "{destination} is already subscribed with these settings: {settings}"
    elif before is not None:
        words = "{destination} was already subscribed. Changed: {settings}"
        settings = f"{_changes(ctx, before, wanted)}."
    return Notice(say(words, destination=destination_names(ctx.tx)(row.destination), settings=settings))


def _announced(
    ctx: Context, destination: Destination, wanted: SubscriptionSettings, before: SubscriptionSettings | None
) -> str:
    """What members of a chat channel are told when updates start or change there."""
    if destination.platform in OURS or before == wanted:
        return ""
    stops = "`/incident unsubscribe` stops them."
    if before is not None:
        return f"{ctx.actor.name} changed the incident updates here: {_changes(ctx, before, wanted)}. {stops}"
    settings = settings_words(ctx.app.organisation, wanted)
    return f"{ctx.actor.name} subscribed this channel to incident updates: {settings} {stops}"


@command(
    "unsubscribe",
    "Stops sending updates to a channel.",
    "/incident unsubscribe #partners",
    (shared.CHANNEL,),
    who_may=Group.ADMINISTRATORS,
    incident=IncidentScope.NONE,
    group="subscription",
    by_channel_managers=True,
    confirm=Confirm(
        "Unsubscribe this channel?",
        "It gets no more updates, including those of open incidents.",
        "Unsubscribe",
        "Keep it",
    ),
    subcommands=(Subcommand("Stop sending updates to a channel", "remove"),),
)
def unsubscribe(ctx: Context, channel: str | None) -> Answer:
    """End a subscription, also for open incidents."""
    if channel is None and not _is_in_channel(ctx):
        return _ask_channel(ctx, "unsubscribe")
    row = actions.unsubscribe(ctx.tx, ctx.actor, _destination(ctx, channel)[0])
    return Notice(say("{destination} gets no further updates.", destination=destination_names(ctx.tx)(row.destination)))


def _is_in_channel(ctx: Context) -> bool:
    """Whether the command was typed in a chat channel, which is then the default."""
    return bool(ctx.where.channel) and ctx.where.platform not in ("console", "cli", "local")


def _ask_channel(ctx: Context, verb: str) -> Form:
    """If the place names no channel: the form, with what was typed."""
    return find(verb).form(ctx.app.organisation, ctx.typed, {"channel": FieldMissing(field="Channel")})


@command(
    "subscriptions",
    "Shows which channels receive updates.",
    "/incident subscriptions",
    doing="see the subscriptions",
    writes=False,
    who_may=Group.MEMBERS,
    incident=IncidentScope.NONE,
    group="subscription",
    subcommands=(Subcommand("List the channels that get updates", "list"),),
)
def subscriptions_list(ctx: Context) -> Listing:
    """Which channels receive what."""
    lines = []
    for row in subscriptions.subscriptions(ctx.tx):
        words = say(
            "{destination}: {settings}",
            destination=destination_names(ctx.tx)(row.destination),
            settings=settings_words(ctx.app.organisation, row.settings),
        )
        typed = row.destination.place if row.destination.platform == "local" else str(row.destination)
        lines.append(Line(words, (Button("Unsubscribe", "unsubscribe", typed),)))
    return Listing(
        "Subscriptions", tuple(lines), "No channel is subscribed. To subscribe one, type `/incident subscribe` in it."
    )


def _changes(ctx: Context, before: SubscriptionSettings, after: SubscriptionSettings) -> str:
    """`audience: customers → developers; language: en → de`."""
    old, new = (settings_by_name(ctx.app.organisation, each) for each in (before, after))
    return "; ".join(f"{name}: {old[name]} → {new[name]}" for name in new if old[name] != new[name])


def _check_can_be_subscribed(ctx: Context, destination: Destination, name: str) -> None:
    """Raise NoSuchChannel if the channel was not found, Conflict if it is used for internal messages."""
    platform, channel = destination.platform, destination.place
    if platform in OURS:
        return
    if not _AN_ID.fullmatch(channel):
        raise NoSuchChannel(typed=channel, platform=platform.capitalize())
    if destination in ctx.app.organisation.announce.destinations:
        raise Conflict(
            "Incidents are announced to responders in {channel}, so it cannot be subscribed. Nothing was changed. "
            "Choose another channel, or remove it from [announce] in foghorn.toml.",
            channel=RoomName(platform, channel, name or channel),
        )
    config = ctx.app.organisation.platforms.get(platform)
    room = incidents.incident_of_room(ctx.tx, platform, channel)
    if room is not None or (config and channel in config.room_channels):
        raise Conflict(
            "{channel} is where incidents are worked on, so it cannot be subscribed. Nothing was changed. Choose "
            "another channel.",
            channel=RoomName(platform, channel, name or channel),
        )


def _destination(ctx: Context, channel: str | None) -> tuple[Destination, str]:
    """A destination and, if it was looked up, the channel's name: `slack:C0123|devs`.

    Nothing typed means this channel.
    """
    if channel is None:
        return Destination(ctx.where.platform, ctx.where.channel), ""
    platform, _, rest = channel.partition(":")
    if rest and platform in ("local", "webhook", *ctx.app.platforms):
        if platform not in OURS:
            there, _, name = rest.partition("|")
            return Destination(platform, there), name
        return (_webhook(ctx, rest) if platform == "webhook" else _local(ctx, rest)), ""
    if ctx.where.platform not in OURS:
        return Destination(ctx.where.platform, channel), ""
    if any(webhook.name == channel for webhook in ctx.app.organisation.webhooks):
        return Destination("webhook", channel), ""
    return _local(ctx, channel), ""


def _local(ctx: Context, channel: str) -> Destination:
    known = [each.name for each in ctx.app.organisation.channels]
    wanted = channel if channel.startswith("#") else f"#{channel}"
    if wanted not in known:
        raise UnknownChannel(typed=channel, known=", ".join(known) or "none; foghorn.toml names them")
    return Destination("local", wanted)


def _webhook(ctx: Context, name: str) -> Destination:
    known = [each.name for each in ctx.app.organisation.webhooks]
    if name not in known:
        raise UnknownChannel(typed=name, known=", ".join(known) or "none; foghorn.toml names them")
    return Destination("webhook", name)
