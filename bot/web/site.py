"""The public pages and feeds: rendered at each publication, kept in memory, and served even if the database is gone."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from bot.actions.app_context import AppContext
from bot.changes import ChangeFeed, CommittedChange
from bot.clock import Clock
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.incident import Incident
from bot.domain.picture import published_story
from bot.errors import Busy
from bot.store import published
from bot.store.transaction import Store, Transaction
from bot.views.picture import picture
from bot.web import api, badges, feeds, overview
from bot.web.api import Api
from bot.web.feeds import Feeds
from bot.web.incidents import STAGES, PublicIncident, public_incident
from bot.web.languages import chosen
from bot.web.look import look
from bot.web.overview import MONTHS, Search, Snapshot
from bot.web.published import COMPRESS, Page, PublishedResponse
from bot.web_templates import WEB, web_environment

RECENT = 50  # incidents that are always rendered; older ones are read on request
KEPT = 200  # older incidents cached
EVERY_S = 30.0
ANSWER_WITHIN_S = 10.0
READERS = 8  # may wait for the database at once, so that a flood of searches cannot take every thread
ENTERED_LATER = timedelta(days=92)  # how long after its start an incident may be published and still be in its month
STALE = timedelta(minutes=2)
NEWEST = 4  # updates shown before the fold
HTML, SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"

log = logging.getLogger(__name__)
T = TypeVar("T")


class Site:
    """All public pages and feeds. Links are relative, so that they work under any path."""

    def __init__(self, store: Store, app: AppContext, clock: Clock, *, drill: bool = False) -> None:
        self.store = store
        self.app = app
        self.organisation = app.organisation
        self.url = app.public_url.rstrip("/")
        self.clock = clock
        self.cache: Mapping[str, Mapping[str, Page]] = {}
        """Language -> path -> page or feed."""
        self.environments = {
            language: web_environment(
                app.organisation, drill=drill, templates=app.templates, language=language, translated=True
            )
            for language in app.organisation.languages
        }
        self.changed = asyncio.Event()
        """Set when something new was built."""
        self.export_failing = ""
        """Why the last export to files failed; empty if it did not."""
        self.look = look(app.organisation.page, app.templates)
        for environment in self.environments.values():
            environment.globals["look"] = self.look
        self.zones = {each: app.templates.wording(app.organisation, each).zone for each in app.organisation.languages}
        self.zone = app.organisation.zone
        self._feeds = Feeds(app, drill=drill)
        self.api = Api(app, drill=drill)
        self._snapshots: Mapping[str, Snapshot] = {}
        self._older: OrderedDict[int, tuple[datetime, Mapping[str, PublicIncident]]] = OrderedDict()
        self._reading: asyncio.Task[Mapping[str, Snapshot]] | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self, changes: ChangeFeed, *, every_s: float = EVERY_S) -> None:
        """Rebuild at each publication and every 30 s, until canceled."""
        published, front = True, ""
        async with changes.listen() as heard:
            while True:
                try:
                    await self.rebuild()
                except Exception:  # the last built copy stays in use
                    log.exception("the public pages could not be rebuilt")
                before, front = front, "".join(page["/"].response().tag for page in self.cache.values())
                if published or front != before:
                    self.changed.set()
                published = await _publication(heard, every_s)

    async def rebuild(self) -> None:
        """Read what was published and build every page; if the database does not answer, use what was last read."""
        async with self._turn:
            await self._read_again()
            if self._snapshots:
                self.cache = await asyncio.to_thread(self._build, self._snapshots, self.clock())

    @property
    def read_at(self) -> datetime | None:
        """When the pages that are served were read from the database; None if there are none."""
        return min((each.as_of for each in self._snapshots.values()), default=None) if self.cache else None

    def language(self, asked: str, accepted: str) -> str:
        """The reader's language, from `?lang=` and Accept-Language."""
        return chosen(asked, accepted, self.organisation.languages)

    def find(self, language: str, path: str) -> PublishedResponse | None:
        """What was last built for a path."""
        page = self.cache.get(language, {}).get(path)
        return page.response() if page else None

    async def incident(self, number: int, language: str, *, as_json: bool = False) -> PublishedResponse | None:
        """The page of an older incident, or its API file. Raises Busy if the database is gone."""
        kept = self._older.pop(number, None)
        if kept is None or any(kept[0] < snapshot.as_of for snapshot in self._snapshots.values()):
            try:
                kept = await self._answer(asyncio.to_thread(self._read_older, number))
            except Busy:
                if kept is None:
                    raise
        as_of, found = kept
        if not found:
            return None
        self._older[number] = kept
        if len(self._older) > KEPT:
            self._older.popitem(last=False)
        one, now = found[language], self.clock()
        if as_json and language in self._snapshots:
            body = self.api.incident(one, self._snapshots[language], language)
            return PublishedResponse(body, api.MEDIA_TYPE, one.changed_at, shared=True)
        return self._incident_page(one, self._frame(f"/incidents/{one.key}", language=language, as_of=as_of, now=now))

    async def month(self, first: date, language: str) -> PublishedResponse:
        """The history of a month and the ones before it. Raises Busy if the database is gone."""
        as_of, found, older = await self._answer(asyncio.to_thread(self._read_months, first, language))
        frame = self._frame("/history", language=language, as_of=as_of, now=self.clock())
        last = min(overview.month_start(first, back=-1) - timedelta(days=1), frame["today"])
        return self._history(found, older, frame, last=last)

    async def search(self, wanted: Search, language: str) -> PublishedResponse:
        """The incidents in the whole history that match. Raises Busy if the database is gone."""
        as_of, found = await self._answer(asyncio.to_thread(self._read_matching, wanted, language))
        frame = self._frame("/history", language=language, as_of=as_of, now=self.clock())
        zone = self.zones[language]
        began = [zone.day(one.began_at) for one in found] or [frame["today"]]
        months = [m for m in overview.months(found, zone, first=min(began), last=max(began)) if m.days]
        return self._page(
            "history.html.j2", frame, "history", months=months, wanted=wanted, older=None, newer=None,
            found=len(found), limit=RECENT,
        )  # fmt: skip

    async def _answer(self, reading: Coroutine[None, None, T]) -> T:
        """Wait for the database. Raises Busy if it takes too long, or if many readers wait for it already."""
        if self._waiting >= READERS:
            reading.close()
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.wait_for(reading, ANSWER_WITHIN_S)
        except TimeoutError as late:
            raise Busy from late
        finally:
            self._waiting -= 1

    async def _read_again(self) -> None:
        """Read everything. A query that hangs is abandoned, so that the pages can say how old they are."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(asyncio.to_thread(self._read))
        done, _ = await asyncio.wait({self._reading}, timeout=ANSWER_WITHIN_S)
        try:
            if done:
                self._snapshots = self._reading.result()
        except Exception as problem:  # on any failure, the pages say how old they are
            unforeseen = not isinstance(problem, Busy)
            log.warning("the database does not answer, public pages stay as they were", exc_info=unforeseen)

    def _read(self) -> Mapping[str, Snapshot]:
        with self.store.read() as tx:
            unresolved = published.unresolved(tx)
            start = self._midnight(overview.month_start(self.zone.day(tx.now), back=MONTHS - 1))
            months = published.between(tx, start, tx.now + ENTERED_LATER)  # in the future if a clock was set back
            newest = published.newest(tx, limit=RECENT)
            in_strip = published.open_since(tx, tx.now - timedelta(days=overview.STRIP))
            every = {one.number: one for one in (*months, *newest, *unresolved, *in_strip)}
            older = published.first_before(tx, start)
            histories = published.histories(tx, list(every.values()), Audience.CUSTOMERS)
            return {
                language: overview.snapshot(
                    {one.number: public_incident(one, self.app, language) for one in histories},
                    open_ones=[one.number for one in unresolved],
                    recent=[one.number for one in newest],
                    months=[one.number for one in months],
                    in_strip=[one.number for one in in_strip],
                    older=self.zone.day(older) if older else None,
                    as_of=tx.now,
                )
                for language in self.organisation.languages
            }

    def _read_months(self, first: date, language: str) -> tuple[datetime, list[PublicIncident], date | None]:
        start = self._midnight(overview.month_start(first, back=MONTHS - 1))
        with self.store.read() as tx:
            found = published.between(tx, start, self._midnight(overview.month_start(first, back=-1)) + ENTERED_LATER)
            older = published.first_before(tx, start)
            return tx.now, self._public(tx, found, language), self.zone.day(older) if older else None

    def _read_matching(self, wanted: Search, language: str) -> tuple[datetime, list[PublicIncident]]:
        with self.store.read() as tx:
            found = published.matching(tx, wanted.text, wanted.component, RECENT)
            return tx.now, self._public(tx, found, language)

    def _public(self, tx: Transaction, found: Sequence[Incident], language: str) -> list[PublicIncident]:
        histories = published.histories(tx, found, Audience.CUSTOMERS)
        return [public_incident(one, self.app, language) for one in histories]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone.tz).astimezone(UTC)

    def _read_older(self, number: int) -> tuple[datetime, Mapping[str, PublicIncident]]:
        """The incident by language; empty if there is none."""
        with self.store.read() as tx:
            found = published.find(tx, number)
            if found is None:
                return tx.now, {}
            [history] = published.histories(tx, [found], Audience.CUSTOMERS)
            return tx.now, {each: public_incident(history, self.app, each) for each in self.organisation.languages}

    def _build(self, snapshots: Mapping[str, Snapshot], now: datetime) -> dict[str, Mapping[str, Page]]:
        return {language: self._build_in(language, snapshot, now) for language, snapshot in snapshots.items()}

    def _build_in(self, language: str, snapshot: Snapshot, now: datetime) -> Mapping[str, Page]:
        before = self.cache.get(language, {})
        made = self._makers(snapshot, partial(self._frame, language=language, as_of=snapshot.as_of, now=now))
        pages = {path: Page(make, before.get(path)) for path, make in made.items()}
        for encoding in COMPRESS:  # of the page that everyone requests
            pages["/"].response().encoded(encoding)
        return pages

    def older(self) -> Sequence[int]:
        """The numbers of the public incidents that are not in the snapshot. Raises Busy."""
        known = {one.number for each in self._snapshots.values() for one in (*each.recent, *each.unresolved)}
        with self.store.read() as tx:
            return [number for number in published.numbers(tx) if number not in known]

    def exported(self, older: Iterable[int]) -> Mapping[str, Mapping[str, Callable[[], PublishedResponse]]]:
        """Language -> path -> what renders it for a file, with the pages of some older incidents. Raises Busy."""
        now, snapshots = self.clock(), self._snapshots
        if not snapshots:  # nothing was ever read
            raise Busy
        frames = {
            language: partial(self._frame, language=language, as_of=snapshot.as_of, now=now, exported=True)
            for language, snapshot in snapshots.items()
        }
        found = {language: self._makers(snapshot, frames[language]) for language, snapshot in snapshots.items()}
        for number in older:
            for language, one in self._read_older(number)[1].items():
                path = f"/incidents/{one.key}"
                found[language][path] = partial(self._incident_page, one, frames[language](path))
                write = partial(self.api.incident, one, snapshots[language], language)
                found[language][f"{api.ROOT}{path}.json"] = partial(_shared, write, api.MEDIA_TYPE, now)
        return found

    def _makers(
        self, snapshot: Snapshot, frame: Callable[[str], dict[str, Any]]
    ) -> dict[str, Callable[[], PublishedResponse]]:
        """Path -> what renders its page, feed, or file."""
        language, now = frame("/")["language"], frame("/")["now"]
        known = list({one.number: one for one in (*snapshot.recent, *snapshot.unresolved)}.values())
        shared = [
            (api.MEDIA_TYPE, self.api.files(snapshot, language)),
            *((feeds.MEDIA_TYPES[kind], self._feeds.files(known, language, kind)) for kind in feeds.MEDIA_TYPES),
        ]
        incidents = {f"/incidents/{one.key}": one for one in known}
        return {
            "/": partial(self._status, snapshot, frame("/")),
            "/history": partial(
                self._history,
                snapshot.months,
                snapshot.older,
                frame("/history"),
                last=self._last_day(snapshot.months, frame("/")),
            ),
            **{path: partial(self._incident_page, one, frame(path)) for path, one in incidents.items()},
            **{
                path: partial(PublishedResponse, body, kind, now, shared=True)
                for path, (body, kind) in self.look.files.items()
            },
            "/banner.js": partial(_shared, (WEB / "banner.js").read_bytes, SCRIPT, now),
            **{
                path: partial(self._badge, frame(path), name, impact)
                for path, name, impact in badges.all_badges(self.organisation, snapshot, language)
            },
            **{
                path: partial(_shared, write, media_type, now)
                for media_type, files in shared
                for path, write in files.items()
            },
        }

    def _badge(self, frame: Mapping[str, Any], name: str, impact: Impact) -> PublishedResponse:
        body = badges.badge(self.environments[frame["language"]], name, None if frame["stale"] else impact)
        return PublishedResponse(body, badges.MEDIA_TYPE, frame["now"], shared=True)

    def _frame(
        self, path: str, *, language: str, as_of: datetime, now: datetime, exported: bool = False
    ) -> dict[str, Any]:
        """The values that every page gets. Links are relative; an exported file is one folder deeper."""
        below = path.strip("/")
        root = "/".join([".."] * (below.count("/") + (exported and below != ""))) or "."
        first, *others = self.organisation.languages
        whole = {
            "root": root,
            "as_of": as_of,
            "now": now,
            "stale": now - as_of > STALE,
            "today": now.astimezone(self.organisation.zone.tz).date(),
            "language": language,
            "exported": exported,
            "url": self.url,
            "elsewhere": {other: f"?lang={other}" for other in self.organisation.languages},
        }
        if exported:
            top = root if language == first else f"{root}/.."
            folders = {first: top, **{other: f"{top}/{other}" for other in others}}
            whole |= {
                "lang": "",
                "elsewhere": {other: f"{at}/{below}".rstrip("/") + "/" for other, at in folders.items()},
            }
        return whole

    def _page(self, name: str, frame: Mapping[str, Any], here: str, **values: object) -> PublishedResponse:
        template = self.environments[frame["language"]].get_template(name)
        words = template.render({**frame, "here": here, "stages": STAGES, **values})
        return PublishedResponse(words.encode(), HTML, frame["now"])

    def _status(self, snapshot: Snapshot, frame: Mapping[str, Any]) -> PublishedResponse:
        first = frame["today"] - timedelta(days=overview.DAYS - 1)
        known = tuple({one.number: one for one in (*snapshot.unresolved, *snapshot.recent)}.values())
        return self._page(
            "status.html.j2",
            frame,
            "now",
            verdict=overview.verdict(snapshot.unresolved),
            headline=overview.headline(snapshot.unresolved),
            unresolved=snapshot.unresolved,
            newest=NEWEST,
            promised=overview.next_promise(snapshot.unresolved),
            changed_at=max((one.changed_at for one in snapshot.unresolved), default=None),
            groups=overview.groups(self.organisation, snapshot, frame["language"], frame["now"]),
            titles={one.key: one.title for one in snapshot.in_strip},
            strip_days=overview.STRIP,
            impacts=(Impact.MAINTENANCE, Impact.DEGRADED, Impact.PARTIAL, Impact.MAJOR),
            days=tuple(
                overview.days(known, self.zones[frame["language"]], first=first, last=self._last_day(known, frame))
            ),
        )

    def _last_day(self, incidents: Sequence[PublicIncident], frame: Mapping[str, Any]) -> date:
        """Today, or a later day on which an incident began, because the machine's clock was set back since."""
        zone, today = self.zones[frame["language"]], cast(date, frame["today"])
        return max([today, *(zone.day(one.began_at) for one in incidents)])

    def _history(
        self, incidents: Sequence[PublicIncident], older: date | None, frame: Mapping[str, Any], *, last: date
    ) -> PublishedResponse:
        first = overview.month_start(last, back=MONTHS - 1)
        current = overview.month_start(frame["today"])
        return self._page(
            "history.html.j2",
            frame,
            "history",
            months=list(overview.months(incidents, self.zones[frame["language"]], first=first, last=last)),
            wanted=Search(),
            older=f"{older:%Y-%m}" if older else None,
            newer=f"{min(overview.month_start(last, back=-MONTHS), current):%Y-%m}" if last < current else None,
        )

    def _incident_page(self, incident: PublicIncident, frame: Mapping[str, Any]) -> PublishedResponse:
        words = self.app.templates.wording(self.organisation, frame["language"])
        drawn = picture(published_story(incident, words, frame["now"]))
        return self._page("incident.html.j2", frame, "history", incident=incident, picture=drawn)


async def _publication(heard: "asyncio.Queue[CommittedChange]", within_s: float) -> bool:
    """Return True at the next publication, or False after `within_s`."""
    try:
        async with asyncio.timeout(within_s):
            while not (await heard.get()).published:
                pass
    except TimeoutError:
        return False
    return True


def _shared(write: Callable[[], bytes], media_type: str, now: datetime) -> PublishedResponse:
    return PublishedResponse(write(), media_type, now, shared=True)
