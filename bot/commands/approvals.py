"""`ask`: asks for the approval that a draft needs, and reminds whoever was asked."""

from bot.actions import publication
from bot.actions.readiness import check_readiness
from bot.actions.updates import check_revision, held_draft
from bot.commands import fields
from bot.commands import shared_fields as shared
from bot.commands.command import IncidentScope, command
from bot.commands.context import Context
from bot.commands.fields import Field, Placement
from bot.commands.parameters import Parameter, Subcommand
from bot.commands.updates import ask_time, check_next_time
from bot.domain.people import Group, Person
from bot.errors import PromiseFar, PromiseNear
from bot.reading.review_buttons import asks_whom
from bot.reading.reviews import draft_review
from bot.store import approvals
from bot.views import Answer, Button, Form, FormField, Notice, Option, say

EVERYONE = "everyone"
WHOM = Field("person", "Whom to ask", fields.person, Placement.WORD, limit=80,
    parameter=Parameter("Whom to ask; leave empty for everyone who can approve", completes="person"))  # fmt: skip
CHOOSE = Field("choose", "Choose whom to ask", fields.yes_no, asked=False)


@command(
    "ask",
    "Asks for the approval that the draft needs, or sends a reminder.",
    "/incident ask @ben",
    (WHOM, shared.REVISION, CHOOSE),
    who_may=Group.MEMBERS,
    group="draft",
    incident=IncidentScope.LAST,
    settles=True,
    subcommands=(Subcommand("Ask for approval, or remind whoever was asked"),),
    asks=lambda typed: bool(typed.get("choose")) and not typed.get("person"),
    doing="ask for approval in",
)
def ask(ctx: Context, person: str | None, revision: int | None, choose: bool | None) -> Answer:
    """Ask one person, or everyone who can approve. A second time, those who were asked are reminded."""
    draft = held_draft(ctx.tx, ctx.incident, revision)
    if choose and not person:
        return _ask_whom(ctx, revision)
    readiness = check_readiness(ctx.tx, ctx.app, ctx.incident, draft)
    only = ctx.person(person) if person and person.casefold() != EVERYONE else None
    asked = approvals.asked_people(ctx.tx, draft)
    if only is None and not asked and readiness.can_help(ctx.actor) and not readiness.blockers:
        check_revision(ctx.tx, draft, revision, done="sent for approval")
        read = Button("Read all", "show", f"{ctx.incident.key} draft:yes", primary=True)
        words = "You can approve this draft yourself, so nobody was asked. Read it, then approve it."
        return Notice(say(words), buttons=(read,))
    try:
        check_next_time(ctx, draft, None, sure=False)
        done = publication.ask_for_approval(ctx.tx, ctx.app, ctx.actor, ctx.incident, revision, only)
    except (PromiseNear, PromiseFar) as refusal:
        return ask_time("publish", ctx, refusal)
    return draft_review(ctx.tx, ctx.app, ctx.incident, done, ctx.reader)


def _ask_whom(ctx: Context, revision: int | None) -> Form:
    """The people who can give what is missing, and everyone."""
    draft = held_draft(ctx.tx, ctx.incident)
    check_revision(ctx.tx, draft, revision, done="sent for approval")
    readiness = check_readiness(ctx.tx, ctx.app, ctx.incident, draft)
    possible: tuple[Person, ...] = readiness.possible_approvers if asks_whom(readiness) else ()
    everyone = Option(EVERYONE, f"Everyone who can approve: {', '.join(each.name for each in possible)}")
    options = (everyone, *(Option(f"@{each.handle}", each.name) for each in possible))
    field = FormField("person", WHOM.label, EVERYONE, required=True, options=options, limit=WHOM.limit)
    kept = (("revision", str(revision or draft.revision)),)
    note = say("They get a message with the text. Whoever approves first publishes it, unless more people have to.")
    return Form("ask", "Ask for approval", "Ask", (field,), ctx.incident.key, kept, note)
