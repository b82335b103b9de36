"""Declaring an incident: one that is happening, or one that is over and entered afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import incidents as actions
from bot.actions import rooms
from bot.actions.updates import DraftChange, draft_update
from bot.commands import fields
from bot.commands import shared_fields as shared
from bot.commands.command import Confirm, IncidentScope, command, find
from bot.commands.context import Context
from bot.commands.facts import ask_about_past, typed_time
from bot.commands.fields import Field
from bot.commands.parameters import Subcommand
from bot.domain.components import Impact
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.people import Group
from bot.domain.severity import Severity
from bot.domain.times import count
from bot.errors import InvalidField, ManyDeclared
from bot.reading.cards import incident_card
from bot.reading.reviews import draft_review
from bot.store.people import person_names
from bot.views import Answer, Button, Notice, say

WHY_ANOTHER = Field("reason", "Why another incident", fields.line, asked=False, long=True, limit=300,
    hint="Recorded in the timeline")  # fmt: skip


@command(
    "declare",
    "Opens an incident with its room and a first draft.",
    "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial",
    (
        shared.TITLE_DECLARED,
        shared.SEVERITY,
        shared.ON,
        shared.PRIVATE,
        shared.BEGAN,
        shared.OVER,
        shared.DELIVER,
        WHY_ANOTHER,
        shared.SURE,
    ),
    who_may=Group.MEMBERS,
    incident=IncidentScope.NONE,
    title="Declare an incident",
    submit="Declare",
    confirm=Confirm(
        "Declare a second incident?",
        "Customers would see two incidents. If they turn out to be the same, merge them later.",
        "Declare",
        "Go back",
        sure=True,
    ),
    opens_room=True,
    subcommands=(Subcommand("Declare an incident; leave empty to open a form"),),
)
def declare(
    ctx: Context,
    title: str,
    severity: Severity | None,
    impacts: Mapping[str, Impact] | None,
    private: bool | None,
    since: datetime | None,
    end: datetime | None,
    deliver: bool | None,
    reason: str | None,
    sure: bool | None,
) -> Answer:
    """Open an incident at once; if the same one was declared minutes ago, offer that instead.

    Someone who has declared many in a few minutes is asked for a reason. With `end`, the incident is over: the draft
    reports it afterwards, and subscribers are told only with `deliver`.
    """
    if end and not since:
        raise InvalidField("`end:` is for an incident that is over. Add when it began, for example `since:11:44`.")
    if since and (asks := ask_about_past(ctx, since, end, sure=bool(sure))):
        return asks
    twin = None if sure else actions.find_duplicate(ctx.tx, ctx.actor, title, impacts or {})
    if twin is not None:
        options = _options(ctx, severity, impacts, private=private, deliver=deliver, since=since, end=end)
        return _ask_about_duplicate(ctx, twin, title, options)
    try:
        incident = actions.declare(
            ctx.tx,
            ctx.app,
            ctx.actor,
            title=title,
            severity=severity or Severity.SEV2,
            impacts=impacts or {},
            private=bool(private),
            reason=reason or "",
            over=end is not None,
            quiet=end is not None and not deliver,
        )
    except ManyDeclared as many:
        asked = find("declare").form(ctx.app.organisation, ctx.typed, {"reason": many})
        return replace(asked, title="Declare another", note=say(many.words, **many.facts))
    facts = {name: at for name, at in (("since", since), ("end", end)) if at}
    if end:
        operational = dict.fromkeys(impacts or {}, Impact.OPERATIONAL)
        change = DraftChange(stage=Stage.RESOLVED, facts=facts, impacts=operational)
        draft = draft_update(ctx.tx, ctx.app, ctx.actor, incident, change)
        return draft_review(ctx.tx, ctx.app, incident, draft, ctx.reader)
    rooms.open_rooms(ctx.tx, ctx.app, incident, ctx.where.platform)
    draft_update(ctx.tx, ctx.app, ctx.actor, incident, DraftChange(stage=Stage.INVESTIGATING, facts=facts))
    return incident_card(ctx.tx, ctx.app.organisation, incident)


def _options(
    ctx: Context,
    severity: Severity | None,
    impacts: Mapping[str, Impact] | None,
    *,
    private: bool | None,
    deliver: bool | None,
    **times: datetime | None,
) -> list[str]:
    """The options of a declaration, as someone would type them."""
    typed = [f"sev:{severity.number}"] if severity else []
    if impacts:
        typed.append("on:" + ",".join(f"{component}={impact.word}" for component, impact in impacts.items()))
    typed += ["private:yes"] if private else []
    typed += [f'{name}:"{typed_time(ctx, at)}"' for name, at in times.items() if at]
    return [*typed, "deliver:yes"] if deliver else typed


def _ask_about_duplicate(ctx: Context, twin: Incident, title: str, options: Sequence[str]) -> Notice:
    key = twin.key
    minutes = int((ctx.tx.now - twin.opened_at).total_seconds() // 60)
    ago = f"{count(minutes, 'minute')} ago" if minutes else "just now"
    again = [f"«{title.replace('«', '“').replace('»', '”')}»", *options]
    words = "{person} declared what looks like the same incident {ago}: {incident}. Open it, or declare another one."
    return Notice(
        say(words, person=person_names(ctx.tx)[twin.declared_by], ago=ago, incident=key),
        refused=True,
        buttons=(
            Button(f"Open {key}", "show", key, primary=True),
            Button("Declare anyway", "declare!", " ".join(again)),
        ),
    )
