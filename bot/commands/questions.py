"""The questions commands ask. Those of several commands stand here once."""

from dataclasses import replace

from bot.commands import fields
from bot.commands.fields import Field, Reading, Takes
from bot.domain.audiences import Audience


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
    Field("fixed_at", "Fixed at", fields.behind, keys=("fixed",), asked=False, limit=40),
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
TITLE_DECLARED = Field(
    "title",
    "What happens",
    fields.line,
    Takes.REST,
    required=True,
    hint="For us only; customers never read it",
    limit=200,
)
SEVERITY = Field("severity", "Severity", fields.severity, keys=("sev",), options=fields.severity_options, limit=5)
PRIVATE = Field(
    "private",
    "Private",
    fields.yes_no,
    hint="yes: only people invited see it",
    options=fields.options(no="No", yes="Yes"),
    limit=5,
)
ITS_DRAFT = Field("draft", "Its draft", fields.yes_no, asked=False)
STAGE = Field("stage", "Stage", fields.stage, Takes.MAYBE, options=fields.stage_options, limit=30)
NEWS = Field(
    "news",
    "What is new",
    fields.line,
    Takes.REST,
    long=True,
    limit=600,
    hint="Whole sentences, as customers read them",
    keys=("new", "what"),
)
TITLE = _sentence("title", "Title", asked=False)
UNAFFECTED = Field(
    "unaffected",
    "Works normally",
    fields.components,
    options=fields.component_options,
    many=True,
    asked=False,
    limit=500,
)
WITHOUT = Field(
    "without", "Leave out", fields.left_out, options=fields.left_out_options, many=True, asked=False, limit=100
)
ALONE = Field("alone", "Why you publish alone", fields.line, long=True, limit=500)
ASK = Field("ask", "Ask for the reason", fields.yes_no, asked=False)
NO_CHANGE = Field("no_change", "No change", fields.yes_no, keys=("nochange",), asked=False)
NEXT_UNASKED = Field("next_at", "Next update", fields.ahead, keys=("next",), asked=False, limit=40)
TITLE_EDITED = Field("title", "Title", fields.line, limit=200)
WHICH_UPDATE = Field("number", "Update", fields.number, keys=("update",), limit=6)
WRONG = Field(
    "wrong", "The wrong words", fields.line, required=True, hint="Exactly as they stand in the text", limit=600
)
RIGHT = Field("right", "The right words", fields.line, required=True, limit=600)
AVOID = _sentence(
    "avoid", "What not to do because of it", "Your password is not the reason, so please do not reset it.", ("not",)
)
SEVERITY_NEEDED = Field(
    "severity",
    "Severity",
    fields.severity,
    Takes.WORD,
    required=True,
    keys=("sev",),
    options=fields.severity_options,
    limit=5,
)
IMPACT_NEEDED = Field(
    "impacts",
    "Impact",
    fields.impacts,
    Takes.REST,
    required=True,
    keys=("on",),
    hint="For example api=major chatgpt=operational",
    limit=500,
)
PRIVATE_NEEDED = Field(
    "private",
    "Private",
    fields.yes_no,
    Takes.WORD,
    required=True,
    options=fields.options(yes="Only people invited", no="Everybody here"),
    limit=5,
)
ROLE = Field(
    "role",
    "Role",
    fields.role,
    Takes.WORD,
    required=True,
    options=fields.options(commander="Commander", comms="Communications lead", scribe="Scribe"),
    limit=30,
)
NOTE = Field("text", "Note", fields.text, Takes.REST, required=True, long=True, limit=3000)
MESSAGE_LINK = Field("message_link", "Message", fields.line, asked=False, limit=300)
ENTRY = Field("number", "Entry", fields.number, Takes.WORD, required=True, keys=("entry",), limit=8)
REASON = Field("reason", "Reason", fields.line, Takes.REST, required=True, limit=300)
WHY_LOWERED = Field("reason", "Why it is lowered", fields.line, hint="Only when customers have read of it", limit=300)
WHY_REPLACED = Field(
    "reason", "Why you replace the commander", fields.line, hint="Only when they cannot hand over", limit=300
)
SWITCH = Field(
    "switch",
    "Reminders",
    fields.one_of("show", "on", "off"),
    Takes.WORD,
    limit=5,
    options=fields.options(show="Show", on="On", off="Off"),
)
DELAY = Field("delay", "For how long", fields.duration, Takes.WORD, required=True, hint="For example 10m", limit=10)
COMPONENTS = Field(
    "components",
    "Components",
    fields.components,
    keys=("on",),
    options=fields.component_options,
    many=True,
    hint="None: all",
    limit=500,
)
MINIMUM = Field("minimum", "Minimum severity", fields.severity, keys=("min",), options=fields.severity_options, limit=5)
AUDIENCE_KEY = Field("audience", "Audience", fields.audience, options=fields.audience_options, limit=20)
MODE = Field(
    "mode",
    "How",
    fields.mode,
    limit=10,
    options=fields.options(
        every="A message for each update", current="One message kept current", thread="A headline and a thread"
    ),
)
AGAIN = Field("again", "Retry", fields.yes_no, keys=("retry",), asked=False)
NEWS_CLOSING = Field("news", "What else to say", fields.line, Takes.REST, long=True, limit=600)
STILL = Field(
    "still", "Still not operational", fields.components, options=fields.component_options, many=True, limit=500
)
STILL_UNASKED = replace(STILL, asked=False)
FORM = Field(
    "form",
    "Format",
    fields.one_of("md", "json", "csv"),
    Takes.WORD,
    limit=5,
    options=fields.options(md="Markdown", json="JSON", csv="CSV"),
)
OTHER = Field("other", "The other incident", _word, Takes.WORD, required=True, hint="For example INC-8", limit=20)
CODE = Field("code", "Code", _word, Takes.WORD, hint="As shown on the other platform", limit=20, asked=False)
VERB = Field("verb", "Command", _word, Takes.WORD, limit=30)
UPDATE = (
    STAGE, NEWS, *FACTS[:4], ON, NEXT, *FACTS[4:], TITLE, UNAFFECTED, WITHOUT, STILL_UNASKED, REVISION,
)  # fmt: skip
RESOLVE = (NEWS_CLOSING, *CLOSING, STILL, *FACTS[:3], REVISION)
