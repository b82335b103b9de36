"""Stages: where an incident stands for customers, and which moves are possible."""

from enum import StrEnum

from bot.errors import AlreadyResolved, NothingPublishedToResolve


class Stage(StrEnum):
    """Changes only by publishing, so that customers and the record always agree."""

    DECLARED = "declared"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    FIX_IMPLEMENTED = "fix implemented"
    MONITORING = "monitoring"
    RESOLVED = "resolved"

    @property
    def label(self) -> str:
        """How people read it."""
        return self.value.capitalize()

    @property
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


def check_transition(current: Stage, target: Stage, *, incident: str) -> Transition:
    """How `target` follows `current`.

    The first update may have any stage except resolved; forward moves may skip stages.

    Raises NothingPublishedToResolve, AlreadyResolved.
    """
    if current is Stage.DECLARED:
        if target in (Stage.RESOLVED, Stage.DECLARED):
            raise NothingPublishedToResolve(incident=incident)
        return Transition.FIRST
    if current is Stage.RESOLVED:
        if target is Stage.RESOLVED:
            raise AlreadyResolved(incident=incident)
        return Transition.REOPENED
    if target is current:
        return Transition.SAME
    return Transition.FORWARD if ORDER.index(target) > ORDER.index(current) else Transition.BACK
