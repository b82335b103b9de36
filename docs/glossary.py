"""The words of docs/reference/glossary.md. Tests hold them against the catalog of commands and the enums."""

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.deliveries import DeliveryState
from bot.domain.facts import UpdateKind
from bot.domain.incident import ClosedAs
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Weight
from bot.domain.people import Group, Role
from bot.domain.promises import PromiseState
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode
from bot.domain.updates import UpdateState

TERMS: Mapping[str, tuple[str, str]] = {
    "approval": (
        "One person's consent to exactly one revision. It expires, and it must come from someone who wrote none of it.",
        "approve ask",
    ),
    "assistant": ("An optional language model that suggests text for a draft. Off by default.", ""),
    "audience": ("Who reads a text. Each update has one text per audience and language.", ""),
    "cadence": ("How often an open incident needs an update, by severity.", ""),
    "card": ("The message in a room that always shows the incident's current state.", "show list"),
    "component": ("A service that users know by name.", ""),
    "correction": ("A short update that fixes an error in a published one.", "correct"),
    "delivery": ("One message to one destination.", "deliveries"),
    "destination": ("Where a delivery goes: a channel, a webhook, a person, or a room.", ""),
    "draft": ("An update that is not published yet. An incident has at most one.", "edit update discard"),
    "drill": ("A rehearsed incident that cannot reach customers.", ""),
    "fact": ("One thing a person types for an update, such as `sees:` or `since:`. Facts stay until they change.", ""),
    "finding": ("One result of the lint: the words, the reason, and what to write instead.", ""),
    "impact": ("What users of a component experience. Publishing makes it public.", "impact"),
    "incident": ("An event that affects users, or may affect them. Its number is `INC-42`.",
                 "declare cancel reopen merge"),
    "kind": ("What an update is for.", ""),
    "lint": ("The rules that check every text before it is published.", ""),
    "macro": ("The published text for support staff to copy, with its age.", "copy"),
    "messenger": ("The code that delivers messages on one platform.", ""),
    "outbox": ("The table of deliveries that wait to be sent.", ""),
    "person": ("Someone Foghorn knows. One person can have an account on several platforms.", "link"),
    "platform": ("Where people use Foghorn or receive updates: Slack, Discord, the console, local channels, and "
                 "webhooks.", ""),
    "private incident": ("An incident that only invited people can see. It cannot be published.",
                         "private invite uninvite"),
    "promise": ("“Next update by 12:27 PM”: the time of the next update that was published.", "nudge"),
    "record": ("Everything that happened, in order. It is append-only; the timeline shows it.",
               "timeline note redact export retro"),
    "reminder": ("A message that an update is due soon, due, or overdue. In the code and the command: nudge.",
                 "snooze"),
    "revision": ("A version of a draft. Every change makes a new one.", ""),
    "role": ("What a person does in an incident.", "assign handover"),
    "room": ("The channel or thread where responders work on one incident.", ""),
    "severity": ("How urgent an incident is for the team. It decides cadence and approval.", "severity"),
    "stage": ("Where an incident stands for customers. It changes only by publishing.", "resolve"),
    "subscription": ("What a destination receives: components, minimum severity, audience, language, and mode.",
                     "subscribe unsubscribe subscriptions"),
    "template": ("The sentences of a text. The rest comes from facts and `words.toml`.", ""),
    "tick": ("Once a second, Foghorn looks at what is due.", ""),
    "translation": ("What people type for an update in another language.", "translate"),
    "update": ("One message about an incident, with a text per audience and language.", "publish"),
    "view": ("The content of a reply or message, before a platform renders it.", "help"),
}  # fmt: skip
"""Term: its meaning, and the commands that work on it."""

VALUES: Mapping[type[StrEnum], tuple[str, Mapping[StrEnum, str]]] = {
    Stage: (
        "Stages",
        {
            Stage.DECLARED: "Responders work on it; nothing is public.",
            Stage.INVESTIGATING: "Customers know about the problem; its cause is not known.",
            Stage.IDENTIFIED: "The problem is found and being fixed.",
            Stage.FIX_IMPLEMENTED: "A fix is in place and being verified.",
            Stage.MONITORING: "The fix appears to work, and the team is watching.",
            Stage.RESOLVED: "It is over.",
        },
    ),
    Severity: (
        "Severities",
        {
            Severity.SEV1: "The most urgent.",
            Severity.SEV2: "Urgent. The default.",
            Severity.SEV3: "Limited.",
            Severity.SEV4: "Minor.",
        },
    ),
    Impact: (
        "Impacts",
        {
            Impact.OPERATIONAL: "It works.",
            Impact.MAINTENANCE: "It is limited by planned work.",
            Impact.DEGRADED: "It works, but slowly or with errors.",
            Impact.PARTIAL: "Part of it, or some users, cannot use it.",
            Impact.MAJOR: "Most users cannot use it.",
        },
    ),
    UpdateKind: (
        "Kinds of updates",
        {
            UpdateKind.STAGE: "Says where the incident stands.",
            UpdateKind.NO_CHANGE: "Says that what was published is still true.",
            UpdateKind.CORRECTION: "Fixes an error in a published update.",
            UpdateKind.CANCELLATION: "Says that a published incident was a false alarm.",
        },
    ),
    UpdateState: (
        "States of an update",
        {
            UpdateState.DRAFT: "It can be changed.",
            UpdateState.PUBLISHED: "It is public and cannot be changed, only corrected.",
            UpdateState.DISCARDED: "It was deleted before it was published.",
        },
    ),
    Audience: (
        "Audiences",
        {
            Audience.CUSTOMERS: "What the status page shows.",
            Audience.DEVELOPERS: "Users of the API.",
            Audience.ENTERPRISE: "Customers with an account team.",
            Audience.SUPPORT: "A reply for support staff to send.",
            Audience.SOCIAL: "A post of at most 280 characters.",
            Audience.INTERNAL: "Colleagues.",
        },
    ),
    PromiseState: (
        "States of a promise",
        {
            PromiseState.OPEN: "The update is still to come.",
            PromiseState.KEPT: "An update was published in time.",
            PromiseState.LATE: "An update was published after the promised minute.",
            PromiseState.SUPERSEDED: "An update about a larger incident replaced it in time.",
            PromiseState.CANCELLED: "The incident closed before anything was published.",
        },
    ),
    DeliveryState: (
        "States of a delivery",
        {
            DeliveryState.DUE: "It waits. People read “waiting”.",
            DeliveryState.SENDING: "A process is sending it. People read “being sent”.",
            DeliveryState.SENT: "It arrived.",
            DeliveryState.DEAD: "It failed for good, and the row says why. People read “failed”.",
            DeliveryState.CANCELLED: "It was no longer needed. People read “canceled”.",
        },
    ),
    Mode: (
        "Modes of a subscription",
        {
            Mode.EVERY: "One message per update.",
            Mode.CURRENT: "One message that is kept current.",
            Mode.THREAD: "A headline that is kept current, with the updates below it.",
        },
    ),
    ClosedAs: (
        "How an incident ends",
        {
            ClosedAs.RESOLVED: "It was published as resolved.",
            ClosedAs.CANCELLED: "It was a false alarm.",
            ClosedAs.MERGED: "It was a duplicate of another incident.",
        },
    ),
    Role: (
        "Roles",
        {
            Role.COMMANDER: "Leads the incident, and can publish alone.",
            Role.COMMUNICATIONS_LEAD: "Writes the updates.",
            Role.SCRIBE: "Keeps notes.",
        },
    ),
    Group: (
        "Groups",
        {
            Group.MEMBERS: "Everyone Foghorn knows, except support guests.",
            Group.SUPPORT: "Everyone Foghorn knows, including support guests, who can only copy published text.",
            Group.RESPONDERS: "Can change incidents.",
            Group.APPROVERS: "Can approve updates.",
            Group.SECURITY: "Approve what the lint marks as a security disclosure.",
            Group.ADMINISTRATORS: "Can subscribe channels, and everything responders can.",
        },
    ),
    Weight: (
        "Weights of a finding",
        {
            Weight.BLOCKER: "Stops the publication.",
            Weight.WARNING: "Does not stop it, but deserves a look.",
            Weight.NOTE: "A hint.",
        },
    ),
}
"""Enum: the heading of its table, and what each value means."""


def glossary() -> str:
    """The page, without the note of where it comes from."""
    parts = ["# Glossary\n\nThe words that Foghorn uses in its interface, its documentation, and its code."]
    rows = ["| term | meaning | commands |", "| --- | --- | --- |"]
    for term, (meaning, verbs) in TERMS.items():
        links = ", ".join(f"[`{verb}`](commands.md#{verb})" for verb in verbs.split())
        rows.append(f"| {term} | {meaning} | {links} |")
    parts.append("\n".join(rows))
    for heading, values in VALUES.values():
        rows = ["| value | meaning |", "| --- | --- |"]
        rows += [f"| {value.value} | {meaning} |" for value, meaning in values.items()]
        parts += [f"## {heading}", "\n".join(rows)]
    return "\n\n".join(parts)
