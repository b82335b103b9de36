"""One sample of every view, with markup in every word that people can choose."""

from datetime import UTC, datetime, timedelta

from bot.templating import Templates
from bot.views import (
    Answer,
    ApprovalRequest,
    Asks,
    Audience,
    Button,
    Call,
    Correction,
    CorrectionMark,
    DeliveryLine,
    DeliveryReport,
    DeliveryState,
    Document,
    DraftReview,
    DraftText,
    EntryLine,
    Finding,
    Form,
    FormField,
    Help,
    HelpGroup,
    HelpLine,
    Impact,
    ImpactLabel,
    ImpactLine,
    IncidentCard,
    IncidentPicture,
    Line,
    Listing,
    Macro,
    Notice,
    NudgeCard,
    Option,
    Post,
    PromiseLine,
    PublishedUpdate,
    RoleLine,
    RoomLine,
    RoomName,
    Severity,
    Stage,
    Timeline,
    Weight,
    post_wording,
    say,
)
from tests.reference import ORGANISATION


def at(hour: int, minute: int) -> datetime:
    """A moment of the reference incident, in UTC."""
    return datetime(2026, 4, 20, hour, minute, tzinfo=UTC)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'
HOSTILE = "Ben <!channel> & {co} *bold* @everyone"
"""What a name, a title or a sentence may hold: a mention, an entity, a place of a sentence, markup."""

UPDATE = Button("Update", "update", "INC-42", primary=True)
DISCARD = Button("Discard", "discard", "INC-42 rev:4", danger=True)
LINK = "https://status.example.com/incidents/INC-42"

FINDING = Finding(
    "L18", Weight.BLOCKER, Audience.DEVELOPERS, "edge-prod-12 <b>", "It is an internal name.", "Name the component."
)
DRAFT_TEXT = DraftText(
    Audience.DEVELOPERS,
    "en",
    f"Errors {HOSTILE}",
    f"Since 11:44 AM ET (15:44 UTC) {HOSTILE}.\nNext update by 12:27 PM ET (16:27 UTC).",
    edited_by_hand=True,
    facts_changed_since=True,
    findings=(FINDING,),
)
CORRECTED_TEXT = DraftText(
    Audience.SUPPORT,
    "en",
    "Errors and loading",
    "Some sign-ins fail too.",
    edited_by_hand=False,
    facts_changed_since=False,
    findings=(),
    old_words=f"Signing in works {HOSTILE}.",
    by_hand=True,
)

ANSWERS: tuple[Answer, ...] = (
    Notice(say("{by} snoozed this until {until}.", by=HOSTILE, until=at(15, 59)), refused=True, buttons=(UPDATE,)),
    Form(
        "resolve",
        "Resolve",
        "Draft it",
        (
            FormField("message", "What else to say", HOSTILE, say("“{typed}” is too long.", typed=HOSTILE), long=True),
            FormField(
                "sees",
                "What users see",
                "It is slow.",
                say("{by} changed this.", by=HOSTILE),
                theirs=f"It fails {HOSTILE}.",
            ),
            FormField("end", "When it ended", hint="For example 12:51", required=True, limit=40),
            FormField("severity", "Severity", "SEV2", options=(Option("SEV1", "SEV1"), Option("SEV2", "SEV2: bad"))),
            FormField(
                "still",
                "Still not operational",
                "api,codex",
                options=(Option("api", "API"), Option("codex", "Codex"), Option("chatgpt", "ChatGPT")),
                many=True,
            ),
        ),
        incident="INC-42",
        kept=(("revision", "4"),),
        note=say("{by} was here at {when}.", by=HOSTILE, when=at(15, 44)),
    ),
    Form(
        "handover",
        "Hand over",
        "Hand over",
        (
            FormField("person", f"To whom {HOSTILE}", "@ben", required=True, asks=Asks.PERSON),
            FormField("channel", "Channel", "#status", hint="For example #status", asks=Asks.CHANNEL),
            FormField("next_at", "Next update", "30m", hint="For example 30m or 13:30", limit=40, asks=Asks.TIME),
        ),
    ),
    Form(
        "impact",
        "Change the impact",
        "Change the impact",
        (
            FormField(
                "impacts",
                "Impact",
                "api=partial",
                options=(Option("api", f"API {HOSTILE}"), Option("codex", "Codex")),
                asks=Asks.IMPACTS,
                values=(Option("operational", "Operational"), Option("partial", "Partial outage")),
            ),
        ),
        incident="INC-42",
    ),
    IncidentCard(
        "INC-42",
        f"Errors {HOSTILE}",
        Severity.SEV1,
        Stage.IDENTIFIED,
        say("{stage}, next update by {due_at}.", stage="Identified", due_at=at(16, 27)),
        private=True,
        opened_at=at(9, 12),
        closed_at=at(18, 3),
        impacts=(
            ImpactLine(f"ChatGPT {HOSTILE}", Impact.MAJOR, Impact.DEGRADED),
            ImpactLine("API", Impact.PARTIAL, None),
        ),
        people=(RoleLine("commander", HOSTILE), RoleLine("scribe", "")),
        promise=PromiseLine(at(16, 27) + timedelta(days=1), internal=False, minutes_late=7),
        not_told=(say("Severity changed from {before} to {after}.", before="SEV3", after="SEV1"),),
        buttons=(UPDATE,),
        draft=True,
        latest=(say("{at} · {who}: {kind}: {said}", at=at(16, 1), who=HOSTILE, kind="note", said=f"Cold {HOSTILE}"),),
    ),
    DraftReview(
        "INC-42",
        4,
        "identified",
        Stage.INVESTIGATING,
        Stage.IDENTIFIED,
        f"Errors {HOSTILE}",
        texts=(DRAFT_TEXT,),
        corrected=(CORRECTED_TEXT,),
        author=f"Ana {HOSTILE}",
        revised_by="Ben Osei",
        revised_at=at(16, 10),
        promise_at=at(16, 27),
        destinations=40,
        verdict=say("Needs {missing}. Ask {ask}.", missing="one more approver", ask=HOSTILE),
        notes=(say("Left out: {audiences}.", audiences="social"),),
        buttons=(Button("Approve", "approve", "INC-42 rev:4", primary=True), DISCARD),
        private=True,
        impacts=(
            ImpactLine(f"ChatGPT {HOSTILE}", Impact.MAJOR, Impact.DEGRADED),
            ImpactLine("API", Impact.PARTIAL, None),
        ),
    ),
    DeliveryReport(
        "INC-42",
        3,
        "update 3 (identified)",
        at(16, 12),
        38,
        40,
        (
            DeliveryLine(
                RoomName("chat", "C0NEWS", HOSTILE),
                DeliveryState.DEAD,
                at(16, 13),
                f"removed {HOSTILE}",
                maybe_twice=True,
            ),
            DeliveryLine("#status", DeliveryState.SENT, at(16, 12), ""),
        ),
        (Button("Retry", "deliveries", "INC-42 update:3 retry:yes", primary=True),),
        lead=say("Published: {kind}.", kind="update 3"),
        title=f"Errors {HOSTILE}",
        body=f"We have identified {HOSTILE}.\n\nNext update by 12:27 PM ET (16:27 UTC).",
    ),
    DeliveryReport(
        "INC-42",
        3,
        "update 3 (identified)",
        at(16, 12),
        39,
        40,
        (
            DeliveryLine(
                RoomName("chat", "C0NEWS", HOSTILE), DeliveryState.DUE, at(16, 14), f"refused {HOSTILE}", attempts=5
            ),
        ),
        (
            Button("Retry now", "deliveries", "INC-42 update:3 retry:yes", primary=True),
            Button("Stop", "deliveries", "INC-42 update:3 stop:yes"),
        ),
        lead=say("{update} has not reached 1 of 40 destinations yet.", update="Update 3"),
    ),
    Listing(
        "Open incidents",
        (Line(say("{incident} {title}", incident="INC-42", title=HOSTILE), (Button("Show", "show", "INC-42"),)),),
        buttons=(Button("Declare", "declare"),),
    ),
    Listing("Open incidents", (), "No incident is open. To open one, type `/incident declare` and a title."),
    Timeline(
        "INC-42",
        (
            EntryLine(17, at(16, 14), HOSTILE, "Discord", "note", f"Sign-in fails {HOSTILE}", where="on Discord"),
            EntryLine(16, at(16, 12), "Ana Silva", "Slack", "note", "", redacted=True, where="on Slack"),
        ),
    ),
    Macro(
        "INC-42",
        Audience.SUPPORT,
        "en",
        f"Errors {HOSTILE}",
        f"Thank you for writing {HOSTILE}.",
        at(16, 12),
        at(16, 27),
        say("The next update was promised by {due_at}.", due_at=at(16, 27)),
        "Ana Silva and Ben Osei",
    ),
    Help(
        open=(Line(say("{incident} {title}", incident="INC-42", title=HOSTILE)),),
        groups=(HelpGroup("Start", ("declare",)), HelpGroup("Tell customers", ("update", "publish"))),
        waiting=(
            Line(say("{incident} waits.", incident="INC-43"), (Button("Open draft", "show", "INC-43 draft:yes"),)),
        ),
        buttons=(Button("Declare", "declare"),),
    ),
    Help(
        (
            HelpLine(
                "note",
                "Adds a line.",
                "/incident note Sign-in fails",
                "members",
                (f"text: Note {HOSTILE}.", "link: L."),
            ),
        )
    ),
    Document("INC-42.md", "text/markdown", f"# INC-42\n\n{HOSTILE}\n"),
    NudgeCard(
        "INC-42",
        f"Errors {HOSTILE}",
        say("The update is overdue. Customers were promised one by {due_at}.", due_at=at(16, 27)),
        at(16, 27),
        f"No change {HOSTILE}.",
        (Button("Publish no change", "publish", "INC-42 nochange:yes", primary=True), UPDATE),
        blocks=say("Needs {missing}.", missing=f"one more approver {HOSTILE}"),
    ),
)

WORDING = post_wording(Templates().wording(ORGANISATION, "en"), Stage.IDENTIFIED)
POSTS: tuple[Post, ...] = (
    PublishedUpdate(
        f"Errors {HOSTILE}",
        Stage.IDENTIFIED,
        f"We know where the failure is {HOSTILE}.",
        Audience.CUSTOMERS,
        "en",
        (ImpactLabel("ChatGPT", Impact.MAJOR, "Major outage"), ImpactLabel("API", Impact.PARTIAL, "Partial outage")),
        at(16, 12),
        at(16, 27),
        LINK,
        WORDING,
        corrected=CorrectionMark(at(16, 18), f"Signing in works {HOSTILE}."),
    ),
    Correction("Errors", f"Correction: {HOSTILE}.", Audience.CUSTOMERS, "en", at(16, 18), LINK, WORDING),
    IncidentPicture("INC-42", f"Errors {HOSTILE}", "The incident in one picture", "67 minutes to the fix.", SVG),
    RoomLine("INC-42", say("{who} noted: {text}", who="Chi", text=HOSTILE)),
    Call(
        "INC-42",
        f"Errors {HOSTILE}",
        Severity.SEV1,
        say("{said}", said=f"{HOSTILE} made you commander."),
        "https://status.example.com/console/incidents/INC-42",
        state=say("Nothing is public yet. First update due by {due_at}.", due_at=at(16, 27)),
        room=RoomName("chat", "C0ROOM", HOSTILE),
        buttons=(UPDATE,),
        group="S0ONCALL",
    ),
    NudgeCard(
        "INC-42", f"Errors {HOSTILE}", say("Promise of {due_at} kept.", due_at=at(16, 27)), at(16, 27), "", buttons=()
    ),
    ApprovalRequest(
        "INC-42",
        Severity.SEV1,
        f"Errors {HOSTILE}",
        say("{by} asks you to approve this update.", by=f"Ana {HOSTILE}"),
        Stage.INVESTIGATING,
        Stage.IDENTIFIED,
        impacts=(ImpactLine(f"ChatGPT {HOSTILE}", Impact.MAJOR, Impact.DEGRADED),),
        headline=f"Errors with {HOSTILE}",
        body=f"We have identified {HOSTILE}.",
        findings=2,
        other_texts=5,
        buttons=(Button("Approve", "approve", "INC-42 rev:4", primary=True), UPDATE),
        link=LINK,
    ),
    ApprovalRequest("INC-42", Severity.SEV1, f"Errors {HOSTILE}", say("Approved by {by}.", by=HOSTILE)),
    *(view for view in ANSWERS if isinstance(view, IncidentCard | DraftReview | DeliveryReport)),
)
