"""Every command, declared once. Each surface builds its own forms and help from these lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from bot.commands import fields, grammar, help, incidents, promises, reports, subscriptions, updates
from bot.commands.context import Context
from bot.commands.fields import Field, Reading, Takes
from bot.domain.audiences import Audience
from bot.domain.organisation import Organisation
from bot.domain.people import Group
from bot.errors import InvalidField, UnknownCommand, UnknownCommandFar
from bot.views import Answer, Form, say


class Incident(StrEnum):
    """Whether a command is about an incident: named, implied by the room, or the only open one."""

    NONE = "none"
    OPEN = "open"  # of all, only open ones are guessed; a closed one can be named
    LAST = "last"  # where nothing is open, the newest one


@dataclass(frozen=True)
class Command:
    """One verb. `handler(ctx, **values)` takes its fields by name; `prefill(ctx)` gives what its form starts from."""

    verb: str
    summary: str
    example: str
    handler: Callable[..., Answer]
    fields: tuple[Field, ...] = ()
    writes: bool = True
    who_may: Group = Group.RESPONDERS
    incident: Incident = Incident.OPEN
    group: str = ""  # the group it stands in on Discord
    title: str = ""  # of its form
    submit: str = ""
    prefill: Callable[[Context], Mapping[str, str]] | None = None
    bare_form: bool = False  # with nothing typed, ask

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields, with the incident first where there is one."""
        return self.fields if self.incident is Incident.NONE else (INCIDENT, *self.fields)

    def form(self, organisation: Organisation, typed: Mapping[str, str], problems: Mapping[str, InvalidField]) -> Form:
        """Its questions, with what was typed and what is wrong with it."""
        shown = tuple(
            field.shown(organisation, typed.get(field.name, ""), problems.get(field.name))
            for field in self.fields
            if field.asked or field.name in problems
        )
        kept = tuple((f.name, typed[f.name]) for f in self.fields if not f.asked and typed.get(f.name))
        title = self.title or self.verb.capitalize()
        return Form(self.verb, title, self.submit or title, shown, typed.get("incident", ""), kept)


def _word(typed: str, _reading: Reading) -> str:
    return typed.strip()


INCIDENT = Field("incident", "Incident", _word, Takes.MAYBE, asked=False)
REVISION = Field("revision", "Revision", fields.number, keys=("rev",), asked=False)
ON = Field("impacts", "Impact", fields.impacts, keys=("on", "impact"),
           hint="For example chatgpt=major,api=partial", limit=500)  # fmt: skip
NEXT = Field("next_at", "Next update", fields.ahead, keys=("next",), hint="For example 30m or 13:30", limit=40)
PERSON = Field("person", "Person", fields.person, Takes.WORD, required=True, options=fields.person_options, limit=80)
SURE = Field("sure", "Sure", fields.yes_no, asked=False)
CHANNEL = Field("channel", "Channel", fields.line, Takes.WORD, hint="For example #status", limit=100)
LANGUAGE = Field("language", "Language", _word, Takes.WORD, asked=False, limit=10)
AUDIENCE = Field("audience", "Audience", fields.audience, Takes.MAYBE, options=fields.audience_options, limit=20)


def _sentence(name: str, label: str, hint: str = "", keys: tuple[str, ...] = (), *, asked: bool = True) -> Field:
    return Field(name, label, fields.line, keys=keys, hint=hint, asked=asked, limit=600)


FACTS = (
    _sentence("symptom", "What users see", "pages load without end and requests return errors", ("sees",)),
    _sentence("scope", "Who is affected", "worldwide; for about half of API requests", ("who",)),
    Field("since", "Since when", fields.behind, hint="For example 11:44", limit=40),
    _sentence("workaround", "Workaround", "Reload the page, then sign in again."),
    _sentence("works", "What still works", "Signing in works.", asked=False),
    _sentence("action", "What customers must do", "Send failed requests again.", asked=False),
    _sentence("cause", "Confirmed cause", "One plain clause, only if it is confirmed.", asked=False),
    Field("fixed_at", "Fixed at", fields.behind, keys=("fixed-at", "fixed"), asked=False, limit=40),
    _sentence("watch", "What we watch", "errors and loading times", asked=False),
    _sentence("watch_for", "For how long", "an hour", ("for",), asked=False),
)
CLOSING = (
    Field(
        "ended_at", "When the failure ended", fields.behind, keys=("end", "ended"), hint="For example 12:51", limit=40
    ),
    _sentence("data", "Data", "No data was lost.", asked=True),
    _sentence("action", "What customers must do", "You do not need to do anything."),
    _sentence("harm", "We are sorry that you could not …", "work with our services"),
    Field(
        "review_by", "Review published by", fields.day, keys=("review",), hint="For example 7d or 2026-04-27", limit=20
    ),
)
WORDS = tuple(
    Field(name, name.replace("_", " ").capitalize(), fields.text, long=True, limit=3000)
    for audience in Audience
    for name in (audience.value, f"corrected_{audience.value}")
)

ALL = (
    Command(
        "declare",
        "Opens an incident, its room and a first draft.",
        "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial",
        incidents.declare,
        (
            Field(
                "title",
                "What happens",
                fields.line,
                Takes.REST,
                required=True,
                hint="For us only; customers never read it",
                limit=200,
            ),
            Field("severity", "Severity", fields.severity, keys=("sev",), options=fields.severity_options, limit=5),
            ON,
            Field(
                "private",
                "Private",
                fields.yes_no,
                hint="yes: only people invited see it",
                options=fields.options(no="No", yes="Yes"),
                limit=5,
            ),
            SURE,
        ),
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
        title="Declare an incident",
        submit="Declare",
    ),
    Command(
        "list",
        "Shows the open incidents.",
        "/incident list",
        incidents.list_open,
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
    ),
    Command(
        "show",
        "Shows one incident's card, privately.",
        "/incident show INC-42",
        incidents.show,
        (Field("draft", "Its draft", fields.yes_no, asked=False),),
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
    ),
    Command(
        "update",
        "Drafts what customers read next; nothing is sent until you publish.",
        "/incident update identified Signing in works next:30m",
        updates.update,
        (
            Field("stage", "Stage", fields.stage, Takes.MAYBE, options=fields.stage_options, limit=30),
            Field(
                "news",
                "What is new",
                fields.line,
                Takes.REST,
                long=True,
                limit=600,
                hint="Whole sentences, as customers read them",
                keys=("new", "what"),
            ),
            FACTS[0],
            FACTS[1],
            FACTS[2],
            FACTS[3],
            ON,
            NEXT,
            *FACTS[4:],
            _sentence("title", "Title", asked=False),
            Field(
                "unaffected",
                "Works normally",
                fields.components,
                options=fields.component_options,
                many=True,
                asked=False,
                limit=500,
            ),
            Field(
                "without",
                "Leave out",
                fields.audiences,
                options=fields.audience_options,
                many=True,
                asked=False,
                limit=100,
            ),
        ),
        who_may=Group.MEMBERS,
        title="Update",
        submit="Draft it",
        prefill=updates.prefill_update,
        bare_form=True,
    ),
    Command(
        "publish",
        "Publishes the draft, or asks for approval where a second person is needed.",
        "/incident publish",
        updates.publish,
        (
            Field("alone", "Why you publish alone", fields.line, long=True, limit=500),
            NEXT,
            REVISION,
            Field("ask", "Ask for the reason", fields.yes_no, asked=False),
            Field("no_change", "No change", fields.yes_no, keys=("nochange",), asked=False),
        ),
        group="draft",
    ),
    Command(
        "approve",
        "Publishes a draft that somebody else wrote.",
        "/incident approve",
        updates.approve,
        (REVISION, Field("next_at", "Next update", fields.ahead, keys=("next",), asked=False, limit=40)),
        who_may=Group.MEMBERS,
        group="draft",
    ),
    Command(
        "edit",
        "Opens the draft's words.",
        "/incident edit",
        updates.edit,
        (REVISION, Field("title", "Title", fields.line, limit=200), *WORDS),
        who_may=Group.MEMBERS,
        group="draft",
        title="Edit draft",
        submit="Save",
    ),
    Command(
        "discard",
        "Throws the draft away; nothing is sent.",
        "/incident discard",
        updates.discard,
        (REVISION,),
        group="draft",
    ),
    Command(
        "correct",
        "Corrects a published update everywhere it went.",
        "/incident correct update:3",
        updates.correct,
        (
            Field("number", "Update", fields.number, keys=("update",), limit=6),
            Field(
                "wrong",
                "The wrong words",
                fields.line,
                required=True,
                hint="Exactly as they stand in the text",
                limit=600,
            ),
            Field("right", "The right words", fields.line, required=True, limit=600),
            _sentence(
                "avoid",
                "What not to do because of it",
                "Your password is not the reason, so please do not reset it.",
                ("not",),
            ),
        ),
        title="Correct an update",
        submit="Draft it",
        prefill=updates.prefill_correct,
    ),
    Command(
        "severity",
        "Changes how urgent it is; drafts the word to customers.",
        "/incident severity 1",
        incidents.set_severity,
        (
            Field(
                "severity",
                "Severity",
                fields.severity,
                Takes.WORD,
                required=True,
                keys=("sev",),
                options=fields.severity_options,
                limit=5,
            ),
        ),
    ),
    Command(
        "impact",
        "Changes what users of a component feel.",
        "/incident impact api=major chatgpt=operational",
        incidents.set_impacts,
        (
            Field(
                "impacts",
                "Impact",
                fields.impacts,
                Takes.REST,
                required=True,
                keys=("on",),
                hint="For example api=major chatgpt=operational",
                limit=500,
            ),
        ),
    ),
    Command(
        "private",
        "Says who may see the incident: people invited, or everybody.",
        "/incident private yes",
        incidents.set_private,
        (
            Field(
                "private",
                "Private",
                fields.yes_no,
                Takes.WORD,
                required=True,
                options=fields.options(yes="Only people invited", no="Everybody here"),
                limit=5,
            ),
            SURE,
        ),
    ),
    Command(
        "assign",
        "Gives somebody a role.",
        "/incident assign comms @ben",
        incidents.assign,
        (
            Field(
                "role",
                "Role",
                fields.role,
                Takes.WORD,
                required=True,
                options=fields.options(commander="Commander", comms="Communications lead", scribe="Scribe"),
                limit=30,
            ),
            PERSON,
        ),
    ),
    Command(
        "handover",
        "Hands your role over, with everything they need to know.",
        "/incident handover @chi",
        incidents.hand_over,
        (PERSON,),
        title="Hand over",
        submit="Hand over",
    ),
    Command("invite", "Lets somebody see a private incident.", "/incident invite @ben", incidents.invite, (PERSON,)),
    Command("uninvite", "Takes an invitation back.", "/incident uninvite @ben", incidents.uninvite, (PERSON,)),
    Command(
        "note",
        "Adds a line to the timeline, for responders only.",
        "/incident note Sign-in fails for 1 in 5 attempts",
        incidents.note,
        (Field("text", "Note", fields.text, Takes.REST, required=True, long=True, limit=3000),),
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
    ),
    Command(
        "timeline",
        "Shows what happened, newest first.",
        "/incident timeline",
        reports.timeline,
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "redact",
        "Blanks the words of an entry; who and why stay.",
        "/incident redact 17 pasted a token",
        incidents.redact,
        (
            Field("number", "Entry", fields.number, Takes.WORD, required=True, keys=("entry",), limit=8),
            Field("reason", "Reason", fields.line, Takes.REST, required=True, limit=300),
        ),
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "nudge",
        "Shows which reminders come when; turns them off or on.",
        "/incident nudge",
        promises.nudge,
        (
            Field(
                "switch",
                "Reminders",
                fields.one_of("show", "on", "off"),
                Takes.WORD,
                limit=5,
                options=fields.options(show="Show", on="On", off="Off"),
            ),
        ),
        group="nudge",
    ),
    Command(
        "snooze",
        "Delays the reminder, not the promise.",
        "/incident snooze 10m",
        promises.snooze,
        (Field("delay", "For how long", fields.duration, Takes.WORD, required=True, hint="For example 10m", limit=10),),
        group="nudge",
    ),
    Command(
        "copy",
        "Gives you the current approved words, ready to paste.",
        "/incident copy enterprise",
        reports.copy,
        (AUDIENCE, LANGUAGE),
        writes=False,
        who_may=Group.SUPPORT,
        incident=Incident.LAST,
    ),
    Command(
        "subscribe",
        "Sends updates to a channel.",
        "/incident subscribe #status on:api,codex audience:developers mode:thread",
        subscriptions.subscribe,
        (
            CHANNEL,
            Field(
                "components",
                "Components",
                fields.components,
                keys=("on",),
                options=fields.component_options,
                many=True,
                hint="None: all",
                limit=500,
            ),
            Field(
                "minimum", "Minimum severity", fields.severity, keys=("min",), options=fields.severity_options, limit=5
            ),
            Field("audience", "Audience", fields.audience, options=fields.audience_options, limit=20),
            Field(
                "mode",
                "How",
                fields.mode,
                limit=10,
                options=fields.options(
                    every="A message for each update",
                    current="One message kept current",
                    thread="A headline and a thread",
                ),
            ),
            LANGUAGE,
        ),
        who_may=Group.ADMINISTRATORS,
        incident=Incident.NONE,
        group="subscription",
        title="Subscribe a channel",
        submit="Subscribe",
    ),
    Command(
        "unsubscribe",
        "Stops them.",
        "/incident unsubscribe #partners",
        subscriptions.unsubscribe,
        (CHANNEL,),
        who_may=Group.ADMINISTRATORS,
        incident=Incident.NONE,
        group="subscription",
    ),
    Command(
        "subscriptions",
        "Shows which channels get what.",
        "/incident subscriptions",
        subscriptions.subscriptions_list,
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
        group="subscription",
    ),
    Command(
        "deliveries",
        "Shows who got which update; retries what failed.",
        "/incident deliveries",
        reports.deliveries,
        (
            Field("number", "Update", fields.number, keys=("update",), limit=6),
            Field("again", "Retry", fields.yes_no, keys=("retry",), asked=False),
        ),
        incident=Incident.LAST,
    ),
    Command(
        "resolve",
        "Drafts the closing update.",
        "/incident resolve",
        updates.resolve,
        (
            Field("news", "What else to say", fields.line, Takes.REST, long=True, limit=600),
            *CLOSING,
            Field(
                "still",
                "Still not operational",
                fields.components,
                options=fields.component_options,
                many=True,
                limit=500,
            ),
            FACTS[0],
            FACTS[1],
            FACTS[2],
        ),
        who_may=Group.MEMBERS,
        title="Resolve",
        submit="Draft it",
        prefill=updates.prefill_resolve,
        bare_form=True,
    ),
    Command(
        "reopen",
        "Opens a resolved incident again.",
        "/incident reopen INC-42",
        incidents.reopen,
        incident=Incident.LAST,
    ),
    Command(
        "cancel", "Ends an incident that was none, before customers read of it.", "/incident cancel", incidents.cancel
    ),
    Command(
        "retro",
        "Drafts the retrospective from the record.",
        "/incident retro",
        reports.retro,
        writes=False,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "export",
        "Gives you the record as a file.",
        "/incident export md",
        reports.export,
        (
            Field(
                "form",
                "Format",
                fields.one_of("md", "json", "csv"),
                Takes.WORD,
                limit=5,
                options=fields.options(md="Markdown", json="JSON", csv="CSV"),
            ),
        ),
        writes=False,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "help",
        "Explains a command, or shows what needs you.",
        "/incident help update",
        help.show_help,
        (Field("verb", "Command", _word, Takes.WORD, limit=30),),
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
    ),
)
COMMANDS: dict[str, Command] = {command.verb: command for command in ALL}
GROUPS = {"draft", "subscription", "record"}
_GROUPED = {("subscription", "add"): "subscribe", ("subscription", "remove"): "unsubscribe",
            ("subscription", "list"): "subscriptions", ("nudge", "snooze"): "snooze"}  # fmt: skip


def find(verb: str) -> Command:
    """The command of a verb. Raises UnknownCommand with the nearest one."""
    command = COMMANDS.get(verb)
    if command is None:
        near = get_close_matches(verb, COMMANDS, n=1, cutoff=0.55)
        raise UnknownCommand(typed=verb, nearest=near[0]) if near else UnknownCommandFar(typed=verb)
    return command


def read_line(line: str) -> tuple[str, dict[str, str]]:
    """What a typed line says: verb and fields. `declare!` is sure; a group's name may stand before its verb.

    Raises UnknownCommand, UnclosedQuote, UnknownStage.
    """
    verb, rest = grammar.split_verb(line)
    if not verb:
        return "help", {}
    second, _, after = rest.partition(" ")
    grouped = _GROUPED.get((verb, second.casefold()))
    if grouped is None and verb in GROUPS and COMMANDS.get(second.casefold(), COMMANDS["help"]).group == verb:
        grouped = second.casefold()
    if grouped:
        verb, rest = grouped, after
    sure = verb.endswith("!")
    command = find(verb.rstrip("!"))
    typed = grammar.read(command.asked, rest)
    return command.verb, {**typed, "sure": "yes"} if sure else typed


def read(command: Command, typed: Mapping[str, str], reading: Reading) -> dict[str, object] | Form:
    """The values of the command's fields; if any is missing or unreadable, its form with what was typed."""
    values, problems = fields.parse(command.fields, typed, reading)
    if problems:
        form = command.form(reading.organisation, typed, problems)
        first = next(iter(problems.values()))
        return Form(**{**form.__dict__, "note": say(first.words, **first.facts)})
    return values


def problems(command: Command, typed: Mapping[str, str], reading: Reading) -> dict[str, InvalidField]:
    """What is wrong with what was typed, by field name."""
    return fields.parse(command.fields, typed, reading)[1]
