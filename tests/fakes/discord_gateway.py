"""Discord's gateway on this machine. Source: docs.discord.com, "Gateway": lifecycle, opcodes, close codes."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_checks import Json
from tests.fakes.discord_server import APP, Server
from tests.patience import until

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS_ONLY = 1


@dataclass
class Session:
    """What a client may resume: everything dispatched, by number."""

    id: str
    sent: list[Json] = field(default_factory=list)
    ws: web.WebSocketResponse | None = None


class Gateway:
    """Hello, identify, heartbeats, resume, invalid session, reconnect; every identify is counted."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._token = token
        self._numbers = itertools.count(1)
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.resumes = 0
        self.url = ""
        self.closed = False  # refuses connections: the gateway is away
        self.refused = 0  # connections, while it was
        self.used = 0  # of today's starts, by others
        self.heartbeat_ms = 41_250

    @property
    def live(self) -> list[Session]:
        """The sessions that are connected."""
        return [s for s in self.sessions.values() if s.ws is not None and not s.ws.closed]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection."""
        if self.closed:
            self.refused += 1
            return web.Response(status=503)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_json({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        session: Session | None = None
        async for frame in ws:
            if frame.type is not WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            match message["op"]:
                case 1:
                    await ws.send_json({"op": ACK, "d": None, "s": None, "t": None})
                case 2:
                    session = await self._identify(ws, message["d"])
                case 6:
                    session = await self._resume(ws, message["d"])
        if session is not None and session.ws is ws:
            session.ws = None
        return ws

    async def _identify(self, ws: web.WebSocketResponse, asked: Json) -> Session | None:
        """Ready, then the guild. Wrong token: 4004; an intent that was not granted: 4014."""
        self.identifies.append(asked)
        if asked["token"] != self._token:
            await ws.close(code=4004, message=b"Authentication failed.")
            return None
        if asked["intents"] & ~GUILDS_ONLY:
            await ws.close(code=4014, message=b"Disallowed intent(s).")
            return None
        session = Session(f"session-{next(self._numbers)}", ws=ws)
        self.sessions[session.id] = session
        guild = self._server.guild()
        ready = {"v": 10, "user": self._server.user(APP), "guilds": [{"id": guild["id"], "unavailable": True}],
                 "session_id": session.id, "resume_gateway_url": self.url, "shard": [0, 1],
                 "application": {"id": APP, "flags": 0}, "session_type": "normal", "private_channels": []}  # fmt: skip
        await self.dispatch("READY", ready, session)
        await self.dispatch("GUILD_CREATE", guild, session)
        return session

    async def _resume(self, ws: web.WebSocketResponse, asked: Json) -> Session | None:
        """What was missed, then Resumed; a session that is gone: invalid."""
        session = self.sessions.get(asked["session_id"])
        if session is None:
            await ws.send_json({"op": INVALID, "d": False, "s": None, "t": None})
            return None
        self.resumes += 1
        session.ws = ws
        for frame in session.sent:
            if frame["s"] > asked["seq"]:
                await ws.send_json(frame)
        await self.dispatch("RESUMED", {}, session)
        return session

    async def dispatch(self, name: str, data: Any, session: Session | None = None) -> None:
        """To one session, or to every one that exists: what a dropped one misses is sent when it resumes."""
        for each in [session] if session else list(self.sessions.values()):
            frame = {"op": DISPATCH, "d": data, "s": len(each.sent) + 1, "t": name}
            each.sent.append(frame)
            if each.ws is not None and not each.ws.closed:
                await each.ws.send_json(frame)

    async def ask_to_reconnect(self) -> None:
        """Op 7: connect anew and resume."""
        for session in self.live:
            assert session.ws is not None
            await session.ws.send_json({"op": RECONNECT, "d": None, "s": None, "t": None})

    async def end(self, code: int) -> None:
        """Close with a code. Source: "Opcodes and Status Codes", gateway close event codes."""
        for session in self.live:
            assert session.ws is not None
            del self.sessions[session.id]
            await session.ws.close(code=code)

    async def invalidate(self) -> None:
        """Op 9, not resumable: the client identifies again."""
        for session in self.live:
            assert session.ws is not None
            del self.sessions[session.id]
            await session.ws.send_json({"op": INVALID, "d": False, "s": None, "t": None})

    def drop(self) -> None:
        """Connections break without a word."""
        for session in self.live:
            assert session.ws is not None
            transport = session.ws._req.transport  # type: ignore[union-attr]
            if transport is not None:
                transport.abort()
            session.ws = None

    async def close(self) -> None:
        """End all connections."""
        for session in self.live:
            assert session.ws is not None
            await session.ws.close()

    async def connected(self, count: int = 1) -> None:
        """Wait until so many sessions are live."""
        await until(lambda: len(self.live) >= count)
