"""What the console shows of local channels: delivered messages, as the subscribers of a channel see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.deliveries import Delivery, DeliveryState, Operation
from bot.domain.destinations import Destination
from bot.domain.organisation import ChannelConfig
from bot.errors import UnknownChannel
from bot.reading.context import ReadContext
from bot.reading.pages import Frame, frame
from bot.reading.posts import post_of
from bot.reading.subscriptions import settings_sentence
from bot.store import deliveries, subscriptions
from bot.views import Post, Sentence, say

MESSAGES = 100  # deliveries that the page of a channel shows


@dataclass(frozen=True)
class ChannelMessage:
    """One message with its current text, and its thread."""

    id: str
    at: datetime
    edited_at: datetime | None
    post: Post
    replies: tuple["ChannelMessage", ...] = ()


@dataclass(frozen=True)
class ChannelLine:
    """One channel of the configuration. Without settings, it is not subscribed."""

    name: str
    settings: Sentence | None
    last: datetime | None


@dataclass(frozen=True)
class ChannelsPage:
    """All local channels."""

    frame: Frame
    channels: tuple[ChannelLine, ...]


@dataclass(frozen=True)
class ChannelPage:
    """One channel, newest message first."""

    frame: Frame
    channel: ChannelLine
    messages: tuple[ChannelMessage, ...]


def channels_page(ctx: ReadContext) -> ChannelsPage:
    """The channels of foghorn.toml."""
    return ChannelsPage(frame(ctx), tuple(_line(ctx, channel) for channel in ctx.app.organisation.channels))


def channel(name: str) -> Callable[[ReadContext], ChannelPage]:
    """One channel by its name, without `#`. Raises UnknownChannel."""

    def read(ctx: ReadContext) -> ChannelPage:
        known = {each.name: each for each in ctx.app.organisation.channels}
        found = known.get(f"#{name}")
        if found is None:
            raise UnknownChannel(typed=f"#{name}", known=", ".join(known) or "none; foghorn.toml names them")
        rows = [row for row in _rows(ctx, found, MESSAGES) if row.state is DeliveryState.SENT]
        return ChannelPage(frame(ctx), _line(ctx, found), messages(ctx, rows))

    return read


def messages(ctx: ReadContext, rows: Sequence[Delivery]) -> tuple[ChannelMessage, ...]:
    """Delivered rows, oldest first, combined as a reader sees them: edits in place, replies below."""
    edits = {row.target: row for row in rows if row.operation is Operation.EDIT}
    ids = {row.id for row in rows}
    below: dict[str, list[ChannelMessage]] = {}
    above: list[ChannelMessage] = []
    for row in rows:
        post = post_of(ctx.tx, ctx.app, edits.get(row.id, row)) if row.operation is not Operation.EDIT else None
        if post is None:
            continue
        edit = edits.get(row.id)
        message = ChannelMessage(row.id, row.sent_at or row.created_at, edit.sent_at if edit else None, post)
        answers = row.operation is Operation.REPLY and row.target in ids
        (below.setdefault(row.target or "", []) if answers else above).append(message)
    return tuple(
        ChannelMessage(each.id, each.at, each.edited_at, each.post, tuple(below.get(each.id, ())))
        for each in reversed(above)
    )


def _line(ctx: ReadContext, channel: ChannelConfig) -> ChannelLine:
    row = subscriptions.find_subscription(ctx.tx, Destination("local", channel.name))
    last = _rows(ctx, channel, 1)
    at = last[-1].sent_at if last else None
    settings = (
        say("{settings}", settings=settings_sentence(ctx.app.organisation, row.settings))
        if row and row.active
        else None
    )
    return ChannelLine(channel.name, settings, at)


def _rows(ctx: ReadContext, channel: ChannelConfig, limit: int) -> Sequence[Delivery]:
    return deliveries.of_destination(ctx.tx, Destination("local", channel.name), limit=limit)
