"""The Slack app: acknowledges within Slack's 3 seconds; `errands` runs what was acknowledged.

Before the acknowledgement it does exactly three things: authenticate (Bolt checks signature or socket, we check the
workspace), read the payload against the catalog, and store writing commands in the inbox. Everything else happens
afterwards, in tasks that `running` owns.
"""

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, assert_never

import aiohttp
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.commands.fields import ParseContext
from bot.errors import Busy, SendFailed, Unexpected
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.platforms.slack import events, inbound, modals
from bot.platforms.slack.answers import Answers
from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.inbound import PLATFORM, Ask, Errors, Payload, Read, Refuse, Work
from bot.platforms.slack.members import KNOWN_FOR_S, Members
from bot.platforms.slack.socket import Sockets
from bot.platforms.slack.web import SlackWeb
from bot.views import Notice, say

log = logging.getLogger("foghorn.slack")
OURS = re.compile(rf"^{inbound.PREFIX}")
LOOK_FOR_LEFT_OVER_S = 30
ELSEWHERE = (
    "Foghorn is not set up for this workspace, or it is still starting. Nothing was changed. Try again in a minute."
)
CONNECT_AGAIN_S = (1, 2, 5, 10, 30, 60)
EVENTS_KNOWN = 1000  # recent event ids of read-only events; the inbox remembers the others


class SlackApp:
    """Handles everything Slack sends, over Socket Mode or HTTP."""

    def __init__(
        self,
        web: SlackWeb,
        desk: Desk,
        inbox: Inbox,
        answers: Answers,
        reading: Callable[[], ParseContext],
        *,
        app_token: str = "",
        signing_secret: str = "",
    ) -> None:
        settings = reading().organisation.section(SlackConfig)
        self._web = web
        self._desk = desk
        self._inbox = inbox
        self._answers = answers
        self._reading = reading
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._command = settings.command
        self.members = Members(web, settings.groups)
        self._errands = Errands(web, desk, inbox, answers, self.members)
        self._identity: AuthorizeResult | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._bolt: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._events: OrderedDict[str, None] = OrderedDict()

    @property
    def refused(self) -> int:
        """How many requests were refused because the account is not a full member of the workspace."""
        return self.members.refused.total()

    @property
    def routes(self) -> list[Route]:
        """Where Slack sends requests without Socket Mode."""
        return [Route("/slack/events", self.http, methods=["POST"])]

    @property
    def connected(self) -> bool:
        """Whether Slack accepts our token and can reach us."""
        return self._identity is not None and (self._sockets is None or self._sockets.up)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stay connected for the duration of the block; acknowledged work is finished before it exits."""
        self._bolt = self._make_bolt()
        self._sockets = Sockets(self._bolt, self._app_token) if self._app_token else None
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            background = [tasks.create_task(self._connect()), tasks.create_task(self._look_for_left_over())]
            try:
                yield
            finally:
                self._errands.stopping = True
                for task in background:
                    task.cancel()
                if self._sockets is not None:
                    await self._sockets.close()
        self._tasks = None
        await asyncio.to_thread(self._inbox.close)

    async def http(self, request: Request) -> Response:
        """`/slack/events`: commands, clicks, forms, and events over HTTP; Bolt checks signature and age."""
        if self._bolt is None:
            return Response("Slack is not running", 503)
        return await AsyncSlackRequestHandler(self._bolt).handle(request)

    async def resume(self) -> None:
        """Run what a process accepted before it died."""
        for row in await self._desk.in_thread(self._inbox.left_over):
            if row.key.startswith(f"{PLATFORM}:") and row.key not in self._errands.running:
                self._spawn(self._errands.do(inbound.loaded(row.key, row.payload, row.handle)))

    def _make_bolt(self) -> AsyncApp:
        """With `process_before_response` Bolt does not poll: our listeners end with the acknowledgement."""

        async def authorize() -> AuthorizeResult:
            """One workspace, one token; `_is_ours` checks who sent the request."""
            return self._identity or AuthorizeResult(enterprise_id=None, team_id=None)

        bolt = AsyncApp(
            client=self._web.client,
            authorize=authorize,
            signing_secret=self._signing_secret,
            process_before_response=True,
        )
        bolt.command(self._command)(self._listener(inbound.read_command))
        bolt.action(re.compile(""))(self._listener(inbound.read_click))
        bolt.view(OURS)(self._listener(inbound.read_submission))
        bolt.shortcut(OURS)(self._listener(events.read_shortcut))
        bolt.event(re.compile(""))(self._on_event)
        return bolt

    def _is_ours(self, body: Payload) -> bool:
        """Whether this comes from a member of our workspace, not from a Slack Connect guest."""
        teams = {
            body.get("team_id"),
            (body.get("team") or {}).get("id"),
            (body.get("user") or {}).get("team_id"),
            (body.get("event") or {}).get("user_team"),
        }
        ours = self._identity is not None and teams - {None} == {self._identity.team_id}
        if not ours:
            self.members.refused["elsewhere"] += 1
            log.warning("refused a request of workspace %s", body.get("team_id") or body.get("team"))
        return ours

    def _listener(self, read: Callable[[Payload, ParseContext], Read]) -> Callable[..., Awaitable[None]]:
        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            try:
                if not self._is_ours(body):
                    await ack(ELSEWHERE)
                    return
                await self._acknowledge(ack, read(body, self._reading()))
            except Exception:
                code = secrets.token_hex(3)
                log.exception("unexpected, code %s", code)
                words = Unexpected(code=code)
                await ack(words.words.format(code=code))

        return listen

    async def _on_event(self, body: dict[str, Any]) -> None:
        """Bolt acknowledges when this returns; if it raises Busy, Slack delivers the event again."""
        if not self._is_ours(body) or self._identity is None:
            return
        read = events.read_event(body, self._reading(), self._identity.bot_user_id or "")
        match read:
            case None:
                return
            case Work() if read.writes:
                if await self._inbox.accept(read.invocation.key, payload=inbound.dumped(read)):
                    self._spawn(self._errands.do(read))
            case _ if self._is_known(body["event_id"]):
                return
            case events.Joined():
                self._spawn(self._errands.welcome(read))
            case events.HomeOpened(user):
                self._spawn(self._errands.show_home(user))
            case Work():
                self._spawn(self._errands.do(read))
            case Ask():
                self._spawn(self._answers.say(read.form, read.way))
            case Refuse(notice, way):
                self._spawn(self._answers.say(notice, way))
            case Errors():
                return
            case _:
                assert_never(read)

    def _is_known(self, event: str) -> bool:
        """Whether this read-only event was seen before."""
        known = event in self._events
        self._events[event] = None
        if len(self._events) > EVENTS_KNOWN:
            self._events.popitem(last=False)
        return known

    async def _acknowledge(self, ack: AsyncAck, read: Read) -> None:
        match read:
            case Errors(found):
                await ack(response_action="errors", errors=modals.errors(found, self._answers.zone))
            case Refuse():
                await self._refuse(ack, read)
            case Ask():
                await ack()
                self._spawn(self._errands.open(read))
            case Work():
                await self._accept(ack, read)
            case _:
                assert_never(read)

    async def _accept(self, ack: AsyncAck, work: Work) -> None:
        """Store it, acknowledge, run. If it cannot be stored, the acknowledgement says so."""
        fresh = True
        if work.writes:
            key, payload = work.invocation.key, inbound.dumped(work)
            try:
                fresh = await self._inbox.accept(key, payload=payload, handle=work.way.url)
            except Busy as busy:
                await self._refuse(ack, Refuse(Notice(say(busy.words), refused=True), work.way))
                return
        await ack()
        if fresh:
            self._spawn(self._errands.do(work))

    async def _refuse(self, ack: AsyncAck, refusal: Refuse) -> None:
        """Say why: for a command in the acknowledgement, for a form in its place, for a click at its response URL."""
        notice, way = refusal.notice, refusal.way
        if way.view is not None:
            await ack(response_action="update", view=modals.again(way.view, notice.sentence, self._answers.zone))
        elif way.clicked:
            await ack()
            self._spawn(self._answers.say(notice, way))
        else:
            await ack(**self._answers.message(notice))

    async def _connect(self) -> None:
        """Learn our identity, then open the sockets and watch them. Retries while Slack is unavailable."""
        tries = 0
        while self._identity is None:
            try:
                answer = await self._web.client.auth_test()
                self._errands.team, self._errands.url = answer["team_id"], answer.get("url", "")
                self._identity = _identity(answer)
            except (SlackApiError, aiohttp.ClientError, TimeoutError, SendFailed) as problem:
                wait = CONNECT_AGAIN_S[min(tries, len(CONNECT_AGAIN_S) - 1)]
                log.warning("Slack did not confirm our identity (%s); trying again in %s s", problem, wait)
                tries += 1
                await asyncio.sleep(wait)
        await self.members.read_groups()
        watching = [self._read_groups()]
        if self._sockets is not None:
            await self._sockets.open()
            watching.append(self._sockets.watch())
        await asyncio.gather(*watching)

    async def _read_groups(self) -> None:
        while True:
            await asyncio.sleep(KNOWN_FOR_S)
            await self.members.read_groups()

    async def _look_for_left_over(self) -> None:
        while True:
            with suppress(Busy):
                await self.resume()
            await asyncio.sleep(LOOK_FOR_LEFT_OVER_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task that `running` owns. A failure is logged and does not affect the others."""
        if self._tasks is None:
            work.close()
            raise Busy
        self._tasks.create_task(_logged(work))


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (SendFailed, SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
        log.warning("a reply did not reach Slack: %s", problem)
    except Exception:
        log.exception("unexpected")


def _identity(answer: Any) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_id=answer.get("bot_id"),
        bot_user_id=answer.get("user_id"),
        bot_token=answer.req_args.get("headers", {}).get("Authorization", "").removeprefix("Bearer "),
    )
