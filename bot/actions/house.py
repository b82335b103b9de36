"""What actions need besides the transaction: organisation, templates, the address in links, the platforms' limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.lint.findings import Finding, Subject
from bot.domain.organisation import Organisation
from bot.templating import Templates


@dataclass(frozen=True)
class House:
    """Made once by `main`."""

    organisation: Organisation
    templates: Templates
    public_url: str
    check: Callable[[Subject], Sequence[Finding]] = lambda _subject: ()
    """What of a text would not survive the platforms in use."""
    platforms: tuple[str, ...] = ("local",)
    """The platforms that are on: a delivery to any other would wait for ever."""
    room_platforms: tuple[str, ...] = ()
    """Those of them on which an incident gets a room of its own."""

    assistant: bool = False
    """Whether an assistant is set up, so that a review offers suggestions."""

    def link(self, incident: Incident) -> str:
        """The public page of an incident."""
        return f"{self.public_url}/incidents/{incident.key}"
