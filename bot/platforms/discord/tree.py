"""The catalog as one native command with four groups. `PATHS` places each verb and lists its options.

Limits: docs.discord.com, "Application Commands": 25 options a level, 25 choices, 8,000 characters a command.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.commands import catalog
from bot.views.notices import ABOUT

Json = dict[str, Any]
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, CHANNEL = 1, 2, 3, 4, 5, 7
CHAT, MESSAGE = 1, 3
IN_SERVERS = 0  # interaction context type GUILD
WRITABLE = [0, 5]  # channel types: text and announcement
TO_TIMELINE = "Add to incident timeline"
DESCRIPTION = 100

FAMILIES = {
    "draft": "Work on the open draft",
    "subscription": "Choose which channels get updates",
    "nudge": "Manage reminders for the next update",
    "record": "See, export, and redact the timeline",
}
SEVERITIES = tuple((f"SEV{number}", number) for number in range(1, 5))
MODES = (("Headline and thread", "thread"), ("One message, kept current", "current"), ("One message each", "every"))


@dataclass(frozen=True)
class Offered:
    """One option. `field` is the catalog's field; `suggests` is the kind of autocomplete, if any."""

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
        """In Discord's format."""
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
    """A subcommand for a verb; `fixed` holds values that the subcommand implies: `nudge off`."""

    verb: str
    about: str
    options: tuple[Offered, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)


INCIDENT = Offered("incident", "incident", "Which incident; leave empty in its room", suggests="incident")
ON = Offered("on", "impacts", "Components and their impact, such as chatgpt=major,api=partial", suggests="impacts")
PERSON = Offered("person", "person", "Who", required=True, suggests="person")
AUDIENCE = Offered("audience", "audience", "For which audience", suggests="audience")
UPDATE = Offered("update", "number", "Which update; leave empty for the latest", suggests="update")

PATHS: dict[tuple[str, ...], Leaf] = {
    ("declare",): Leaf("declare", "Declare an incident; leave empty to open a form", (
        Offered("title", "title", "What is happening, in a few words", longest=500),
        Offered("severity", "severity", "How urgent it is", INTEGER, choices=SEVERITIES),
        ON,
        Offered("private", "private", "Only invited people can see it", BOOLEAN))),
    ("list",): Leaf("list", "List open incidents"),
    ("show",): Leaf("show", "Show an incident", (INCIDENT,)),
    ("update",): Leaf("update", "Draft an update for customers", (
        Offered("stage", "stage", "The stage of the incident", suggests="stage"),
        Offered("text", "message", "What is new for customers; can include facts, such as since:11:44", longest=3000),
        Offered("next", "next_at", "When the next update is due, such as 30m or 13:30", suggests="next"),
        ON, INCIDENT)),
    ("draft", "publish"): Leaf("publish", "Publish the draft, or request approval", (
        Offered("alone", "alone", "Commander only: why you publish alone; recorded and sent to approvers", longest=500),
        INCIDENT)),
    ("draft", "approve"): Leaf("approve", "Approve and publish a draft that someone else wrote", (INCIDENT,)),
    ("draft", "edit"): Leaf("edit", "Edit the draft", (AUDIENCE, INCIDENT)),
    ("draft", "translate"): Leaf("translate", "Translate the facts into another language", (
        Offered("language", "language", "Which language", required=True, suggests="language"), INCIDENT)),
    ("draft", "discard"): Leaf("discard", "Delete the draft; nothing is sent", (INCIDENT,)),
    ("correct",): Leaf("correct", "Correct a published update everywhere", (UPDATE, INCIDENT)),
    ("severity",): Leaf("severity", "Change the severity", (
        Offered("level", "severity", "SEV1 to SEV4", INTEGER, required=True, choices=SEVERITIES),
        Offered("reason", "reason", "Why you lower it; recorded and sent to approvers", longest=300), INCIDENT)),
    ("impact",): Leaf("impact", "Change the status of a component", (
        Offered("on", "impacts", "Components and their impact, such as api=major,chatgpt=operational", required=True,
                suggests="impacts"),
        INCIDENT)),
    ("private",): Leaf("private", "Choose who can see it: everyone, or only invited people", (
        Offered("private", "private", "True: only invited people can see it", BOOLEAN, required=True), INCIDENT)),
    ("invite",): Leaf("invite", "Invite someone to a private incident", (
        PERSON, Offered("remove", "remove", "True: remove this person instead", BOOLEAN), INCIDENT)),
    ("assign",): Leaf("assign", "Give someone a role", (
        Offered("role", "role", "Which role", required=True,
                choices=(("Commander", "commander"), ("Communications lead", "comms"), ("Scribe", "scribe"))),
        PERSON,
        Offered("reason", "reason", "Why you replace the commander; recorded and announced", longest=300), INCIDENT)),
    ("handover",): Leaf("handover", "Hand over your role to someone", (PERSON, INCIDENT)),
    ("note",): Leaf("note", "Add a note to the timeline", (
        Offered("text", "text", "What happened; for responders only", required=True, longest=3000), INCIDENT)),
    ("record", "timeline"): Leaf("timeline", "Show the timeline, privately", (INCIDENT,)),
    ("record", "export"): Leaf("export", "Export the timeline as a file", (
        Offered("format", "form", "The file format", required=True,
                choices=(("Markdown", "md"), ("JSON", "json"), ("CSV", "csv"))), INCIDENT)),
    ("record", "retro"): Leaf("retro", "Draft the retrospective", (INCIDENT,)),
    ("record", "redact"): Leaf("redact", "Remove the text of a timeline entry", (
        Offered("entry", "number", "Which entry", required=True, suggests="entry"),
        Offered("reason", "reason", "Why; this is recorded", required=True, longest=300), INCIDENT)),
    ("nudge", "show"): Leaf("nudge", "Show which reminders go out, when, and to whom", (INCIDENT,), {"switch": "show"}),
    ("nudge", "snooze"): Leaf("snooze", "Snooze the reminder; the promised time stays", (
        Offered("minutes", "delay", "For how long", INTEGER, required=True, between=(1, 60)), INCIDENT)),
    ("nudge", "on"): Leaf("nudge", "Turn reminders on", (INCIDENT,), {"switch": "on"}),
    ("nudge", "off"): Leaf("nudge", "Turn reminders off; the promised time stays", (INCIDENT,), {"switch": "off"}),
    ("copy",): Leaf("copy", "Get the published text, ready to paste", (
        AUDIENCE, Offered("language", "language", "In which language", suggests="language"), INCIDENT)),
    ("subscription", "add"): Leaf("subscribe", "Send updates to a channel", (
        Offered("channel", "channel", "Which channel; leave empty for this one", CHANNEL),
        Offered("on", "components", "Which components; leave empty for all", suggests="components"),
        Offered("min", "minimum", "Minimum severity", INTEGER, choices=SEVERITIES),
        AUDIENCE, Offered("language", "language", "In which language", suggests="language"),
        Offered("mode", "mode", "How updates are posted", choices=MODES))),
    ("subscription", "remove"): Leaf("unsubscribe", "Stop sending updates to a channel", (
        Offered("channel", "channel", "Which channel; leave empty for this one", CHANNEL),)),
    ("subscription", "list"): Leaf("subscriptions", "List the channels that get updates"),
    ("deliveries",): Leaf("deliveries", "Show where updates were delivered, and retry", (INCIDENT,)),
    ("resolve",): Leaf("resolve", "Draft the closing update", (
        Offered("text", "message", "What else to say; can include facts, such as data:\"No data was lost.\"",
                longest=3000),
        Offered("end", "end", "When the impact ended, such as 12:51", longest=40), INCIDENT)),
    ("reopen",): Leaf("reopen", "Reopen a resolved incident", (
        Offered("text", "message", "What is new for customers; can include facts, such as since:11:44", longest=3000),
        ON, INCIDENT)),
    ("cancel",): Leaf("cancel", "Cancel a false alarm", (
        Offered("text", "message", "The explanation for customers, if anything was published", longest=600), INCIDENT)),
    ("merge",): Leaf("merge", "Merge a duplicate incident", (
        Offered("other", "other", "The duplicate", required=True, suggests="other"), INCIDENT)),
    ("link",): Leaf("link", "Link your accounts on two platforms", (
        Offered("code", "code", "The code shown on the other platform; leave empty to get one", longest=20),)),
    ("help",): Leaf("help", "Show help and open incidents", (
        Offered("verb", "verb", "Which command", suggests="verb"),)),
}  # fmt: skip


def paths() -> dict[tuple[str, ...], Leaf]:
    """The subcommand of every verb; a verb that is not in PATHS gets a subcommand of its own name."""
    placed = {path: leaf for path, leaf in PATHS.items() if leaf.verb in catalog.COMMANDS}
    verbs = {leaf.verb for leaf in placed.values()} | {"uninvite"}  # `invite ... remove:True`
    for verb, command in catalog.COMMANDS.items():
        if verb not in verbs:
            asked = tuple(Offered(f.name, f.name, f.hint or f.label, required=f.required) for f in command.fields[:10])
            placed[(verb,)] = Leaf(verb, command.summary[:DESCRIPTION], (*asked, INCIDENT))
    return placed


def commands() -> list[Json]:
    """The commands to register: `/incident`, and the entry in the message menu."""
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
    return [
        {"name": "incident", "description": ABOUT, "type": CHAT, "contexts": [IN_SERVERS], "options": top},
        {"name": TO_TIMELINE, "type": MESSAGE, "contexts": [IN_SERVERS]},
    ]


def fingerprint(servers: tuple[str, ...]) -> str:
    """A hash that changes with the commands or the servers."""
    return hashlib.sha256(json.dumps([sorted(servers), commands()], sort_keys=True).encode()).hexdigest()
