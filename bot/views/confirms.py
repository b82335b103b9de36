"""The questions that are asked before a button takes effect, by the verb of the button."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Confirm:
    """A question and its two answers."""

    title: str
    text: str
    yes: str
    no: str


CONFIRMS = {
    "discard": Confirm("Discard this draft?", "Nothing is sent. The text stays in the timeline.", "Discard", "Keep it"),
    "reopen": Confirm(
        "Reopen this incident?",
        "Foghorn drafts an update. The status page shows the incident as open again once it is published.",
        "Reopen",
        "Keep it resolved",
    ),
    "unsubscribe": Confirm(
        "Unsubscribe this channel?",
        "It gets no more updates, including those of open incidents.",
        "Unsubscribe",
        "Keep it",
    ),
    "declare!": Confirm(
        "Declare a second incident?",
        "Customers would see two incidents. If they turn out to be the same, merge them later.",
        "Declare",
        "Go back",
    ),
}
