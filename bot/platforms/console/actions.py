"""POST requests of the console: a typed line or a form becomes one invocation."""

from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.commands import catalog
from bot.commands.edits import checked
from bot.commands.invocation import Account, Invocation, Place
from bot.commands.line_completions import complete_line
from bot.errors import BotError
from bot.intake.conflicts import chosen, with_choices
from bot.intake.desk import Desk
from bot.platforms.console.access import console_of
from bot.platforms.console.pages import ConsolePages, refused_status
from bot.platforms.console.rendering import what_it_does
from bot.reading import pages as reading
from bot.views import (
    Answer,
    DeliveryReport,
    Document,
    DraftReview,
    Form,
    IncidentCard,
    Notice,
    NudgeCard,
    Sentence,
    say,
)

FORM_FIELDS = ("key", "room")  # form fields that are not fields of the command
FILES = ("retro", "export")
RETRO = "-retrospective.md"


@dataclass(frozen=True)
class ConsoleActions:
    """Runs commands and shows their answers on the incident's page or on a page of their own."""

    desk: Desk
    pages: ConsolePages

    async def run(self, request: Request, who: Account) -> Response:
        """A line from the command bar or a button. On an incident's page, it is about that incident."""
        posted = await request.form()
        line, room = _text(posted, "line"), _text(posted, "room")
        where = await self._where(who, room)
        if _only_shows(line):  # what it shows has its own URL
            at = urlencode({"line": line, **({"room": room} if room else {})})
            return RedirectResponse(f"{console_of(request)}/run?{at}", 303)
        answer = await self.desk.submit_line(line, who, where, _key(who, posted))
        return await self._show(request, who, with_choices(answer, {}), room, line=line)

    async def show(self, request: Request, who: Account) -> Response:
        """The answer to a line that only shows something. Any other line is put in the command bar."""
        line, room = request.query_params.get("line", ""), request.query_params.get("room", "")
        if not line:
            return RedirectResponse(console_of(request) + (f"/incidents/{quote(room, safe='')}" if room else ""), 303)
        where = await self._where(who, room)
        if not _only_shows(line):
            waiting = Notice(say("Opening a link does not run this command. To run it, select Run."))
            return await self.pages.show_answers(request, who, [waiting], room=room, line=line)
        return await self._show(request, who, await self.desk.submit_line(line, who, where), room, line=line)

    async def do(self, request: Request, who: Account) -> Response:
        """A submitted form."""
        posted = await request.form()
        verb, room = request.path_params["verb"], _text(posted, "room")
        typed = chosen(_typed(posted))
        answer = await self.desk.submit(Invocation(verb, typed, who, Place("console"), _key(who, posted)))
        if isinstance(answer, Notice) and answer.refused:
            return await self._show_refused(request, who, verb, typed, posted, answer, room)
        answer = with_choices(answer, typed)
        return await self._show(request, who, answer, room, verb=verb, returned=_text(posted, "key"))

    async def check(self, request: Request, who: Account) -> Response:
        """What the lint says about a text of the open draft while someone edits it. Changes nothing."""
        posted = await request.form()
        field, words = _text(posted, "field"), _text(posted, "words")
        text = await self.desk.look("edit", lambda ctx: checked(ctx, field, words), who, _text(posted, "incident"))
        frame = await self.pages.frame(who)
        return HTMLResponse(self.pages.renderer.page("answers/_checked.html.j2", text=text, now=frame.now, field=field))

    async def complete(self, request: Request, who: Account) -> Response:
        """How the line in the command bar can continue, and what Enter would do. Changes nothing."""
        posted = await request.form()
        line, room = _text(posted, "line"), _text(posted, "room")
        options = await self.desk.look("help", lambda ctx: complete_line(ctx, line), who, room)
        preview: tuple[str, bool] | None = None
        if _text(posted, "preview") and not _makes_a_code(line):
            where = await self._where(who, room)
            answer = await self.desk.in_thread(lambda: self.desk.preview(line, who, where))
            frame = await self.pages.frame(who)
            preview = what_it_does(answer, frame.zone), isinstance(answer, Notice | Form) and answer.refused
        content = {"options": [[each.value, each.label] for each in options], "preview": preview}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def file(self, request: Request, who: Account) -> Response:
        """Download the retrospective or the record."""
        verb = request.path_params["verb"]
        typed = {"incident": request.path_params["incident"], "form": request.query_params.get("form", "")}
        answer: Answer = Notice(say("This file does not exist."), refused=True)
        if verb in FILES:
            answer = await self.desk.submit(Invocation(verb, typed, who, Place("console")))
        if not isinstance(answer, Document):
            return await self.pages.show_answers(request, who, [answer])
        headers = {"Content-Disposition": f'attachment; filename="{answer.name}"', "Cache-Control": "private, no-cache"}
        return Response(answer.text, media_type=answer.media_type, headers=headers)

    async def _where(self, who: Account, room: str) -> Place:
        """The channel of an incident's page. Raises UnknownIncident if the person may not see it."""
        if not room:
            return Place("console")
        await self.desk.look("show", reading.frame, who, room)
        return Place("local", room.lower())

    async def _show(
        self,
        request: Request,
        who: Account,
        answer: Answer,
        room: str,
        *,
        line: str = "",
        verb: str = "",
        returned: str = "",
    ) -> Response:
        """Redirect to the incident for its state, show a notice above it, and anything else on its own page.

        `returned`: the key of a form that is sent back with what was typed in it.
        """
        match answer:
            case IncidentCard():
                return _to_room(request, answer.incident)
            case DraftReview():
                return _to_room(request, answer.incident, "draft")
            case NudgeCard():
                return _to_room(request, answer.incident, "room-nudge")
            case DeliveryReport(lead=Sentence() as lead):  # the incident's page shows the report itself
                return await self.pages.show_room(request, who, answer.incident, answer=Notice(lead))
            case Notice() if room:
                kept = line if answer.refused else ""
                status = refused_status([answer]) if answer.refused else 200
                return await self.pages.show_room(request, who, room, answer=answer, line=kept, status=status)
            case Form():
                room = answer.incident or room
                return await self.pages.show_answers(request, who, [answer], room=room, returned=returned)
            case Document() if answer.name.endswith(RETRO):
                to = f"{console_of(request)}/incidents/{answer.name.removesuffix(RETRO)}/retrospective"
                return RedirectResponse(to, 303)
            case Document():
                form = answer.name.rpartition(".")[2]
                download = f"/console/files/{verb or catalog.read_line(line)[0]}/{room}?form={form}" if room else ""
                return await self.pages.show_answers(request, who, [answer], room=room, download=download)
            case _:
                room = room or getattr(answer, "incident", "")
                return await self.pages.show_answers(request, who, [answer], room=room, line=line)

    async def _show_refused(
        self,
        request: Request,
        who: Account,
        verb: str,
        typed: dict[str, str],
        posted: FormData,
        notice: Notice,
        room: str,
    ) -> Response:
        """The reason for the refusal, and below it the form with everything that was typed."""
        if verb == "note" and room:
            noted = typed.get("text", "")
            return await self.pages.show_room(
                request, who, room, answer=notice, noted=noted, status=refused_status([notice])
            )
        form = await self.desk.in_thread(lambda: self.desk.form(verb, typed, who, Place("console")))
        if not isinstance(form, Form):
            return await self.pages.show_answers(request, who, [notice], room=room)
        asked = tuple(field for field in form.fields if field.name in posted)
        shown = replace(form, fields=asked or form.fields)
        returned = _text(posted, "key")
        return await self.pages.show_answers(
            request, who, [notice, shown], room=form.incident or room, returned=returned
        )


def _makes_a_code(line: str) -> bool:
    """Whether a line is empty, or its answer is a code, which would not work after a preview."""
    return line.split(maxsplit=1)[:1] in ([], ["link"])


def _only_shows(line: str) -> bool:
    """Whether a line changes nothing. One that cannot be read is answered like any other."""
    try:
        verb, typed = catalog.read_line(line)
    except BotError:
        return False
    return catalog.COMMANDS[verb].only_shows(typed)


def _typed(posted: FormData) -> dict[str, str]:
    """The text of each field. Several values are joined with commas; a blank field was cleared."""
    every = dict.fromkeys(name for name, _ in posted.multi_items())
    names = [name for name in every if name not in FORM_FIELDS]
    return {name: ",".join(str(value) for value in posted.getlist(name) if value) for name in names}


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name, "")
    return value if isinstance(value, str) else ""


def _key(who: Account, posted: FormData) -> str:
    """Identifies a request, so that a form sent twice runs once. With other content, it is another command."""
    if not _text(posted, "key"):
        return ""
    words = "\0".join([who.id, *(f"{name}={value}" for name, value in posted.multi_items())])
    return f"console:{sha256(words.encode()).hexdigest()}"


def _to_room(request: Request, incident: str, part: str = "") -> Response:
    at = f"{console_of(request)}/incidents/{incident}" + (f"#{part}" if part else "")
    return RedirectResponse(at, 303)
