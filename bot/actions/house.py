"""What actions need besides the transaction: organisation, templates, the address in links, the platforms' limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.lint.findings import Finding
from bot.domain.organisation import Organisation
from bot.templating import Templates
from bot.views import Post


@dataclass(frozen=True)
class House:
    """Made once by `main`."""

    organisation: Organisation
    templates: Templates
    public_url: str
    check: Callable[[Post], Sequence[Finding]] = lambda _post: ()
    """What of a post would not survive the platforms in use."""
    platforms: tuple[str, ...] = ("local",)
    """The platforms that are on: a delivery to any other would wait for ever."""

    def link(self, incident: Incident) -> str:
        """The public page of an incident."""
        return f"{self.public_url}/incidents/{incident.key}"
