"""The settings of a subscription in words."""

from bot.domain.organisation import Organisation
from bot.domain.subscriptions import Mode, Settings

MODES = {
    Mode.EVERY: "a message for each update",
    Mode.CURRENT: "one message kept current",
    Mode.THREAD: "a headline and a thread",
}


def settings_by_name(organisation: Organisation, wanted: Settings) -> dict[str, str]:
    """What a subscription receives, in words, by setting."""
    return {
        "audience": wanted.audience.value,
        "components": ", ".join(c.name for c in organisation.named(wanted.components)) or "every component",
        "severity": f"{wanted.minimum.value} and worse",
        "mode": MODES[wanted.mode],
        "language": wanted.language,
    }


def settings_words(organisation: Organisation, wanted: Settings) -> str:
    """For example “customers, every component, SEV4 and worse, a message for each update, en.”."""
    return ", ".join(settings_by_name(organisation, wanted).values()) + "."
