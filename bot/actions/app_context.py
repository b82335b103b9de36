"""What actions need besides the transaction: organization, templates, links, and platforms."""

from dataclasses import dataclass

from bot.domain.history import IncidentHistory
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.templating import Templates


@dataclass(frozen=True)
class AppContext:
    """Created once by `main`."""

    organisation: Organisation
    templates: Templates
    public_url: str
    platforms: tuple[str, ...] = ("local",)
    """The active platforms. A delivery to any other platform would wait forever."""
    room_platforms: tuple[str, ...] = ()
    """The platforms on which an incident gets its own room."""
    thread_platforms: tuple[str, ...] = ()
    """Of these, the ones on which a message of the room can have a thread."""

    picture_platforms: tuple[str, ...] = ()
    """The platforms that show the picture of an incident."""

    assistant: bool = False
    """Whether an assistant is configured, so that reviews offer suggestions."""

    feed_authority: str = ""
    """The host in the IDs of feed entries, kept from the first public address; empty: that of `public_url`."""

    def link(self, incident: Incident | IncidentHistory) -> str:
        """The public page of an incident."""
        return f"{self.public_url}/incidents/{incident.key}"
