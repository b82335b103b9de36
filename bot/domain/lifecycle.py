"""Stages: where an incident stands for customers, and which moves are possible."""

from enum import StrEnum
from functools import cached_property

from bot.errors import Conflict


class Stage(StrEnum):
    """Changes only by publishing, so that customers and the record always agree."""

    DECLARED = "declared"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    FIX_IMPLEMENTED = "fix implemented"
    MONITORING = "monitoring"
    RESOLVED = "resolved"

    @cached_property
    def label(self) -> str:
        """How people read it."""
        return self.value.capitalize()

    @cached_property
    def template(self) -> str:
        """The file name of its template, without the extension."""
        return self.value.replace(" ", "_")


ORDER = tuple(Stage)


class Transition(StrEnum):
    """How a stage follows the previous one. Decides about approval and wording."""

    FIRST = "first"
    SAME = "same"
    FORWARD = "forward"
    BACK = "back"
    REOPENED = "reopened"


def check_transition(current: Stage, target: Stage, *, incident: str, over: bool = False) -> Transition:
    """How `target` follows `current`.

    The first update may have any stage except resolved, unless the incident was `over` when it was declared; forward
    moves may skip stages.

    Raises Conflict.
    """
    if current is Stage.DECLARED:
        if target is Stage.DECLARED or (target is Stage.RESOLVED and not over):
            raise Conflict(
                "Nothing has been published about {incident}, so there is nothing to resolve. To close it without "
                "telling customers, use `/incident cancel`.",
                incident=incident,
            )
        return Transition.FIRST
    if current is Stage.RESOLVED:
        if target is Stage.RESOLVED:
            message = "{incident} is already resolved. To open it again, use `/incident reopen`."
            raise Conflict(message, incident=incident)
        return Transition.REOPENED
    if target is current:
        return Transition.SAME
    return Transition.FORWARD if ORDER.index(target) > ORDER.index(current) else Transition.BACK
