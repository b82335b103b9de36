"""The Slack app: acknowledges within Slack's 3 seconds; `chat` runs what was acknowledged.

Before the acknowledgement it does exactly three things: authenticate (we check signature and workspace, Bolt the
socket), read the payload against the catalog, and store writing commands in the inbox. Everything else happens
afterwards, in tasks that `ChatIntake.running` owns.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, assert_never
from urllib.parse import parse_qs

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import elapsed_s
from bot.commands.fields import ParseContext
from bot.commands.rooms import connected
from bot.errors import Busy
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.leases import Share
from bot.intake.requests import ChatRequest, OpenForm, Reply, RunCommand
from bot.platforms.slack import events, inbound, modals
from bot.platforms.slack.chat import SlackChat
from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.inbound import PLATFORM, AddRow, FieldErrors, Payload
from bot.platforms.slack.members import KNOWN_FOR_S, Members
from bot.platforms.slack.replies import SlackReplies
from bot.platforms.slack.socket import Sockets
from bot.platforms.slack.web import AWAY, SlackWeb, asked_to_wait
from bot.views import Notice

log = logging.getLogger("foghorn.slack")
OURS = re.compile(rf"^{inbound.PREFIX}")
ELSEWHERE = (
    "Foghorn is not set up for this workspace, or it is still starting. Nothing was changed. Try again in a minute."
)
CONNECT_AGAIN_S = (1, 2, 5, 10)
LOOK_EVERY_S = 15.0  # a call, if none was made meanwhile; auth.test allows hundreds a minute
EVENTS_KNOWN = 1000  # recent event ids of read-only events; the inbox remembers the others


class SlackApp:
    """Handles everything Slack sends, over Socket Mode or HTTP."""

    def __init__(
        self,
        web: SlackWeb,
        desk: Desk,
        inbox: Inbox,
        replies: SlackReplies,
        reading: Callable[[], ParseContext],
        *,
        share: Callable[[], Awaitable[Share]],
        app_token: str = "",
        signing_secret: str = "",
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        organisation = reading().organisation
        settings = organisation.section(SlackConfig)
        self._web = web
        self.traffic = web.traffic
        self._replies = replies
        self._reading = reading
        self._app_token = app_token
        self._share = share
        self._signing_secret = signing_secret
        self._command = settings.command
        self._look_every_s = look_every_s
        listed = [each.accounts[PLATFORM] for each in organisation.people if PLATFORM in each.accounts]
        self.members = Members(web, settings.groups, listed)
        self._desk = desk
        self._chat = SlackChat(web, desk, inbox, replies, self.members)
        self.intake = self._chat.intake
        self._identity: AuthorizeResult | None = None
        self._answers = True
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
        return self._identity is not None and self._answers and (self._sockets is None or self._sockets.up)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stay connected for the duration of the block; acknowledged work is finished before it exits."""
        self._bolt = self._make_bolt()
        self._sockets = Sockets(self._bolt, self._app_token, self._share) if self._app_token else None
        async with self.intake.running(self._connect()):
            try:
                yield
            finally:
                if self._sockets is not None:
                    await self._sockets.close()

    async def http(self, request: Request) -> Response:
        """`/slack/events`: commands, clicks, forms, and events over HTTP.

        Signature and age are checked first, because Bolt reads the body before it checks them, and fails if it cannot.
        """
        if self._bolt is None:
            return Response("Slack is not running", 503)
        body = await request.body()
        if not self._is_signed(body, request.headers):
            probe = parse_qs(body.decode("latin-1")).get("ssl_check") == ["1"]  # Slack sends it without a signature
            return Response(status_code=200 if probe else 401)
        return await AsyncSlackRequestHandler(self._bolt).handle(request)

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed this within the last five minutes."""
        try:
            return SignatureVerifier(self._signing_secret).is_valid_request(body, headers)
        except (TypeError, ValueError):  # a timestamp that is not a number, or a signature or body that is not text
            return False

    def _make_bolt(self) -> AsyncApp:
        """With `process_before_response` Bolt does not poll: our listeners end with the acknowledgement."""

        async def authorize() -> AuthorizeResult:
            """One workspace, one token; `_is_ours` checks who sent the request."""
            return self._identity or AuthorizeResult(enterprise_id=None, team_id=None)

        bolt = AsyncApp(
            name="foghorn",  # without one, Bolt reads the source of every caller
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
        bolt.error(_failed)
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

    def _listener(
        self, read: Callable[[Payload, ParseContext], ChatRequest | FieldErrors | AddRow]
    ) -> Callable[..., Awaitable[None]]:
        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            self.traffic.heard()
            try:
                if not self._is_ours(body):
                    await ack(ELSEWHERE)
                    return
                request = read(body, self._reading())
                if isinstance(request, FieldErrors):
                    found = modals.field_errors(request.errors, self._replies.zone)
                    await ack(response_action="errors", errors=found)
                    return
                if isinstance(request, AddRow):
                    await ack()
                    self.intake.spawn(self._replies.add_row(request))
                    return
                await self.intake.handle(request, Acknowledgement(ack, self._chat, self._replies))
            except Exception:
                await ack(self.intake.unexpected())

        return listen

    async def _on_event(self, body: dict[str, Any]) -> None:
        """Bolt acknowledges when this returns; if it raises Busy, Slack delivers the event again."""
        self.traffic.heard()
        if not self._is_ours(body) or self._identity is None:
            return
        read = events.read_event(body, self._reading(), self._identity.bot_user_id or "")
        match read:
            case None:
                return
            case RunCommand() if read.writes:
                if await self.intake.store(read):
                    self.intake.spawn(self.intake.run(read))
            case events.ChannelChanged(change):
                await self._desk.write(change, PLATFORM)
            case _ if self._is_known(body["event_id"]):
                return
            case events.Joined():
                self.intake.spawn(self._chat.welcome(read))
            case events.HomeOpened(user):
                self.intake.spawn(self._chat.show_home(user))
            case RunCommand():
                self.intake.spawn(self.intake.run(read))
            case OpenForm():
                self.intake.spawn(self._replies.send(read.form, read.reply_to))
            case Reply():
                self.intake.spawn(self._replies.send(read.answer, read.reply_to))
            case _:
                assert_never(read)

    def _is_known(self, event: str) -> bool:
        """Whether this read-only event was seen before."""
        known = event in self._events
        self._events[event] = None
        if len(self._events) > EVENTS_KNOWN:
            self._events.popitem(last=False)
        return known

    async def _connect(self) -> None:
        """Learn our identity, then open the sockets and watch them. Retries while Slack is unavailable."""
        tries = 0
        while self._identity is None:
            try:
                answer = await self._web.client.auth_test()
                self._web.team = self._chat.team = answer["team_id"]
                self._chat.url = answer.get("url", "")
                self._identity = _identity(answer)
                self.intake.spawn(self._enter(answer["team_id"], answer.get("team", answer["team_id"])))
            except AWAY as problem:
                wait = CONNECT_AGAIN_S[min(tries, len(CONNECT_AGAIN_S) - 1)]
                log.warning("Slack did not confirm our identity (%s); trying again in %s s", problem, wait)
                tries += 1
                await asyncio.sleep(wait)
        await self.members.read_groups()
        watching = [self._read_groups(), self._look()]
        if self._sockets is not None:
            await self._sockets.open()
            watching.append(self._sockets.watch())
        await asyncio.gather(*watching)

    async def _enter(self, team: str, name: str) -> None:
        """Notice that this is another workspace than before."""
        with suppress(Busy):
            if await self._desk.write(connected(PLATFORM, team, name), PLATFORM):
                log.warning("this is another Slack workspace than before: %s", name)

    async def _look(self) -> None:
        """Notice when Slack no longer carries out our calls, because nothing tells us over HTTP or an open socket."""
        while True:
            await asyncio.sleep(self._look_every_s)
            if (self.traffic.answered_s or 0.0) > elapsed_s() - self._look_every_s:
                self._answers = True
                continue
            try:
                await self._web.client.auth_test()
                self._answers = True
            except AWAY as problem:
                self._answers = asked_to_wait(problem) is not None if isinstance(problem, SlackApiError) else False
                log.warning("Slack does not answer: %s", problem)

    async def _read_groups(self) -> None:
        while True:
            await asyncio.sleep(KNOWN_FOR_S)
            await self.members.read_groups()


class Acknowledgement:
    """The first response to a request of a person."""

    def __init__(self, ack: AsyncAck, chat: SlackChat, replies: SlackReplies) -> None:
        self._ack = ack
        self._chat = chat
        self._replies = replies

    async def acknowledge(self, _request: RunCommand) -> None:
        """Without words."""
        await self._ack()

    async def repeat(self) -> None:
        """Slack expects an acknowledgement each time."""
        await self._ack()

    async def open(self, request: OpenForm) -> None:
        """The form opens after the acknowledgement."""
        await self._ack()
        self._chat.intake.spawn(self._chat.open(request))

    async def reply(self, reply: Reply) -> None:
        """For a command in the acknowledgement, for a form in its place, for a click at its response URL."""
        answer, reply_to = reply.answer, reply.reply_to
        if reply_to.submitted is not None and isinstance(answer, Notice):
            view = modals.rejected_modal(reply_to.submitted, answer.sentence, self._replies.zone)
            await self._ack(response_action="update", view=view)
        elif reply_to.clicked:
            await self._ack()
            self._chat.intake.spawn(self._replies.send(answer, reply_to))
        else:
            await self._ack(**self._replies.message(answer))


async def _failed(error: Exception, logger: logging.Logger) -> BoltResponse:
    """An event that could not be stored: Slack delivers it again."""
    if isinstance(error, Busy):
        return BoltResponse(status=503, body="The database does not answer. Deliver this again.")
    logger.error("unexpected", exc_info=error)
    return BoltResponse(status=500)


def _identity(answer: Any) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_id=answer.get("bot_id"),
        bot_user_id=answer.get("user_id"),
        bot_token=answer.req_args.get("headers", {}).get("Authorization", "").removeprefix("Bearer "),
    )
