"""The catalogue as one native command with four families. `PATHS` is where each verb stands and what it offers to type.

Limits: docs.discord.com, "Application Commands": 25 options a level, 25 choices, 8,000 characters a command.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.commands import catalog

Json = dict[str, Any]
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, CHANNEL = 1, 2, 3, 4, 5, 7
CHAT, MESSAGE = 1, 3
IN_SERVERS = 0  # interaction context type GUILD
WRITABLE = [0, 5]  # channel types: text and announcement
TO_TIMELINE = "Add to incident timeline"
DESCRIPTION = 100

FAMILIES = {
    "draft": "Act on the open draft",
    "subscription": "Which channels get updates",
    "nudge": "Reminders before a promised update",
    "record": "What happened, kept for good",
}
SEVERITIES = tuple((f"SEV{number}", number) for number in range(1, 5))
MODES = (("Headline and thread", "thread"), ("One message kept current", "current"), ("A message each", "every"))


@dataclass(frozen=True)
class Offered:
    """One option: `field` is the catalogue's, `suggests` what autocomplete is asked for."""

    name: str
    field: str
    about: str
    kind: int = STRING
    required: bool = False
    suggests: str = ""
    choices: tuple[tuple[str, str | int], ...] = ()
    longest: int = 0
    between: tuple[int, int] | None = None

    def as_json(self) -> Json:
        """For Discord."""
        found: Json = {"name": self.name, "description": self.about[:DESCRIPTION], "type": self.kind}
        if self.required:
            found["required"] = True
        if self.suggests:
            found["autocomplete"] = True
        if self.choices:
            found["choices"] = [{"name": name, "value": value} for name, value in self.choices]
        if self.longest:
            found["max_length"] = self.longest
        if self.between:
            found["min_value"], found["max_value"] = self.between
        if self.kind == CHANNEL:
            found["channel_types"] = WRITABLE
        return found


@dataclass(frozen=True)
class Leaf:
    """Where a verb stands; `fixed` is typed by the place itself: `nudge off`."""

    verb: str
    about: str
    options: tuple[Offered, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)


INCIDENT = Offered("incident", "incident", "Which incident; empty in its room", suggests="incident")
ON = Offered("on", "impacts", "Components and impact, such as chatgpt=major,api=partial", suggests="impacts")
PERSON = Offered("person", "person", "Whom", required=True, suggests="person")
AUDIENCE = Offered("audience", "audience", "Whose words", suggests="audience")
UPDATE = Offered("update", "number", "Which update; the last if empty", suggests="update")

PATHS: dict[tuple[str, ...], Leaf] = {
    ("declare",): Leaf("declare", "Declare an incident; empty opens a form", (
        Offered("title", "title", "What is wrong, in a few words", longest=500),
        Offered("severity", "severity", "How urgent", INTEGER, choices=SEVERITIES),
        ON,
        Offered("private", "private", "Only invited people know", BOOLEAN))),
    ("list",): Leaf("list", "Open incidents"),
    ("show",): Leaf("show", "The card of an incident", (INCIDENT,)),
    ("update",): Leaf("update", "Draft what customers read next", (
        Offered("stage", "stage", "Where it stands", suggests="stage"),
        Offered("text", "message", "What is new for customers; also facts, such as since:11:44", longest=3000),
        Offered("next", "next_at", "When the next update comes, such as 30m or 13:30", suggests="next"),
        ON, INCIDENT)),
    ("draft", "publish"): Leaf("publish", "Publish it, or ask for approval", (
        Offered("alone", "alone", "Commander only: why you publish alone; kept and told to approvers", longest=500),
        INCIDENT)),
    ("draft", "approve"): Leaf("approve", "Approve and publish what somebody else wrote", (INCIDENT,)),
    ("draft", "edit"): Leaf("edit", "Change the words", (AUDIENCE, INCIDENT)),
    ("draft", "translate"): Leaf("translate", "Translate its facts into another language", (
        Offered("language", "language", "Which language", required=True, suggests="language"), INCIDENT)),
    ("draft", "discard"): Leaf("discard", "Throw it away; nothing is sent", (INCIDENT,)),
    ("correct",): Leaf("correct", "Correct a published update everywhere", (UPDATE, INCIDENT)),
    ("severity",): Leaf("severity", "Change how urgent it is", (
        Offered("level", "severity", "SEV1 to SEV4", INTEGER, required=True, choices=SEVERITIES),
        Offered("reason", "reason", "Why it is lowered; kept and told to approvers", longest=300), INCIDENT)),
    ("impact",): Leaf("impact", "Change what users feel", (
        Offered("on", "impacts", "Such as api=major,chatgpt=operational", required=True, suggests="impacts"),
        INCIDENT)),
    ("private",): Leaf("private", "Who may see it: only invited people, or everybody", (
        Offered("private", "private", "True: only people invited", BOOLEAN, required=True), INCIDENT)),
    ("invite",): Leaf("invite", "Let somebody see a private incident", (
        PERSON, Offered("remove", "remove", "True: no longer", BOOLEAN), INCIDENT)),
    ("assign",): Leaf("assign", "Give somebody a role", (
        Offered("role", "role", "Which role", required=True,
                choices=(("Commander", "commander"), ("Comms lead", "comms"), ("Scribe", "scribe"))),
        PERSON,
        Offered("reason", "reason", "Why you replace the commander; kept and told to all", longest=300), INCIDENT)),
    ("handover",): Leaf("handover", "Hand your role to somebody", (PERSON, INCIDENT)),
    ("note",): Leaf("note", "Add a line to the timeline", (
        Offered("text", "text", "What happened; for responders only", required=True, longest=3000), INCIDENT)),
    ("record", "timeline"): Leaf("timeline", "What happened so far, private", (INCIDENT,)),
    ("record", "export"): Leaf("export", "The record as a file", (
        Offered("format", "form", "Of the file", required=True,
                choices=(("Markdown", "md"), ("JSON", "json"), ("CSV", "csv"))), INCIDENT)),
    ("record", "retro"): Leaf("retro", "Draft the retrospective", (INCIDENT,)),
    ("record", "redact"): Leaf("redact", "Blank the words of an entry", (
        Offered("entry", "number", "Which entry", required=True, suggests="entry"),
        Offered("reason", "reason", "Why; this is kept", required=True, longest=300), INCIDENT)),
    ("nudge", "show"): Leaf("nudge", "What will fire, when, to whom", (INCIDENT,), {"switch": "show"}),
    ("nudge", "snooze"): Leaf("snooze", "Delay the reminder, not the promise", (
        Offered("minutes", "delay", "For how long", INTEGER, required=True, between=(1, 60)), INCIDENT)),
    ("nudge", "on"): Leaf("nudge", "Remind again", (INCIDENT,), {"switch": "on"}),
    ("nudge", "off"): Leaf("nudge", "Stop reminding; the promise stays", (INCIDENT,), {"switch": "off"}),
    ("copy",): Leaf("copy", "Current approved words, ready to paste", (
        AUDIENCE, Offered("language", "language", "Of the words", suggests="language"), INCIDENT)),
    ("subscription", "add"): Leaf("subscribe", "Send updates to a channel", (
        Offered("channel", "channel", "Which; empty: this one", CHANNEL),
        Offered("on", "components", "Components; empty: all", suggests="components"),
        Offered("min", "minimum", "Only from this severity", INTEGER, choices=SEVERITIES),
        AUDIENCE, Offered("language", "language", "Of the words", suggests="language"),
        Offered("mode", "mode", "How they arrive", choices=MODES))),
    ("subscription", "remove"): Leaf("unsubscribe", "Stop updates to a channel", (
        Offered("channel", "channel", "Which; empty: this one", CHANNEL),)),
    ("subscription", "list"): Leaf("subscriptions", "Who gets what"),
    ("deliveries",): Leaf("deliveries", "Who got which update, and retry", (INCIDENT,)),
    ("resolve",): Leaf("resolve", "Draft the closing update", (
        Offered("text", "message", "What else to say; also facts, such as data:\"No data was lost.\"", longest=3000),
        Offered("end", "end", "When the failure ended, such as 12:51", longest=40), INCIDENT)),
    ("reopen",): Leaf("reopen", "Open it again", (
        Offered("text", "message", "What is new for customers; also facts, such as since:11:44", longest=3000),
        ON, INCIDENT)),
    ("cancel",): Leaf("cancel", "Cancel a false alarm", (
        Offered("text", "message", "What happened instead, for customers who read of it", longest=600), INCIDENT)),
    ("merge",): Leaf("merge", "Join an incident declared twice", (
        Offered("other", "other", "The one that was declared twice", required=True, suggests="other"), INCIDENT)),
    ("link",): Leaf("link", "Connect your accounts on both platforms", (
        Offered("code", "code", "As shown on the other platform; empty shows you one", longest=20),)),
    ("help",): Leaf("help", "Help, and what needs you", (
        Offered("verb", "verb", "About one command", suggests="verb"),)),
}  # fmt: skip


def paths() -> dict[tuple[str, ...], Leaf]:
    """Where every verb of the catalogue stands; one that is not placed above has a place of its own name."""
    placed = {path: leaf for path, leaf in PATHS.items() if leaf.verb in catalog.COMMANDS}
    verbs = {leaf.verb for leaf in placed.values()} | {"uninvite"}  # `invite ... remove:True`
    for verb, command in catalog.COMMANDS.items():
        if verb not in verbs:
            asked = tuple(Offered(f.name, f.name, f.hint or f.label, required=f.required) for f in command.fields[:10])
            placed[(verb,)] = Leaf(verb, command.summary[:DESCRIPTION], (*asked, INCIDENT))
    return placed


def commands() -> list[Json]:
    """What Discord is told: `/incident`, and the entry in the menu of a message."""
    families: dict[str, Json] = {}
    top: list[Json] = []
    for path, leaf in paths().items():
        made = {
            "name": path[-1],
            "description": leaf.about[:DESCRIPTION],
            "type": SUBCOMMAND,
            "options": [option.as_json() for option in leaf.options],
        }
        if len(path) == 1:
            top.append(made)
            continue
        family = families.get(path[0])
        if family is None:
            about = FAMILIES.get(path[0], path[0])
            family = families[path[0]] = {"name": path[0], "description": about, "type": GROUP, "options": []}
            top.append(family)
        family["options"].append(made)
    about = "Declare, update and resolve incidents"
    return [
        {"name": "incident", "description": about, "type": CHAT, "contexts": [IN_SERVERS], "options": top},
        {"name": TO_TIMELINE, "type": MESSAGE, "contexts": [IN_SERVERS]},
    ]


def fingerprint(servers: tuple[str, ...]) -> str:
    """Changes when the commands or the servers do."""
    return hashlib.sha256(json.dumps([sorted(servers), commands()], sort_keys=True).encode()).hexdigest()
