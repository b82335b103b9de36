"""The fields that several commands share, and those of the commands about incidents and updates."""

from dataclasses import replace

from bot.commands import choices, fields
from bot.commands.fields import Field, Placement
from bot.commands.parameters import SEVERITIES, Kind, Parameter
from bot.domain import facts
from bot.domain.facts import LABELS
from bot.domain.severity import Severity

INCIDENT = Field("incident", "Incident", fields.word, Placement.MAYBE, asked=False,
    parameter=Parameter("Which incident; leave empty in its room", completes="incident"))  # fmt: skip
REVISION = Field("revision", "Revision", fields.number, keys=("rev",), asked=False)
ON = Field(
    "impacts",
    "Impact",
    fields.impacts,
    keys=("on", "impact"),
    hint="For example chatgpt=major,api=partial",
    parameter=Parameter(
        "Several components, such as chatgpt=major,api=partial", "on", Kind.IMPACTS, completes="impacts"
    ),
)
NEXT = Field("next_at", "Next update", fields.ahead, keys=("next",), hint="For example 30m or 13:30", limit=40,
    parameter=Parameter("When the next update is due, such as 30m or 13:30", "next", completes="next"))  # fmt: skip
PERSON = Field("person", "Person", fields.person, Placement.WORD, required=True, options=choices.person_options,
    limit=80, parameter=Parameter("Who; leave empty to type a name", kind=Kind.PERSON, required=False))  # fmt: skip
SURE = Field("sure", "Sure", fields.yes_no, asked=False)
CHANNEL = Field(
    "channel",
    "Channel",
    fields.channel,
    Placement.WORD,
    hint="For example #status",
    limit=100,
    parameter=Parameter("Which channel; leave empty for this one", kind=Kind.CHANNEL),
)
SUGGEST = Field("suggest", "Suggest", fields.yes_no, asked=False)
LANGUAGE = Field("language", "Language", fields.word, Placement.WORD, asked=False, limit=10,
    parameter=Parameter("In which language", completes="language"))  # fmt: skip
AUDIENCE = Field("audience", "Audience", fields.audience, Placement.MAYBE, options=choices.audience_options, limit=20,
    parameter=Parameter("For which audience", completes="audience"))  # fmt: skip


def fact(name: str, hint: str = "", keys: tuple[str, ...] = (), *, asked: bool = False) -> Field:
    """A fact that is text."""
    label = LABELS.get(name, f"For {name} only")
    return Field(name, label, fields.line, keys=keys, hint=hint, asked=asked, limit=600, fact=True)


def _time(
    name: str, hint: str, keys: tuple[str, ...] = (), *, asked: bool = False, parameter: Parameter | None = None
) -> Field:
    return Field(
        name, LABELS[name], fields.behind, keys=keys, hint=hint, asked=asked, limit=40, fact=True, parameter=parameter
    )


MESSAGE = Field(
    "message",
    LABELS["message"],
    fields.line,
    Placement.REST,
    long=True,
    limit=600,
    hint="What is new, in whole sentences: We are adding capacity, and error rates are falling.",
    keys=("message", "news", "new", "what"),
    fact=True,
    parameter=Parameter(
        "What is new for customers; can include facts, such as since:11:44", "text", Kind.LINE, longest=3000
    ),
)
SEES = fact("sees", "500 errors when creating jobs", ("sees", "symptom"), asked=True)
WHO = fact("who", "worldwide; about a third of requests", ("who", "scope"), asked=True)
SINCE = _time("since", "For example 11:44", ("since", "started"), asked=True)
WORKAROUND = fact("workaround", "Send requests without images.", asked=True)
OK = Field("ok", LABELS["ok"], fields.working, keys=("ok", "works", "unaffected"), asked=False, limit=600, fact=True,
           hint="Components, or words such as: payment by invoice")  # fmt: skip
DO = fact("do", "If you still see an error, reload the page.", ("do", "action"))
CAUSE = fact("cause", "a configuration change", ("cause",))
FIXED = _time("fixed", "For example 9:24", ("fixed",))
END = _time("end", "For example 12:51", ("end", "ended"), asked=True,
    parameter=Parameter("When the impact ended, such as 12:51", longest=40))  # fmt: skip
DATA = fact("data", "No data was lost.", asked=True)
REVIEW = Field("review", "Review published by", fields.day, hint="For example 7d or 2026-04-27", limit=20, fact=True)
RECOVERED = Field("recovered", "Recovery confirmed", fields.yes_no,
    hint="yes: someone checked that everything that becomes operational works",
    options=choices.options(no="No", yes="Yes"), asked=False, limit=5)  # fmt: skip
NOTES = tuple(fact(audience, keys=(audience,)) for audience in facts.NOTES)
FACTS = (SEES, WHO, SINCE, WORKAROUND, OK, DO, CAUSE, FIXED)
TITLE_DECLARED = Field("title", "What is happening", fields.line, Placement.REST, required=True,
    hint="For responders only; customers never see it", limit=200,
    parameter=Parameter("What is happening, in a few words", kind=Kind.LINE, required=False, longest=500))  # fmt: skip
SEVERITY = Field("severity", "Severity", fields.severity, keys=("sev",), options=choices.severity_options, limit=5,
    default=Severity.SEV2,
    parameter=Parameter("How urgent it is", kind=Kind.NUMBER, choices=SEVERITIES))  # fmt: skip
PRIVATE = Field("private", "Private", fields.yes_no, hint="yes: only invited people can see it",
    options=choices.options(no="No", yes="Yes"), limit=5,
    parameter=Parameter("Only invited people can see it", kind=Kind.YES_NO))  # fmt: skip
BEGAN = replace(SINCE, label="When it began", asked=False, fact=False,
    parameter=Parameter("When it began, such as 11:44, if that is known", longest=40))  # fmt: skip
OVER = replace(END, label="When it ended", asked=False, fact=False, hint="Only if it is over, such as 12:51",
    parameter=Parameter("When it ended, only for an incident that is over", longest=40))  # fmt: skip
DELIVER = Field("deliver", "Deliver", fields.yes_no, asked=False, hint="yes: tell subscribers, if it is over",
    parameter=Parameter("True: send an incident that is over to subscribers too", kind=Kind.YES_NO))  # fmt: skip
SUMMARY = Field("summary", "Summary", fields.yes_no, asked=False)
ITS_DRAFT = Field("draft", "Its draft", fields.yes_no, asked=False)
STAGE = Field("stage", "Stage", fields.stage, Placement.MAYBE, options=choices.stage_options, limit=30,
    parameter=Parameter("The stage of the incident", completes="stage"))  # fmt: skip
TITLE = fact("title")
WITHOUT = Field(
    "without", "Leave out", fields.left_out, options=choices.left_out_options, many=True, asked=False, limit=100
)
ALONE = Field(
    "alone",
    "Why you publish alone",
    fields.line,
    long=True,
    limit=500,
    parameter=Parameter("Commander only: why you publish alone; recorded and sent to approvers", longest=500),
)
ASK = Field("ask", "Ask for the reason", fields.yes_no, asked=False)
NO_CHANGE = Field("no_change", "No change", fields.yes_no, keys=("nochange",), asked=False)
NEXT_UNASKED = Field("next_at", "Next update", fields.ahead, keys=("next",), asked=False, limit=40)
WHICH_UPDATE = Field("number", "Update", fields.number, keys=("update",), limit=6,
    parameter=Parameter("Which update; leave empty for the latest", "update", completes="update"))  # fmt: skip
WRONG = Field(
    "wrong", "The incorrect words", fields.line, required=True, hint="Exactly as published", limit=600, fact=True
)
RIGHT = Field("right", "The correct words", fields.line, required=True, limit=600, fact=True)
AVOID = fact("avoid", "Your password is not the reason, so please do not reset it.", ("not",), asked=True)  # fmt: skip
SEVERITY_NEEDED = Field("severity", "Severity", fields.severity, Placement.WORD, required=True, keys=("sev",),
    options=choices.severity_options, limit=5,
    parameter=Parameter("SEV1 to SEV4", "level", Kind.NUMBER, choices=SEVERITIES))  # fmt: skip
IMPACT_NEEDED = Field(
    "impacts",
    "Impact",
    fields.impacts,
    Placement.REST,
    required=True,
    keys=("on",),
    hint="For example api=major chatgpt=operational",
    parameter=Parameter(
        "Several components, such as api=major,chatgpt=operational", "on", Kind.IMPACTS, False, completes="impacts"
    ),
)
PRIVATE_NEEDED = Field("private", "Private", fields.yes_no, Placement.WORD, required=True,
    options=choices.options(yes="Only invited people", no="Everyone here"), limit=5,
    parameter=Parameter("True: only invited people can see it", kind=Kind.YES_NO))  # fmt: skip
ROLE = Field(
    "role",
    "Role",
    fields.role,
    Placement.WORD,
    required=True,
    options=choices.options(commander="Commander", comms="Communications lead", scribe="Scribe"),
    limit=30,
    parameter=Parameter(
        "Which role", choices=(("Commander", "commander"), ("Communications lead", "comms"), ("Scribe", "scribe"))
    ),
)
NOTE = Field("text", "Note", fields.text, Placement.REST, required=True, long=True, limit=3000,
    parameter=Parameter("What happened; for responders only", longest=3000))  # fmt: skip
ENTRY = Field("number", "Entry", fields.number, Placement.WORD, required=True, keys=("entry",), limit=8,
    parameter=Parameter("Which entry", "entry", completes="entry"))  # fmt: skip
REASON = Field("reason", "Reason", fields.line, Placement.REST, required=True, limit=300,
    parameter=Parameter("Why; this is recorded", longest=300))  # fmt: skip
WHY_LOWERED = Field("reason", "Why it is lowered", fields.line, hint="Only if customers have read about the incident",
    limit=300, parameter=Parameter("Why you lower it; recorded and sent to approvers", longest=300))  # fmt: skip
WHY_REPLACED = Field("reason", "Why you replace the commander", fields.line, hint="Only if they cannot hand over",
    limit=300, parameter=Parameter("Why you replace the commander; recorded and announced", longest=300))  # fmt: skip
MESSAGE_CLOSING = replace(
    MESSAGE,
    label="What else to say",
    hint="In whole sentences",
    parameter=Parameter(
        'What else to say; can include facts, such as data:"No data was lost."', "text", Kind.LINE, longest=3000
    ),
)
REASON_FALSE = replace(
    MESSAGE,
    label="What happened instead",
    hint="A monitoring probe failed; search was working.",
    parameter=Parameter("The explanation for customers, if anything was published", "text", Kind.LINE, longest=600),
)
STILL = Field(
    "still",
    "Still not operational",
    fields.components,
    options=choices.component_options,
    many=True,
    hint="With Monitoring and Resolved, everything else becomes operational",
)
IMPACTS_SHOWN = Field("impacts_shown", "Impact shown", fields.impacts, asked=False)
"""The impact that a form showed, so that only what someone changes in the form is set."""
UPDATE = (
    STAGE, MESSAGE, SEES, WHO, SINCE, WORKAROUND, ON, NEXT, OK, DO, CAUSE, FIXED, RECOVERED, *NOTES, TITLE, WITHOUT,
    STILL, IMPACTS_SHOWN, SUGGEST, REVISION, SURE,
)  # fmt: skip
RESOLVE = (
    MESSAGE_CLOSING, END, DATA, replace(DO, asked=True), REVIEW, STILL, SEES, WHO, SINCE, CAUSE, WORKAROUND, FIXED,
    RECOVERED, *NOTES, TITLE, REVISION, SURE,
)  # fmt: skip

REMOVE = Field("remove", "Remove", fields.yes_no, asked=False,
               parameter=Parameter("True: remove this person instead", kind=Kind.YES_NO))  # fmt: skip
