"""The buttons of a draft review: what its reader can do next. A primary button is never refused to that reader."""

from dataclasses import dataclass

from bot.actions.app_context import AppContext
from bot.actions.readiness import Readiness
from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.lint.findings import alone_covers
from bot.domain.people import Person, Role
from bot.domain.updates import Update
from bot.store import approvals, incidents
from bot.store.transaction import Transaction
from bot.views import Button

LABEL = 60  # characters; a longer one names nobody


@dataclass(frozen=True)
class Reader:
    """Who reads a review. In a room that is anyone, so the primary button is one that works for everyone there."""

    person: Person | None = None  # None: anyone
    publishes: bool = True  # whether they may publish, by their groups

    @property
    def may_publish(self) -> bool:
        """Whether they may publish what needs no approval."""
        return self.person is None or (self.publishes and self.person.configured)


ANYONE = Reader()


def review_buttons(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, readiness: Readiness, reader: Reader
) -> tuple[Button, ...]:
    """At most one is primary, and it stands first."""
    words = f"{incident.key} rev:{draft.revision}"
    first = () if readiness.blockers or incident.private else _next(tx, words, draft, readiness, reader)
    alone = _alone(tx, app, incident, draft, readiness, reader, words)
    offered = app.assistant and not incident.private and draft.kind is not UpdateKind.CORRECTION
    suggest = (Button("Suggest", "update", f"{incident.key} suggest:yes"),) if offered else ()
    edit = Button("Edit", "edit", words, primary=not first and not any(button.primary for button in alone))
    discard = Button("Discard", "discard", words, danger=True)
    if alone and alone[0].primary:
        return (*alone, edit, *suggest, discard)
    return (*first, edit, *alone, *suggest, discard)


def ask_button(tx: Transaction, draft: Update, words: str, readiness: Readiness) -> Button:
    """`Ask Ben for approval`; where several people may give it, a form asks whom.

    Those who were asked to approve an earlier revision are asked again without a form.
    """
    possible, again = readiness.possible_approvers, ask_again(tx, draft, readiness)
    if not again and asks_whom(readiness):
        return Button("Ask an approver", "ask", f"{words} choose:yes", primary=True)
    names = " and ".join(person.name for person in again or possible)
    label, short = (f"Ask {names} again", "Ask again") if again else (f"Ask {names} for approval", "Ask for approval")
    return Button(label if len(label) <= LABEL else short, "ask", words, primary=True)


def ask_again(tx: Transaction, draft: Update, readiness: Readiness) -> tuple[Person, ...]:
    """Who was asked to approve an earlier revision of the draft and can approve this one."""
    _revision, before = approvals.asked_before(tx, draft)
    return tuple(person for person in readiness.possible_approvers if person.id in before)


def asks_whom(readiness: Readiness) -> bool:
    """Whether there is a choice: more people can approve than have to."""
    needed = readiness.missing.approvers + readiness.missing.security
    return len(readiness.possible_approvers) > needed


def _next(tx: Transaction, words: str, draft: Update, readiness: Readiness, reader: Reader) -> tuple[Button, ...]:
    """What brings the draft to its publication, the next thing first."""
    if not readiness.missing.is_needed:
        return (Button("Publish", "publish", words, primary=True),) if reader.may_publish else ()
    if reader.person is not None and readiness.can_help(reader.person):
        return (Button("Approve", "approve", words, primary=True),)
    if not readiness.possible_approvers:
        return ()
    asked = bool(approvals.asked(tx, draft))
    ask = Button("Remind", "ask", words) if asked else ask_button(tx, draft, words, readiness)
    approve = (Button("Approve", "approve", words),) if reader.person is None else ()
    return (*approve, ask) if asked else (ask, *approve)


def _alone(
    tx: Transaction,
    app: AppContext,
    incident: Incident,
    draft: Update,
    readiness: Readiness,
    reader: Reader,
    words: str,
) -> tuple[Button, ...]:
    """Publishing alone, for the commander, where policy and findings allow it and something stands in the way."""
    commander = incidents.roles(tx, incident).get(Role.COMMANDER)
    commands = commander is not None and (reader.person is None or commander.id == reader.person.id)
    covered = all(alone_covers(finding, draft.stage) for finding in readiness.blockers)
    allowed = app.organisation.approval.alone and covered and commands and not incident.private
    if not allowed or not (readiness.blockers or readiness.missing.is_needed):
        return ()
    if reader.person is not None and (readiness.can_help(reader.person) or not reader.may_publish):
        return ()
    only_way = reader.person is not None and not readiness.blockers and not readiness.possible_approvers
    return (Button("Publish alone", "publish", f"{words} ask:yes", primary=only_way),)
