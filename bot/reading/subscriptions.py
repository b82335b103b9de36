"""Destinations and their settings in words."""

from collections.abc import Callable

from bot.domain.deliveries import OURS
from bot.domain.destinations import Destination
from bot.domain.organisation import Organisation
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.domain.times import parsed
from bot.store import subscriptions
from bot.store.transaction import Transaction
from bot.views import RoomName

MODES = {
    Mode.EVERY: "a message for each update",
    Mode.CURRENT: "one message kept current",
    Mode.THREAD: "a headline and a thread",
}

SENTENCES = {
    Mode.EVERY: "Each update is a new message.",
    Mode.CURRENT: "One message is kept current.",
    Mode.THREAD: "A headline is kept current, and each update is a reply to it.",
}


def settings_by_name(organisation: Organisation, wanted: SubscriptionSettings) -> dict[str, str]:
    """What a subscription receives, in words, by setting."""
    return {
        "audience": wanted.audience.value,
        "components": ", ".join(_component_words(organisation, wanted)) or "every component",
        "severity": f"{wanted.minimum.value} and worse",
        "mode": MODES[wanted.mode],
        "language": wanted.language,
    }


def _component_words(organisation: Organisation, wanted: SubscriptionSettings) -> list[str]:
    here = {component.key for component in organisation.components}
    return [c.name if c.key in here else f"{c.name} (removed)" for c in organisation.named(wanted.components)]


def settings_sentence(organisation: Organisation, wanted: SubscriptionSettings) -> str:
    """For example “Updates for customers about every component, SEV4 and worse, in English. Each is a new message.”."""
    words = settings_by_name(organisation, wanted)
    language = parsed(wanted.language).get_display_name("en")
    about = f"{words['audience']} about {words['components']}, {words['severity']}, in {language}"
    return f"Updates for {about}. {SENTENCES[wanted.mode]}"


def settings_words(organisation: Organisation, wanted: SubscriptionSettings) -> str:
    """For example “customers, every component, SEV4 and worse, a message for each update, en.”."""
    return ", ".join(settings_by_name(organisation, wanted).values()) + "."


def destination_names(tx: Transaction, console: str = "") -> Callable[[Destination], str | RoomName]:
    """Names destinations as people know them: a channel of a platform is a link there and a name elsewhere.

    `console` follows the names of the console's own channels, where others stand beside them.
    """
    known = {row.destination: row.name for row in subscriptions.every_subscription(tx)}

    def name(destination: Destination) -> str | RoomName:
        platform, there = destination.platform, destination.place
        if platform in OURS:
            return f"webhook {there}" if platform == "webhook" else f"{there}{console}"
        return RoomName(platform, there, known.get(destination) or there)

    return name
