"""The choices that forms, completions, and help offer."""

from collections.abc import Callable

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.views import Option


def stage_options(_organisation: Organisation) -> tuple[Option, ...]:
    """The stages an update may have, and no change."""
    stages = [s for s in Stage if s is not Stage.DECLARED]
    return (*(Option(s.value, s.label) for s in stages), Option(UpdateKind.NO_CHANGE.value, "No change"))


def severity_options(_organisation: Organisation) -> tuple[Option, ...]:
    """SEV1 to SEV4, and what each means."""
    return tuple(Option(s.value, f"{s.value}: {s.meaning}") for s in Severity)


def impact_options() -> tuple[Option, ...]:
    """The impacts that a component may have."""
    return tuple(Option(impact.word, impact.label) for impact in Impact)


def component_options(organisation: Organisation) -> tuple[Option, ...]:
    """The components, by key."""
    return tuple(Option(c.key, c.name) for c in organisation.components)


def audience_options(_organisation: Organisation) -> tuple[Option, ...]:
    """The audiences."""
    return tuple(Option(a.value, a.value.capitalize()) for a in Audience)


def left_out_options(organisation: Organisation) -> tuple[Option, ...]:
    """The audiences that need not have a text."""
    return tuple(option for option in audience_options(organisation) if option.value != Audience.CUSTOMERS)


def person_options(organisation: Organisation) -> tuple[Option, ...]:
    """The people of the configuration, by handle."""
    return tuple(Option(p.handle, p.name) for p in organisation.people)


def options(**words: str) -> Callable[[Organisation], tuple[Option, ...]]:
    """`options(every="A message each")`."""
    return lambda _organisation: tuple(Option(value, label) for value, label in words.items())
