"""The page of a retrospective."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.reading.context import ReadContext
from bot.reading.exports import retrospective
from bot.reading.pages import Frame, frame
from bot.reading.pictures import room_story
from bot.store import people, retrospectives
from bot.views.picture import Picture, picture


@dataclass(frozen=True)
class RetrospectivePage:
    """A retrospective; revision 0 is the draft from the record, which no one has saved."""

    frame: Frame
    incident: str
    title: str
    open: bool
    text: str
    revision: int
    saved_by: str
    saved_at: datetime | None
    picture: Picture


def page(*, again: bool) -> Callable[[ReadContext], RetrospectivePage]:
    """The retrospective of the context's incident. `again`: a new draft, which replaces the text when saved."""

    def read(ctx: ReadContext) -> RetrospectivePage:
        saved = retrospectives.find(ctx.tx, ctx.incident)
        return RetrospectivePage(
            frame=frame(ctx),
            incident=ctx.incident.key,
            title=ctx.incident.title or ctx.incident.declared_title,
            open=ctx.incident.open,
            text=retrospective(ctx.tx, ctx.app, ctx.incident, again=again).text,
            revision=saved.revision if saved else 0,
            saved_by=people.person_names(ctx.tx)[saved.saved_by] if saved else "",
            saved_at=saved.saved_at if saved else None,
            picture=picture(room_story(ctx.tx, ctx.app, ctx.incident)),
        )

    return read
