"""Foghorn with its console, asked over HTTP by as many people as a test needs."""

import asyncio
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.actions import people
from bot.changes import ChangeFeed
from bot.domain.organisation import Organisation
from bot.platforms.console.pages import Play
from bot.platforms.console.routes import routes
from bot.web.middleware import SecurityHeaders
from bot.web_templates import WEB, web_environment
from tests.harness import CROWD, Harness
from tests.platforms.console.browse import BASE, Browse
from tests.reference import ORGANISATION

SECRET = "a secret of at least sixteen characters"


class Client:
    """Asks an application without a server, and keeps its cookies."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base
        self.cookies = httpx.Cookies()

    def request(self, method: str, url: str, **asked: Any) -> httpx.Response:
        """As `httpx.Client.request`."""
        return asyncio.run(self._request(method, url, asked))

    async def _request(self, method: str, url: str, asked: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
            response = await client.request(method, url, **asked)
            self.cookies = client.cookies
            return response


class Rehearsal:
    """A drill that can be started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    @property
    def playing(self) -> bool:
        return bool(self.started)

    async def start(self, person: str) -> str:
        self.started.append(person)
        return "/console/people"


class World:
    """Use as a context: the application runs in it."""

    def __init__(
        self,
        url: str,
        organisation: Organisation = CROWD,
        *,
        play: Play | None = None,
        base: str = BASE,
    ) -> None:
        self.harness = Harness(url, organisation)
        self.changes = ChangeFeed()
        self.closing = asyncio.Event()
        self.harness.store.after_commit.append(self.changes.committed)
        self.base = base
        console = routes(
            self.harness.desk,
            _environment(organisation.model_dump_json()),
            secret=SECRET,
            public_url=base,
            changes=self.changes,
            closing=self.closing,
            clock=self.harness.clock,
            play=play,
        )
        self.app = Starlette(
            routes=[*console, Route("/static/{name}", _static)], middleware=[Middleware(SecurityHeaders)]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.harness.close()

    def link(self, handle: str) -> str:
        """A sign-in link, as `foghorn people invite` prints it."""
        with self.harness.store.write() as tx:
            _person, token = people.invite(tx, handle)
        return f"/console?token={token}"

    def browser(self, handle: str = "") -> Browse:
        """A new browser; somebody signs in."""
        browse = Browse(Client(self.app, self.base), self.link, self.base)
        if handle:
            browse.sign_in(handle)
        return browse


@cache
def _environment(organisation: str) -> Environment:
    """Templates are compiled once for all tests."""
    return web_environment(type(ORGANISATION).model_validate_json(organisation))


async def _static(request: object) -> Response:
    name = request.path_params["name"]  # type: ignore[attr-defined]
    return FileResponse(WEB / name)
