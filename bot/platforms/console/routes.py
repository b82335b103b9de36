"""The routes under /console: sign-in, sign-out, and the pages for people who are signed in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.changes import ChangeFeed
from bot.clock import Clock, utc_now
from bot.commands.invocation import Account
from bot.errors import BotError, Busy, InvalidField, LinkUsed, NotAllowed, NotFound, NotInGroup, UnknownAccount
from bot.intake.desk import Desk
from bot.platforms.console.access import SessionCookie, check_same_origin
from bot.platforms.console.actions import ConsoleActions
from bot.platforms.console.pages import ConsolePages, Play, root_of
from bot.platforms.console.rendering import Renderer
from bot.platforms.console.streams import EventStreams
from bot.reading.pages import Frame
from bot.views import Sentence, say

Handler = Callable[[Request, Account], Awaitable[Response]]
STATUS = ((NotFound, 404), (NotAllowed, 403), (InvalidField, 422), (LinkUsed, 410), (Busy, 503))
SIGNED_OUT = say(
    "You are not signed in. To get a sign-in link, run `foghorn people invite` with your handle, or with your name in "
    'quotation marks, for example `foghorn people invite "Ana Silva"`. A link works once, for 15 minutes.'
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
) -> list[BaseRoute]:
    """The routes. `environment` comes from `templating.web_environment`; `closing` is set on shutdown.

    `secret` signs the session cookies. `play` starts the drill that the console offers.
    """
    renderer = Renderer(environment)
    pages = ConsolePages(desk, renderer, play)
    sessions = SessionRoutes(SessionCookie(secret, public_url), pages, renderer, clock)
    actions, streams = ConsoleActions(desk, pages), EventStreams(desk, changes, closing)

    async def stream(_request: Request, who: Account) -> Response:
        await pages.frame(who)
        return StreamingResponse(
            streams.stream(who), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def start_play(request: Request, who: Account) -> Response:
        await pages.frame(who)
        return RedirectResponse(await play(who.id) if play else f"{root_of(request)}/console", 303)

    shown: dict[str, Handler] = {
        "/console/incidents/{incident}": pages.room,
        "/console/support": pages.support,
        "/console/people": pages.people,
        "/console/history": pages.history,
        "/console/channels": pages.channels,
        "/console/channels/{name}": pages.channel,
        "/console/subscriptions": pages.subscriptions,
        "/console/forms/{verb}": pages.form,
        "/console/files/{verb}/{incident}": actions.file,
        "/console/changes": stream,
    }
    posted: dict[str, Handler] = {
        "/console/run": actions.run,
        "/console/complete": actions.complete,
        "/console/do/{verb}": actions.do,
        "/console/play": start_play,
    }
    return [
        Route("/console", sessions.enter, methods=["GET"]),
        Route("/console/sign-in", sessions.sign_in, methods=["POST"]),
        Route("/console/sign-out", sessions.sign_out, methods=["POST"]),
        *(Route(path, sessions.signed_in(handler), methods=["GET"]) for path, handler in shown.items()),
        *(Route(path, sessions.signed_in(handler), methods=["POST"]) for path, handler in posted.items()),
    ]


@dataclass(frozen=True)
class SessionRoutes:
    """Signs people in and out, and turns refusals into pages."""

    cookie: SessionCookie
    pages: ConsolePages
    renderer: Renderer
    clock: Clock

    def signed_in(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """The handler for people who are signed in. Anyone else gets 401 and is told how to get a link."""

        async def serve(request: Request) -> Response:
            who = self.cookie.account(request)
            try:
                if request.method == "POST":
                    check_same_origin(request, self.cookie.public_url)
                if who is None:
                    return self._page(request, "Sign in to continue", SIGNED_OUT, 401)
                return await handler(request, who)
            except UnknownAccount:
                return self._page(request, "Sign in to continue", SIGNED_OUT, 401)
            except BotError as refusal:
                return await self._refused(request, who, refusal)

        return serve

    async def enter(self, request: Request) -> Response:
        """The start page or, for a sign-in link, a button: a preview of the link must not use it up."""
        token = request.query_params.get("token", "")
        if not token:
            return await self.signed_in(self.pages.home)(request)
        try:
            name = await self.pages.desk.link_owner(token)
        except BotError as refusal:
            return await self._refused(request, None, refusal)
        body = self.renderer.page(
            "console_sign_in.html.j2", root=root_of(request), now=self.clock(), name=name, token=token
        )
        return HTMLResponse(body, headers={"Cache-Control": "no-store", "Referrer-Policy": "strict-origin"})

    async def sign_in(self, request: Request) -> Response:
        """Use the link and begin a session."""
        try:
            check_same_origin(request, self.cookie.public_url)
            person, session = await self.pages.desk.sign_in(str((await request.form()).get("token", "")))
        except BotError as refusal:
            return await self._refused(request, None, refusal)
        response = RedirectResponse(f"{root_of(request)}/console", 303)
        self.cookie.set(response, request, person, session)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser, including for copies of its cookie."""
        who = self.cookie.account(request)
        try:
            check_same_origin(request, self.cookie.public_url)
            if who is not None:
                await self.pages.desk.sign_out(who.session)
        except BotError as refusal:
            return await self._refused(request, None, refusal)
        response = RedirectResponse(f"{root_of(request)}/console", 303)
        self.cookie.delete(response, request)
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
        body = self.renderer.page(
            "console_refused.html.j2", root=root_of(request), now=now, frame=frame, title=title, sentence=sentence
        )
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})
