"""A Foghorn on an embedded database, and somebody who looks at its public pages."""

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.types import ASGIApp

from tests.web.stories import Foghorn

Read = Callable[..., str]


class Client:
    """Asks an application without a server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def get(self, path: str, **asked: object) -> httpx.Response:
        return self.request("GET", path, **asked)

    def request(self, method: str, path: str, **asked: object) -> httpx.Response:
        return asyncio.run(self._request(method, path, asked))

    async def _request(self, method: str, path: str, asked: dict[str, object]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, path, **asked)  # type: ignore[arg-type]


@pytest.fixture
def foghorn(migrated_sqlite_url: str) -> Iterator[Foghorn]:
    foghorn = Foghorn(migrated_sqlite_url)
    yield foghorn
    foghorn.close()


@pytest.fixture
def either_web(migrated_url: str) -> Iterator[Foghorn]:
    """The same on each database engine in turn."""
    foghorn = Foghorn(migrated_url)
    yield foghorn
    foghorn.close()


@pytest.fixture
def client(foghorn: Foghorn) -> Client:
    return Client(foghorn.web_app())


@pytest.fixture
def read(foghorn: Foghorn, client: Client) -> Read:
    """A public page or feed as it reads after a rebuild; `fresh=False`: as it was built last."""

    def read_path(path: str = "/", *, fresh: bool = True) -> str:
        if fresh:
            asyncio.run(foghorn.site.rebuild())
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    return read_path
