"""The pages under /console that answer GET requests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.commands import catalog
from bot.commands.fields import kept
from bot.commands.invocation import Account, Invocation, Place
from bot.commands.people_lookup import with_everyone
from bot.commands.reports import save_retro
from bot.errors import Busy, EditedMeanwhile, InvalidField
from bot.intake.desk import Desk
from bot.platforms.console.access import SignedCookie, console_of, root_of
from bot.platforms.console.rendering import Renderer, heading
from bot.reading import channels, home, pages, past, retrospectives, support
from bot.reading.incident_page import incident_page
from bot.reading.pages import Frame
from bot.reading.past import PastSearch
from bot.views import Answer, Asks, Button, Form, Listing, Notice, say

SEARCHED = ("text", "component", "severity", "month")


def refused_status(answers: Sequence[Answer]) -> int:
    """503 if the database does not answer; otherwise what was asked for cannot be done like this."""
    busy = any(isinstance(each, Notice) and each.refusal == Busy.__name__ for each in answers)
    return 503 if busy else 422


class Play(Protocol):
    """The drill that the console offers."""

    @property
    def playing(self) -> bool:
        """Whether it is already running, so that starting it means joining it."""

    async def start(self, person: str, /) -> str:
        """Start or join it for a person (by ID), and return its URL."""


@dataclass(frozen=True)
class ConsolePages:
    """Reads the data of a page through the desk and renders its template."""

    desk: Desk
    renderer: Renderer
    play: Play | None
    public_url: str

    async def home(self, request: Request, who: Account) -> Response:
        """The start page."""
        page = await self.desk.look("list", home.home, who)
        return self.shown(
            request, "console.html.j2", page.frame, home=page, play=self.play is not None,
            playing=self.play is not None and self.play.playing,
        )  # fmt: skip

    async def room(self, request: Request, who: Account) -> Response:
        """One incident."""
        return await self.show_room(request, who, request.path_params["incident"])

    async def show_room(
        self,
        request: Request,
        who: Account,
        incident: str,
        *,
        answer: Answer | None = None,
        line: str = "",
        noted: str = "",
        status: int = 200,
    ) -> Response:
        """One incident, below the answer to a command. `line` and `noted` stay in their fields after a refusal."""
        page = await self.desk.look("show", incident_page, who, incident)
        at = f"{root_of(request)}/console/incidents/{page.card.incident}"
        return self.shown(
            request, "room.html.j2", page.frame, status, at=at, room=page.card.incident, page=page, answer=answer,
            line=line, noted=noted,
        )  # fmt: skip

    async def retrospective(self, request: Request, who: Account) -> Response:
        """The retrospective of an incident, or the form that edits it."""
        again = "again" in request.query_params
        page = await self.desk.look("retro", retrospectives.page(again=again), who, request.path_params["incident"])
        edits = request.scope["path"].endswith("/edit")
        return self.shown(request, "console_retro.html.j2", page.frame, retro=page, edits=edits, typed=page.text)

    async def save_retrospective(self, request: Request, who: Account) -> Response:
        """Save what was written; if someone else saved in the meantime, show both."""
        posted, incident = await request.form(), request.path_params["incident"]
        text, read = kept(str(posted.get("text", ""))).replace("\r\n", "\n"), str(posted.get("revision", ""))
        revision = int(read) if read.isascii() and read.isdigit() and len(read) < 9 else -1
        try:
            await self.desk.change("retro", save_retro(text, revision), who, incident)
        except (EditedMeanwhile, InvalidField) as refusal:
            page = await self.desk.look("retro", retrospectives.page(again=False), who, incident)
            said = say(refusal.words, **refusal.facts)
            theirs = isinstance(refusal, EditedMeanwhile)
            return self.shown(
                request, "console_retro.html.j2", page.frame, 422, retro=page, edits=True, typed=text, said=said,
                theirs=theirs,
            )  # fmt: skip
        return RedirectResponse(f"{console_of(request)}/incidents/{quote(incident, safe='')}/retrospective", 303)

    async def support(self, request: Request, who: Account) -> Response:
        """The approved texts, ready to paste."""
        page = await self.desk.look("copy", support.support, who)
        return self.shown(request, "support.html.j2", page.frame, support=page)

    async def people(self, request: Request, who: Account) -> Response:
        """All people."""
        return await self._people(request, who)

    async def invite(self, request: Request, who: Account) -> Response:
        """All people, and a new sign-in link, which is shown only once."""
        posted = await request.form()
        name, support = str(posted.get("person", "")), posted.get("access") == "support"
        invited, handle, token = await self.desk.invite(who, name, support=support)
        link = f"{self.public_url}{console_of(request)}?token={token}"
        response = await self._people(request, who, invited=invited, handle=handle, link=link)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _people(self, request: Request, who: Account, **invited: str) -> Response:
        page = await self.desk.look("list", pages.everyone, who)
        return self.shown(request, "console_people.html.j2", page.frame, people=page, invited=invited)

    async def history(self, request: Request, who: Account) -> Response:
        """Incidents that a search finds, newest first."""
        asked = {name: kept(request.query_params.get(name, ""))[:200] for name in SEARCHED}
        before = request.query_params.get("before", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
        page = await self.desk.look("list", past.history(PastSearch(**asked, before=number)), who)
        return self.shown(request, "console_history.html.j2", page.frame, history=page)

    async def channels(self, request: Request, who: Account) -> Response:
        """All local channels."""
        page = await self.desk.look("subscriptions", channels.channels_page, who)
        return self.shown(request, "console_channels.html.j2", page.frame, channels=page.channels)

    async def channel(self, request: Request, who: Account) -> Response:
        """One channel as its subscribers see it."""
        page = await self.desk.look("subscriptions", channels.channel(request.path_params["name"]), who)
        return self.shown(request, "channel.html.j2", page.frame, page=page)

    async def subscriptions(self, request: Request, who: Account) -> Response:
        """All subscriptions."""
        answer = await self.desk.submit(Invocation("subscriptions", {}, who, Place("console")))
        if isinstance(answer, Listing):
            answer = replace(answer, buttons=(*answer.buttons, Button("Subscribe a channel", "subscribe")))
        return await self.show_answers(request, who, [answer], here="channels")

    async def form(self, request: Request, who: Account) -> Response:
        """The form of a command, filled with the current values."""
        verb = request.path_params["verb"]
        typed = {name: value for name, value in request.query_params.items() if name == "incident"}
        if verb == "edit":  # its fields depend on the open draft, so the command builds the form
            answer = await self.desk.submit(Invocation(verb, typed, who, Place("console")))
        else:
            answer = await self.desk.in_thread(lambda: self.desk.form(verb, typed, who, Place("console")))
        room = answer.incident if isinstance(answer, Form) else ""
        return await self.show_answers(request, who, [answer], room=room)

    async def start_play(self, request: Request, who: Account) -> Response:
        """Start the drill, or join it."""
        await self.frame(who)
        return RedirectResponse(await self.play.start(who.id) if self.play else console_of(request), 303)

    async def confirm(self, request: Request, who: Account) -> Response:
        """The confirmation that a button asks for before its command runs."""
        line, room = request.query_params.get("line", ""), request.query_params.get("room", "")
        asked = catalog.confirmation(line.partition(" ")[0])
        if asked is None:
            return RedirectResponse(console_of(request), 303)
        frame = await self.frame(who)
        return self.shown(
            request, "console_confirm.html.j2", frame, asked=asked, line=line, room=room, title=asked.title
        )

    async def show_answers(
        self, request: Request, who: Account, answers: list[Answer], *, room: str = "", line: str = "", **values: Any
    ) -> Response:
        """A page that shows answers."""
        frame = await self.desk.look("copy", pages.frame, who)
        answers = [await self._with_everyone(each, who) if isinstance(each, Form) else each for each in answers]
        refused = any(isinstance(each, Notice | Form) and each.refused for each in answers)
        first = answers[0]
        form = answers[-1]
        if isinstance(form, Form) and request.method == "POST":  # reloading opens it again
            asked = f"?incident={form.incident}" if form.incident else ""
            values["at"] = f"{console_of(request)}/forms/{form.verb}{asked}"
        title = heading(first)
        status = refused_status(answers) if refused else 200
        return self.shown(
            request, "console_answer.html.j2", frame, status, answers=answers, room=room, line=line, title=title,
            **values,
        )  # fmt: skip

    async def _with_everyone(self, form: Form, who: Account) -> Form:
        if not any(field.asks is Asks.PERSON for field in form.fields):
            return form
        return await self.desk.look("list", lambda ctx: with_everyone(ctx, form), who)

    def shown(self, request: Request, template: str, frame: Frame, status: int = 200, **values: Any) -> Response:
        """A whole page for a person who is signed in."""
        query = request.scope["query_string"].decode("latin-1")
        at = request.scope["path"] + (f"?{query}" if query else "")
        session: SignedCookie = request.state.session
        given = {"at": at if request.method == "GET" else "", "session": session, **values}
        body = self.renderer.page(template, root=root_of(request), now=frame.now, frame=frame, **given)
        return HTMLResponse(body, status, headers={"Cache-Control": "private, no-cache"})

    async def frame(self, who: Account) -> Frame:
        """The frame of every page. Raises BotError."""
        return await self.desk.look("copy", pages.frame, who)
