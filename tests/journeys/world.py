"""A whole Foghorn as `main` composes it, on a clock of our own, asked over HTTP by as many people as a test needs."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import SecretStr

from bot.actions import people
from bot.commands.invocation import Account
from bot.domain.components import Impact
from bot.domain.deliveries import DeliveryState
from bot.domain.organisation import Organisation
from bot.main import compose
from bot.settings import Settings
from bot.store import deliveries, incidents, updates
from tests.databases import lent
from tests.harness import START, Clock
from tests.journeys import checker
from tests.platforms.console.browse import BASE, Browse, Page
from tests.platforms.console.world import Client
from tests.reference import ORGANISATION, et

T = TypeVar("T")


class Whole:
    """Use as a context. Nothing happens by itself: `settle()` is what a running one does within a second."""

    def __init__(self, url: str, organisation: Organisation = ORGANISATION) -> None:
        self._loop = asyncio.Runner()
        self.clock = Clock(START)
        self.organisation = organisation
        changes = {"database_url": url, "public_url": BASE, "console_token": SecretStr("a secret of some length")}
        self.foghorn = compose(Settings().model_copy(update=changes), organisation, clock=self.clock)
        self._compiled = lent(self.foghorn.store)
        self._compiled.__enter__()
        self.foghorn.process.look()
        self.public = Client(self.foghorn.web_app, BASE)
        self.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._loop.run(self.foghorn.stop())
        self._loop.close()
        self._compiled.__exit__(None, None, None)

    def at(self, clock: str) -> None:
        """That day at this clock time in New York."""
        self.clock.now = et(clock)

    def wait(self, work: Coroutine[None, None, T]) -> T:
        """What comes of something that takes its time."""
        return self._loop.run(work)

    def rebuild(self) -> None:
        """What follows a publication at once: the public pages are built again."""
        self._loop.run(self.foghorn.site.rebuild())

    def settle(self) -> None:
        """Take the steps that are due, send what waits, rebuild the pages."""

        async def settled() -> None:
            await self.foghorn.worker.tick()
            await self.foghorn.worker.drain()
            await self.foghorn.site.rebuild()

        self._loop.run(settled())

    def browser(self, handle: str, *, support: bool = False) -> Browse:
        """A new browser, in which somebody followed their link; also somebody whom nobody configured."""

        def link(name: str) -> str:
            with self.foghorn.store.write() as tx:
                made = people.add(tx, name, support=support) if support else people.invite(tx, name)
                return f"/console?token={made[1]}"

        browse = Browse(Client(self.foghorn.web_app, BASE), link)
        browse.sign_in(handle)
        return browse

    def read(self, path: str) -> str:
        """The words of a public page, as anybody reads them."""
        answer = self.public.request("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return Page(answer.text).text

    def disagreements(self, reader: Browse, number: int = 1) -> list[str]:
        """Where a public page, a feed, a macro, a local channel or the console says anything else than the record."""
        who = Account("cli", "ana")
        wrong = self._loop.run(checker.disagreements(self.foghorn, self._get, {}, who=who, number=number))
        return wrong + self._on_the_console(reader, number)

    def told(self, number: int = 1) -> dict[str, DeliveryState]:
        """Destination -> the state of its last delivery, of everybody who was ever told of an incident."""
        with self.foghorn.store.read() as tx:
            incident = incidents.find_incident(tx, number)
            every = updates.published(tx, incident) if incident else ()
            return {str(row.destination): row.state for update in every for row in deliveries.of_update(tx, update)}

    async def _get(self, path: str) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.foghorn.web_app), base_url=BASE) as client:
            return (await client.get(path)).text

    def _on_the_console(self, reader: Browse, number: int) -> list[str]:
        """Room, support page and the pages of local channels, in the reader's browser."""
        with self.foghorn.store.read() as tx:
            incident = incidents.find_incident(tx, number)
            last = updates.last_published(tx, incident, corrections=False) if incident else None
            if incident is None or last is None:
                return []
            bodies = {text.audience.value: " ".join(text.body.split()) for text in updates.current_texts(tx, last)}
        zone = self.organisation.zone
        impacts = [f"{c.name} {Impact(last.impacts[c.key]).label}" for c in self.organisation.named(last.impacts)]
        at = zone.clock(last.published_at or self.clock.now)
        promised = [zone.clock(last.promised_at)] if last.promised_at else []
        state = "closed" if incident.closed_at else last.stage.label
        wanted = {
            f"/console/incidents/INC-{number}": [last.stage.label, *promised],
            "/console/support": [state, bodies["support"], at, *promised],
        }
        for destination, sent in self.told(number).items():
            if destination.startswith("local:#") and sent is DeliveryState.SENT:
                wanted[f"/console/channels/{destination[7:]}"] = [last.stage.label, *impacts, at.partition(" (")[0]]
        shown = {path: reader.open(path) for path in wanted}
        return [f"{path} lacks “{each}”" for path, all_ in wanted.items() for each in all_ if each not in shown[path]]
