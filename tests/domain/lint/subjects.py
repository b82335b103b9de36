"""Texts for the lint: the escalation of the reference incident unless a test says otherwise."""

from typing import Any

from bot.domain.audiences import Audience
from bot.domain.facts import Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.lint import Finding, Subject, lint
from bot.domain.organisation import LintLists, Organisation
from bot.domain.severity import Severity
from tests.reference import ALL_FOUR, LINK, ORGANISATION, TITLE, WELL, et

PROMISE = "Next update by 11:59 ET (15:59 UTC)."
FAILING = "Since 11:44 ET (15:44 UTC), ChatGPT has been failing worldwide: requests return errors."
RESOLVED: dict[str, Any] = {"stage": Stage.RESOLVED, "promise_at": None, "impacts": WELL, "now": et("14:03")}
SMALL: dict[str, Any] = {"severity": Severity.SEV3}


def subject(body: str = f"{FAILING} {PROMISE}", **changes: Any) -> Subject:
    """A text for customers at 11:44, promising 11:59."""
    values: dict[str, Any] = {
        "audience": Audience.CUSTOMERS,
        "language": "en",
        "title": TITLE,
        "body": body,
        "stage": Stage.INVESTIGATING,
        "kind": UpdateKind.STAGE,
        "severity": Severity.SEV1,
        "first": False,
        "impacts": ALL_FOUR,
        "facts": Facts(),
        "now": et("11:44"),
        "promise_at": et("11:59"),
        "link": LINK,
    }
    return Subject(**{**values, **changes})


def organisation(**lists: Any) -> Organisation:
    """The reference organisation with these lint lists."""
    return ORGANISATION.model_copy(update={"lint": LintLists(**lists)})


def found(rule: str, body: str, organisation: Organisation = ORGANISATION, **changes: Any) -> list[Finding]:
    """What one rule finds."""
    return [finding for finding in lint(subject(body, **changes), organisation) if finding.rule == rule]


def words(rule: str, body: str, organisation: Organisation = ORGANISATION, **changes: Any) -> list[str]:
    """The words one rule finds."""
    return [finding.words for finding in found(rule, body, organisation, **changes)]
