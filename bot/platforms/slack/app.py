"""The Slack app: acknowledges within Slack's 3 seconds, runs commands at the desk, and answers.

Before the acknowledgement exactly three things: authenticate (Bolt: signature or socket, and our workspace); read
payload and catalogue; for work that writes, keep it in the inbox. All else follows, in tasks that `running` owns.
"""

import asyncio
import logging
import re
import secrets
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

from bot.commands.desk import Desk
from bot.commands.fields import Reading
from bot.commands.inbox import Inbox
from bot.errors import Busy, SendFailed, Unexpected
from bot.platforms.slack import inbound, modals
from bot.platforms.slack.answers import Answers
from bot.platforms.slack.inbound import PLATFORM, Ask, Errors, Payload, Read, Refuse, Way, Work
from bot.platforms.slack.socket import Sockets
from bot.platforms.slack.web import SlackWeb
from bot.views import Form, Notice, say

log = logging.getLogger("foghorn.slack")
OURS = re.compile(rf"^{inbound.PREFIX}")
LOOK_FOR_LEFT_OVER_S = 30
ELSEWHERE = "Foghorn serves one workspace, and this is not it (or Foghorn is still starting). Nothing was changed."
CONNECT_AGAIN_S = (1, 2, 5, 10, 30, 60)


class SlackApp:
    """Everything Slack sends, over sockets or HTTP; the handlers are the same."""

    def __init__(
        self,
        web: SlackWeb,
        desk: Desk,
        inbox: Inbox,
        answers: Answers,
        reading: Callable[[], Reading],
        *,
        app_token: str = "",
        signing_secret: str = "",
        command: str = "/incident",
    ) -> None:
        self._web = web
        self._desk = desk
        self._inbox = inbox
        self._answers = answers
        self._reading = reading
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._command = command
        self._identity: AuthorizeResult | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[str] = set()
        self._bolt: AsyncApp | None = None

    @property
    def connected(self) -> bool:
        """Whether Slack knows our token."""
        return self._identity is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connected for as long as the block lasts; on leaving, work that was acknowledged is finished first."""
        self._bolt = self._make_bolt()
        sockets = Sockets(self._bolt, self._app_token) if self._app_token else None
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            connecting = tasks.create_task(self._connect(sockets))
            looking = tasks.create_task(self._look_for_left_over())
            try:
                yield
            finally:
                connecting.cancel()
                looking.cancel()
                if sockets is not None:
                    await sockets.close()
        self._tasks = None
        await asyncio.to_thread(self._inbox.close)

    async def http(self, request: Request) -> Response:
        """`/slack/events`: commands, clicks and forms over HTTP; Bolt checks signature and age."""
        if self._bolt is None:
            return Response("Slack is not started", 503)
        return await AsyncSlackRequestHandler(self._bolt).handle(request)

    async def resume(self) -> None:
        """Carry out what a process that died had accepted."""
        for row in await self._desk.in_thread(self._inbox.left_over):
            if row.key.startswith(f"{PLATFORM}:") and row.key not in self._running:
                self._spawn(self._do(inbound.loaded(row.key, row.payload, row.handle)))

    def _make_bolt(self) -> AsyncApp:
        """`process_before_response`: our listeners end with the acknowledgement, so it need not be polled for."""

        async def authorize() -> AuthorizeResult:
            """One workspace, one token; `_is_ours` says who may use it."""
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
        return bolt

    def _is_ours(self, body: Payload) -> bool:
        """Whether this comes from our workspace and from somebody of it, not from a guest of Slack Connect."""
        teams = {
            body.get("team_id"),
            (body.get("team") or {}).get("id"),
            (body.get("user") or {}).get("team_id"),
        }
        return self._identity is not None and teams - {None} == {self._identity.team_id}

    def _listener(self, read: Callable[[Payload, Reading], Read]) -> Callable[..., Awaitable[None]]:
        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            try:
                if not self._is_ours(body):
                    log.warning("refused a request of workspace %s", body.get("team_id") or body.get("team"))
                    await ack(ELSEWHERE)
                    return
                await self._acknowledge(ack, read(body, self._reading()))
            except Exception:
                code = secrets.token_hex(3)
                log.exception("unexpected, code %s", code)
                words = Unexpected(code=code)
                await ack(words.words.format(code=code))

        return listen

    async def _acknowledge(self, ack: AsyncAck, read: Read) -> None:
        match read:
            case Errors(found):
                await ack(response_action="errors", errors=modals.errors(found, self._answers.zone))
            case Refuse(notice, way):
                await self._refuse(ack, notice, way)
            case Ask():
                await ack()
                self._spawn(self._open(read))
            case Work():
                await self._accept(ack, read)
            case _:
                assert_never(read)

    async def _accept(self, ack: AsyncAck, work: Work) -> None:
        """Keep it, acknowledge, run; what cannot be kept is refused by the acknowledgement itself."""
        fresh = True
        if work.writes:
            key, payload = work.invocation.key, inbound.dumped(work.invocation)
            try:
                fresh = await self._inbox.accept(key, payload=payload, handle=work.way.url)
            except Busy as busy:
                await self._refuse(ack, Notice(say(busy.words), refused=True), work.way)
                return
        await ack()
        if fresh:
            self._spawn(self._do(work))

    async def _refuse(self, ack: AsyncAck, notice: Notice, way: Way) -> None:
        """In words: of a command in the acknowledgement, of a form in its place, of a click at its response address."""
        if way.view is not None:
            await ack(response_action="update", view=modals.again(way.view, notice.sentence, self._answers.zone))
        elif way.clicked:
            await ack()
            self._spawn(self._answers.say(notice, way))
        else:
            await ack(**self._answers.message(notice))

    async def _do(self, work: Work) -> None:
        """Run a command and answer; what changed nothing is marked as done, so that it is not carried out later."""
        key = work.invocation.key
        self._running.add(key)
        try:
            answer = await self._desk.submit(work.invocation)
            if key and (isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)):
                self._inbox.settle(key)
            await self._answers.give(answer, work)
        finally:
            self._running.discard(key)

    async def _open(self, ask: Ask) -> None:
        """Open a form at once; one that starts from the record opens empty and is filled."""
        asked = ask.invocation
        if not ask.fill:
            await self._answers.open_form(ask.form, ask.way)
            return
        opened = await self._answers.open_loading(ask.form, ask.way)
        filled = await self._desk.in_thread(
            lambda: self._desk.form(asked.verb, dict(asked.typed), asked.who, asked.where)
        )
        await self._answers.fill(opened, filled, ask)

    async def _connect(self, sockets: Sockets | None) -> None:
        """Learn who we are, then open the sockets; while Slack is away, try again."""
        tries = 0
        while self._identity is None:
            try:
                self._identity = _identity(await self._web.client.auth_test())
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
                wait = CONNECT_AGAIN_S[min(tries, len(CONNECT_AGAIN_S) - 1)]
                log.warning("Slack does not know us yet (%s); trying again in %s s", problem, wait)
                tries += 1
                await asyncio.sleep(wait)
        if sockets is not None:
            await sockets.open()

    async def _look_for_left_over(self) -> None:
        while True:
            with suppress(Busy):
                await self.resume()
            await asyncio.sleep(LOOK_FOR_LEFT_OVER_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task that `running` owns. One that fails is logged with its words and takes no other along."""
        if self._tasks is None:
            work.close()
            raise Busy
        self._tasks.create_task(_logged(work))


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (SendFailed, SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
        log.warning("an answer did not reach Slack: %s", problem)
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
