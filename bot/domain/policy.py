"""Policy: whether a draft may be published now, by which people, and what is missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.facts import UpdateKind
from bot.domain.lifecycle import Stage, Transition
from bot.domain.lint.findings import Finding
from bot.domain.organisation import ApprovalPolicy
from bot.domain.people import Group, Person
from bot.domain.severity import Severity
from bot.domain.updates import Update


@dataclass(frozen=True)
class RequiredApprovals:
    """What a draft needs besides its author."""

    approvers: int  # people whose approval counts, see `counting`
    security: bool  # additionally one approver marked `security`

    @property
    def is_needed(self) -> bool:
        """Whether any approval is needed."""
        return self.approvers > 0 or self.security


def required_approvals(
    update: Update, *, severity: Severity, edited: bool, findings: Sequence[Finding], policy: ApprovalPolicy
) -> RequiredApprovals:
    """Whose approval is needed. Corrections, going back, and cancellations count by their severity."""
    wanted = int(getattr(policy, severity.value))
    first_words = (
        update.move is Transition.FIRST and update.stage is Stage.INVESTIGATING and update.kind is UpdateKind.STAGE
    )
    if first_words and not edited:
        wanted = min(wanted, policy.first_investigating)
    elif update.kind is UpdateKind.NO_CHANGE and not edited:
        wanted = min(wanted, policy.no_change)
    elif update.move in (Transition.BACK, Transition.REOPENED):
        wanted = max(wanted, 1)
    return RequiredApprovals(wanted, any(finding.approver == Group.SECURITY for finding in findings))


def deciding_severity(severities: Collection[Severity], policy: ApprovalPolicy) -> Severity:
    """Of an update's severities, the one that needs the most approvers; of equals, the worst."""
    return max(severities, key=lambda severity: (int(getattr(policy, severity.value)), -severity.number))


def counted_approvers(
    wanted: int, approvers: Sequence[Person], authors: Collection[str], named: Collection[str]
) -> tuple[int, list[Person]]:
    """How many approvers are needed, and whose approval counts: those who wrote none of the text.

    If too few are left, every approver counts and one more is needed, so that no one publishes their own words on their
    own approval. `named` are the authors in foghorn.toml. Without any, an account that might be an approver's own wrote
    everything, so one more is needed and two named people confirm the text.
    """
    others = [person for person in approvers if person.id not in authors]
    if not wanted:
        return 0, others
    if len(others) < wanted < len(approvers):
        return wanted + 1, list(approvers)
    return (wanted if named else wanted + 1), others


def missing_approvals(
    wanted: RequiredApprovals, approvers: Collection[Person], authors: Collection[str] = ()
) -> RequiredApprovals:
    """What is still missing, given the people whose approval counts. Authors never count for security."""
    security = [person for person in approvers if person.belongs(Group.SECURITY) and person.id not in authors]
    left_security = wanted.security and not security
    # “additionally one approver marked security”: the security approver does not count as the second person
    counted = len(approvers) - (1 if wanted.security and security else 0)
    return RequiredApprovals(max(0, wanted.approvers - counted), left_security)
