"""The page for support staff: the approved texts, ready to paste."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.audiences import Audience
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.people import Group, Role
from bot.domain.severity import Severity
from bot.errors import NothingToCopy
from bot.reading.context import ReadContext
from bot.reading.pages import Frame, frame
from bot.reading.reports import macro
from bot.store import incidents, promises, published
from bot.views import Macro, Sentence

STILL_COPIED = timedelta(hours=24)
"""How long a resolved incident stays on the page."""
LATELY = 30


@dataclass(frozen=True)
class SupportIncident:
    """The texts of one incident that support staff may send."""

    incident: str
    title: str
    severity: Severity
    stage: Stage
    promise_at: datetime | None
    closed_at: datetime | None
    lead: str
    languages: tuple[tuple[Macro, ...], ...]  # the texts of each language, that of the organization first
    stale: Sentence | None  # if every text of the first language is out of date for the same reason

    @property
    def newest(self) -> Macro:
        """The text that was published last."""
        return max((each for texts in self.languages for each in texts), key=lambda each: each.published_at)


@dataclass(frozen=True)
class SupportPage:
    """The texts that support staff may send now."""

    frame: Frame
    incidents: tuple[SupportIncident, ...]


def support(ctx: ReadContext) -> SupportPage:
    """The approved texts of open and recently resolved incidents, most severe first."""
    known = list(incidents.open_incidents(ctx.tx, ctx.actor))
    since = ctx.tx.now - STILL_COPIED
    lately = incidents.recent_incidents(ctx.tx, ctx.actor, limit=LATELY)
    known.sort(key=lambda incident: (incident.severity.number, incident.number))
    known += [incident for incident in lately if incident.closed_at and incident.closed_at > since]
    told = [incident for incident in known if incident.first_published_at]
    found = incidents.read_each(ctx.tx, told, lambda incident: _support(ctx, incident))
    return SupportPage(frame(ctx), tuple(each for each in found if each.languages))


def _support(ctx: ReadContext, incident: Incident) -> SupportIncident:
    told = (Audience.CUSTOMERS, Audience.DEVELOPERS, Audience.ENTERPRISE)
    wanted = dict.fromkeys((*ctx.app.organisation.macros, *told))
    if not ctx.actor.belongs(Group.MEMBERS):
        wanted.pop(Audience.INTERNAL, None)
    history, languages = published.history(ctx.tx, incident), []
    for language in ctx.app.organisation.languages:
        texts = []
        for audience in wanted:
            with suppress(NothingToCopy):
                texts.append(macro(ctx.tx, incident, history, audience, language))
        mine = tuple(text for text in texts if text.language == language)  # not a text in another language instead
        languages += [mine] if mine else []
    reasons = [text.stale for text in languages[0]] if languages else [None]
    held = incidents.roles(ctx.tx, incident)
    lead = held.get(Role.COMMUNICATIONS_LEAD) or held.get(Role.COMMANDER)
    promise = promises.open_promise(ctx.tx, incident)
    return SupportIncident(
        incident=incident.key,
        title=incident.title,
        severity=incident.severity,
        stage=incident.stage,
        promise_at=promise.due_at if promise else None,
        closed_at=incident.closed_at,
        lead=lead.name if lead else "",
        languages=tuple(languages),
        stale=reasons[0] if all(reason == reasons[0] for reason in reasons) else None,
    )
