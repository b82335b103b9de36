"""Policy: whether a draft may be published now, by whom, and what is missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.facts import Kind
from bot.domain.lifecycle import Move, Stage
from bot.domain.lint.findings import Finding, Weight
from bot.domain.organisation import ApprovalPolicy
from bot.domain.people import Group, Person
from bot.domain.severity import Severity
from bot.domain.updates import Approval, Update


@dataclass(frozen=True)
class Needs:
    """What a draft needs besides its author."""

    approvers: int  # people whose approval counts, see `counting`
    security: bool  # one approver marked `security` besides

    @property
    def anybody(self) -> bool:
        """Whether anybody has to agree at all."""
        return self.approvers > 0 or self.security


def needs(
    update: Update, *, severity: Severity, edited: bool, findings: Sequence[Finding], policy: ApprovalPolicy
) -> Needs:
    """Who has to agree. Corrections, going back and cancelling count as their severity."""
    wanted = int(getattr(policy, severity.value))
    first_words = update.move is Move.FIRST and update.stage is Stage.INVESTIGATING and update.kind is Kind.STAGE
    if first_words and not edited:
        wanted = min(wanted, policy.first_investigating)
    elif update.kind is Kind.NO_CHANGE and not edited:
        wanted = min(wanted, policy.no_change)
    elif update.move in (Move.BACK, Move.REOPENED):
        wanted = max(wanted, 1)
    return Needs(wanted, any(finding.approver == Group.SECURITY for finding in findings))


def deciding(severities: Collection[Severity], policy: ApprovalPolicy) -> Severity:
    """Of the severities that an update is about, the one that needs the most approvers; of equals the worst."""
    return max(severities, key=lambda severity: (int(getattr(policy, severity.value)), -severity.number))


def counting(
    wanted: int, approvers: Sequence[Person], authors: Collection[str], named: Collection[str]
) -> tuple[int, list[Person]]:
    """How many approvers are needed, and whose approval counts: those who wrote none of the words.

    Where too few are left, everyone counts and one more is needed, so that nobody's words leave on their own yes.
    `named` are the authors whom foghorn.toml names. Without one, an account that could be an approver's own wrote it
    all: one more is needed, so that two named people stand behind the words.
    """
    others = [person for person in approvers if person.id not in authors]
    if not wanted:
        return 0, others
    if len(others) < wanted < len(approvers):
        return wanted + 1, list(approvers)
    return (wanted if named else wanted + 1), others


def valid(approvals: Sequence[Approval], update: Update, now: datetime) -> list[Approval]:
    """The approvals of this revision that have not expired."""
    return [a for a in approvals if a.revision == update.revision and a.expires_at > now]


def missing(wanted: Needs, approvers: Collection[Person], authors: Collection[str] = ()) -> Needs:
    """What is still missing, given the people whose approval counts; for security, an author's never does."""
    security = [person for person in approvers if person.belongs(Group.SECURITY) and person.id not in authors]
    left_security = wanted.security and not security
    # "one approver marked security besides": the security approver does not also count as the second pair of eyes
    counted = len(approvers) - (1 if wanted.security and security else 0)
    return Needs(max(0, wanted.approvers - counted), left_security)


def blockers(findings: Sequence[Finding]) -> list[Finding]:
    """What stops publication."""
    return [finding for finding in findings if finding.weight is Weight.BLOCKER]
