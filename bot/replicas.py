"""What other processes do on the same database, including the command line: open pages are told, and workers woken."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import astuple

from bot.changes import ANYTHING, ChangeFeed, CommittedChange
from bot.errors import Busy
from bot.ids import recent_id
from bot.ports import RunInThread
from bot.presence import SAID_AGAIN_S, Presence, Visitor
from bot.store import notices, record
from bot.store.transaction import Store, answering

log = logging.getLogger("foghorn.replicas")
LOOK_EVERY_S = 1.0
MOST = 12  # visitors of a page that another process is told of
OVERLAP_S = 10.0  # no commit takes longer


class Replicas:
    """Passes on what other processes committed, and tells them who has which page open.

    On SQLite nothing else serves pages; only what the command line committed has to be looked for.
    """

    def __init__(self, store: Store, url: str, changes: ChangeFeed, presence: Presence, in_thread: RunInThread) -> None:
        self._store, self._url = store, url
        self._changes = changes
        self._presence = presence
        self._in_thread = in_thread
        self._seen: set[str] = set()

    async def run(self) -> None:
        """Until canceled."""
        if self._store.engine.dialect.name == "sqlite":
            await self._look()
        else:
            await asyncio.gather(self._listen(), self._say())

    async def _listen(self) -> None:
        async with aclosing(notices.listen(self._url)) as coming:
            async for notice in coming:
                if notice is None:
                    self._changes.heard(ANYTHING)
                    self._presence.say_again()
                    await self._tell([{"asks": True}])
                elif notice["from"] != self._store.id:
                    self._heard(notice)

    def _heard(self, notice: notices.Notice) -> None:
        match notice:
            case {"asks": True}:
                self._presence.say_again()
            case {"page": str(incident), "visitors": list(visitors)}:
                self._presence.heard(notice["from"], incident, [Visitor(*each) for each in visitors])
            case {"incidents": list(incidents), "published": bool(published)}:
                self._changes.heard(CommittedChange(frozenset(incidents), published))
            case _:
                self._changes.heard(ANYTHING)

    async def _say(self) -> None:
        """Tell who has which page open: at once, and again from time to time."""
        while True:
            try:
                async with asyncio.timeout(SAID_AGAIN_S):
                    await self._presence.news.wait()
            except TimeoutError:
                self._presence.forget_silent()
                self._presence.say_again()
            said = self._presence.unsaid()
            await self._tell(
                [{"page": page, "visitors": [astuple(each) for each in there[:MOST]]} for page, there in said.items()]
            )

    async def _tell(self, said: Sequence[notices.Notice]) -> None:
        def send() -> None:
            with answering(), self._store.engine.begin() as connection:
                for notice in said:
                    notices.send(connection, {"from": self._store.id, **notice})

        if said:
            with suppress(Busy):  # it is said again
                await self._in_thread(send)

    async def _look(self) -> None:
        while True:
            try:
                await self._find_entries()
            except Busy:
                pass
            except Exception:
                log.exception("could not look for changes of other processes")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _find_entries(self) -> None:
        """An ID tells when an entry was made and not when it was committed, so recent ones are read again each time."""
        first = recent_id("ent", OVERLAP_S)

        def read() -> dict[str, tuple[str, bool]]:
            with self._store.read() as tx:
                return record.appended_since(tx, first)

        found = await self._in_thread(read)
        new = [found[entry] for entry in found.keys() - self._seen - self._changes.own]
        self._seen = set(found)
        if new:
            incidents = frozenset(key for key, _published in new)
            self._changes.heard(CommittedChange(incidents, any(published for _key, published in new)))
