"""What waits for one person: drafts to approve, and the next act in the incidents in which they have a role."""

from collections.abc import Sequence
from dataclasses import replace

from bot.actions.readiness import check_readiness
from bot.domain.incident import Incident
from bot.domain.updates import Update
from bot.reading.cards import incident_card
from bot.reading.context import ReadContext
from bot.store import approvals, incidents, updates
from bot.views import Button, Line, say


def waiting_for(ctx: ReadContext, found: Sequence[Incident]) -> list[Line]:
    """One line per incident that needs the reader, approvals first. Only the first button is primary."""
    asks = {incident.id for incident in found if draft_to_approve(ctx, incident)}
    drafts = [_approval(incident) for incident in found if incident.id in asks]
    others = [_next_act(ctx, incident) for incident in found if incident.id not in asks]
    waiting = [*drafts, *filter(None, others)]
    return [replace(line, buttons=_primary(line.buttons, number == 0)) for number, line in enumerate(waiting)]


def draft_to_approve(ctx: ReadContext, incident: Incident) -> Update | None:
    """The draft, if its author asked for an approval that the reader can give."""
    draft = updates.find_draft(ctx.tx, incident)
    if draft is None or not approvals.asked(ctx.tx, draft):
        return None
    return draft if check_readiness(ctx.tx, ctx.app, incident, draft).can_help(ctx.actor) else None


def _approval(incident: Incident) -> Line:
    words = say(
        "{incident} {title}: a draft waits for approval.",
        incident=incident.key,
        title=incident.title or incident.declared_title,
    )
    return Line(words, (Button("Open draft", "show", f"{incident.key} draft:yes"),))


def _next_act(ctx: ReadContext, incident: Incident) -> Line | None:
    mine = [role.value for role, person in incidents.roles(ctx.tx, incident).items() if person.id == ctx.actor.id]
    if not mine:
        return None
    card = incident_card(ctx.tx, ctx.app.organisation, incident)
    words = say(
        "{incident} ({roles}): {headline}", incident=incident.key, roles=", ".join(mine), headline=card.headline
    )
    return Line(words, tuple(button for button in card.buttons if button.primary))


def _primary(buttons: Sequence[Button], primary: bool) -> tuple[Button, ...]:
    return tuple(replace(button, primary=primary) for button in buttons)
