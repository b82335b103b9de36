"""What other processes do on the same database, including the command line: open pages are told, and workers woken."""

import asyncio
import logging
from contextlib import aclosing

from bot.changes import ANYTHING, ChangeFeed, CommittedChange
from bot.errors import Busy
from bot.ids import recent_id
from bot.ports import RunInThread
from bot.store import notices, record
from bot.store.transaction import Store

log = logging.getLogger("foghorn.replicas")
LOOK_EVERY_S = 1.0
OVERLAP_S = 10.0  # no commit takes longer


class Replicas:
    """Passes on what other processes committed. Only on SQLite it has to look for it."""

    def __init__(self, store: Store, changes: ChangeFeed, in_thread: RunInThread) -> None:
        self._store = store
        self._changes = changes
        self._in_thread = in_thread
        self._seen: set[str] = set()

    async def run(self) -> None:
        """Until canceled."""
        await (self._look() if self._store.engine.dialect.name == "sqlite" else self._listen())

    async def _listen(self) -> None:
        async with aclosing(notices.listen(self._store.engine)) as coming:
            async for notice in coming:
                if notice is None or notice.get("everything"):
                    self._changes.heard(ANYTHING)
                elif notice["from"] != self._store.id:
                    self._changes.heard(CommittedChange(frozenset(notice["incidents"]), notice["published"]))

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
