"""The routes under /console: sign-in, sign-out, and the pages for people who are signed in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.changes import ChangeFeed
from bot.clock import Clock, utc_now
from bot.commands.grammar import incident_number
from bot.commands.invocation import Account
from bot.errors import BotError, Busy, InvalidField, LinkUsed, NotAllowed, NotFound, NotInGroup, UnknownAccount
from bot.intake.desk import Desk
from bot.platforms.console.access import SessionCookie, SignedCookie, console_of, root_of
from bot.platforms.console.actions import ConsoleActions
from bot.platforms.console.pages import ConsolePages, Play
from bot.platforms.console.player import Player, PlayerPages
from bot.platforms.console.rendering import Renderer
from bot.platforms.console.streams import EventStreams
from bot.presence import Presence
from bot.reading.pages import Frame
from bot.settings import program
from bot.views import Sentence, say

WHILE_TYPING = ("/complete", "/check", "/writing")
"""What pages request while someone is typing, before anything is submitted."""
Handler = Callable[[Request, Account], Awaitable[Response]]
DRAFTING = ("update", "edit", "resolve", "correct", "translate", "reopen")
STATUS = ((NotFound, 404), (NotAllowed, 403), (InvalidField, 422), (LinkUsed, 410), (Busy, 503))
SIGNED_OUT = say(
    "You are not signed in. To get a sign-in link, run `foghorn people list` to see your handle, then `foghorn people "
    "invite HANDLE`. A link works once, for 15 minutes. It brings you back to this page, and what you wrote is still "
    "in your browser."
)


def routes(
    desk: Desk,
    environment: Environment,
    *,
    secret: str,
    public_url: str,
    changes: ChangeFeed,
    closing: asyncio.Event,
    clock: Clock = utc_now,
    play: Play | None = None,
    player: Player | None = None,
    presence: Presence | None = None,
) -> list[BaseRoute]:
    """The routes. `environment` comes from `templating.web_environment`; `closing` is set on shutdown.

    `secret` signs the session cookies. `play` starts the drill that the console offers, and `player` controls
    this one. `presence` shares with other processes who has which page open.
    """
    renderer = Renderer(environment)
    pages = ConsolePages(desk, renderer, play, public_url)
    sessions = SessionRoutes(SessionCookie(secret, public_url, clock), pages, renderer, clock, player)
    environment.globals["player"] = player is not None
    streams = EventStreams(desk, changes, closing, presence=presence or Presence())
    actions, open_pages = ConsoleActions(desk, pages), OpenPages(pages, streams)
    shown, posted = _shown(pages, actions, open_pages), _posted(pages, actions, open_pages)
    if player:
        played = PlayerPages(pages, player)
        shown["/player"], posted["/player/{act}"] = played.show, played.control
    return [
        Route("/console", sessions.enter, methods=["GET"]),
        Route("/console/sign-in", sessions.sign_in, methods=["POST"]),
        Route("/console/sign-out", sessions.sign_out, methods=["POST"]),
        *(Route(f"/console/{part}", _home, methods=["GET"]) for part in ("sign-in", "sign-out", "play")),
        Route("/console/do/{verb}", _form, methods=["GET"]),
        *(Route(f"/console{path}", sessions.signed_in(handler), methods=["GET"]) for path, handler in shown.items()),
        *(
            Route(f"/console{path}", sessions.signed_in(handler, takes_form=path not in WHILE_TYPING), methods=["POST"])
            for path, handler in posted.items()
        ),
    ]


def _shown(pages: ConsolePages, actions: ConsoleActions, open_pages: "OpenPages") -> dict[str, Handler]:
    """Handlers of GET, by path below /console."""
    return {
        "/incidents/{incident}": pages.room,
        "/incidents/{incident}/retrospective": pages.retrospective,
        "/incidents/{incident}/retrospective/edit": pages.retrospective,
        "/support": pages.support,
        "/people": pages.people,
        "/history": pages.history,
        "/channels": pages.channels,
        "/channels/{name}": pages.channel,
        "/subscriptions": pages.subscriptions,
        "/forms/{verb}": pages.form,
        "/files/{verb}/{incident}": actions.file,
        "/run": actions.show,
        "/confirm": pages.confirm,
        "/changes": open_pages.stream,
        "/session": open_pages.session,
    }


def _posted(pages: ConsolePages, actions: ConsoleActions, open_pages: "OpenPages") -> dict[str, Handler]:
    """Handlers of POST, by path below /console."""
    return {
        "/run": actions.run,
        "/complete": actions.complete,
        "/check": actions.check,
        "/writing": open_pages.writing,
        "/do/{verb}": actions.do,
        "/play": pages.start_play,
        "/people": pages.invite,
        "/incidents/{incident}/retrospective": pages.save_retrospective,
    }


@dataclass(frozen=True)
class OpenPages:
    """What the script of an open page requests."""

    pages: ConsolePages
    streams: EventStreams

    async def stream(self, request: Request, who: Account) -> Response:
        """What changes, as it happens."""
        frame = await self.pages.frame(who)
        number = incident_number(request.query_params.get("room", ""))
        editing = "draft" if request.query_params.get("form") in DRAFTING else ""
        events = self.streams.stream(who, frame.name, f"INC-{number}" if number else "", editing)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def writing(self, request: Request, who: Account) -> Response:
        """Tell others who is editing which text."""
        posted = await request.form()
        self.streams.write(who, str(posted.get("room", "")), str(posted.get("text", ""))[:40])
        return Response(status_code=204)

    async def session(self, request: Request, who: Account) -> Response:
        """When the session ends, and whether that is the latest possible time."""
        await self.pages.frame(who)
        mine: SignedCookie = request.state.session
        return JSONResponse({"ends": mine.ends.isoformat(), "last": mine.ends == mine.latest})


@dataclass(frozen=True)
class SessionRoutes:
    """Signs people in and out, and turns refusals into pages."""

    cookie: SessionCookie
    pages: ConsolePages
    renderer: Renderer
    clock: Clock
    player: Player | None = None

    def signed_in(self, handler: Handler, *, takes_form: bool = False) -> Callable[[Request], Awaitable[Response]]:
        """The handler for people who are signed in. Anyone else gets 401 and is told how to get a link.

        If it `takes_form`, the page is told which form was accepted.
        """

        async def serve(request: Request) -> Response:
            session = request.state.session = self.cookie.read(request)
            who = session.account if session else None
            try:
                if request.method == "POST":
                    self.cookie.check_same_origin(request)
                if session is None or who is None:
                    return self._signed_out(request)
                response = await handler(request, who)
                self.cookie.renew(response, request, session)
                if takes_form and response.status_code < 400:
                    self.cookie.accepted(response, request, str((await request.form()).get("key", "")))
            except UnknownAccount:
                return self._signed_out(request)
            except BotError as refusal:
                return await self._refused(request, who, refusal)
            return response

        return serve

    async def enter(self, request: Request) -> Response:
        """The start page or, for a sign-in link, a button: a link preview must not use it up.

        Someone who is sent to a drill by their own console is signed in to it at once.
        """
        token = request.query_params.get("token", "")
        if not token:
            return await self.signed_in(self.pages.home)(request)
        try:
            if self.player and self.cookie.comes_from_us(request):
                at = f"{console_of(request)}/incidents/{self.player.state().incident}"
                return await self._signed_in_by(request, token, at)
            name = await self.pages.desk.link_owner(token)
        except BotError as refusal:
            if isinstance(refusal, LinkUsed) and self.cookie.read(request):  # it was already used in this browser
                return RedirectResponse(console_of(request), 303)
            return await self._refused(request, None, refusal)
        body = self.renderer.page(
            "console_sign_in.html.j2", root=root_of(request), now=self.clock(), name=name, token=token
        )
        return HTMLResponse(body, headers={"Cache-Control": "no-store", "Referrer-Policy": "strict-origin"})

    async def sign_in(self, request: Request) -> Response:
        """Use the link and begin a session."""
        try:
            self.cookie.check_same_origin(request)
            token = str((await request.form()).get("token", ""))
            return await self._signed_in_by(request, token, self.cookie.back_to(request))
        except BotError as refusal:
            return await self._refused(request, None, refusal)

    async def _signed_in_by(self, request: Request, token: str, at: str) -> Response:
        """Use a link, begin a session, and go on to a page. Raises LinkUsed, NotFound."""
        person, session = await self.pages.desk.sign_in(token)
        response = RedirectResponse(at, 303)
        self.cookie.begin(response, request, person, session)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser, including for copies of its cookie."""
        session = self.cookie.read(request)
        try:
            self.cookie.check_same_origin(request)
            if session is not None:
                await self.pages.desk.sign_out(session.id)
        except BotError as refusal:
            return await self._refused(request, None, refusal)
        response = RedirectResponse(console_of(request), 303)
        self.cookie.delete(response, request)
        return response

    def _signed_out(self, request: Request) -> Response:
        response = self._page(request, "Sign in to continue", SIGNED_OUT, 401)
        self.cookie.remember(response, request)
        return response

    async def _refused(self, request: Request, who: Account | None, refusal: BotError) -> Response:
        frame = await self._frame(who)
        if frame and frame.support and isinstance(refusal, NotInGroup) and request.method == "GET":
            return RedirectResponse(f"{root_of(request)}/console/support", 303)
        status = next((status for kind, status in STATUS if isinstance(refusal, kind)), 409)
        title = {404: "Not found", 403: "You do not have access", 410: "This link no longer works"}.get(
            status, "Nothing was changed"
        )
        return self._page(request, title, say(refusal.words, **refusal.facts), status, frame)

    async def _frame(self, who: Account | None) -> Frame | None:
        """The frame for a signed-in person; None if it cannot be read."""
        try:
            return await self.pages.frame(who) if who else None
        except BotError:
            return None

    def _page(
        self, request: Request, title: str, sentence: Sentence, status: int, frame: Frame | None = None
    ) -> Response:
        now = frame.now if frame else self.clock()
        sentence = replace(sentence, words=sentence.words.replace("`foghorn ", f"`{program()} "))
        body = self.renderer.page(
            "console_refused.html.j2", root=root_of(request), now=now, frame=frame, title=title, sentence=sentence
        )
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})


async def _home(request: Request) -> Response:
    """The start page, for someone who opens the address that a form was sent to."""
    return RedirectResponse(console_of(request), 303)


async def _form(request: Request) -> Response:
    """The form of a command, for someone who opens the address that it was sent to."""
    return RedirectResponse(f"{console_of(request)}/forms/{quote(request.path_params['verb'], safe='')}", 303)
