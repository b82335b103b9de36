"""Open pages hear of commits, of those alone that their person may know of, and end when they must."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.actions.people import remove
from bot.commands.invocation import Account
from bot.domain.people import Person
from bot.platforms.console import streams as streams_module
from bot.platforms.console.streams import EventStreams
from bot.store import people
from bot.store.transaction import Transaction
from tests.patience import LONG_S
from tests.platforms.console.world import World

WITHIN_S = 5.0


class Listener:
    """One open page."""

    def __init__(self, stream: AsyncIterator[str]) -> None:
        self.stream = stream

    async def next(self) -> str:
        """What is said next, on one line."""
        async with asyncio.timeout(WITHIN_S):
            return " ".join((await anext(self.stream)).split())


def opened(world: World, *, heartbeat_s: float = 15.0) -> EventStreams:
    world.changes.start()
    return EventStreams(world.harness.desk, world.changes, asyncio.Event(), heartbeat_s)


async def listening(live: EventStreams, world: World, handle: str, incident: str = "") -> Listener:
    listener = Listener(live.stream(Account("console", world.harness.person(handle).id), handle, incident))
    assert await listener.next() == "retry: 1000 event: hello data:"
    return listener


async def run(world: World, handle: str, line: str) -> None:
    await asyncio.to_thread(world.harness.as_person(handle), line)


async def test_a_commit_is_told_with_its_incident(world: World) -> None:
    page = await listening(opened(world), world, "ben")
    await run(world, "ana", "declare API down")
    assert await page.next() == "event: changed data: INC-1"


async def test_an_outsider_hears_nothing_of_a_private_incident(world: World) -> None:
    page = await listening(opened(world), world, "ben")
    await run(world, "ana", "declare Quiet matter private:yes")
    await run(world, "ana", "declare Other alarm")
    assert await page.next() == "event: changed data: INC-2"


async def test_the_page_of_an_incident_says_who_else_is_there_and_what_they_write(world: World) -> None:
    await run(world, "ana", "declare API down")
    live = opened(world)
    ana = await listening(live, world, "ana", "INC-1")
    assert await ana.next() == "event: people data: []"
    ben = await listening(live, world, "ben", "INC-1")
    assert await ana.next() == 'event: people data: [{"name": "ben", "editing": ""}]'
    assert await ben.next() == 'event: people data: [{"name": "ana", "editing": ""}]'
    live.write(Account("console", world.harness.person("ben").id), "INC-1", "customers")
    assert await ana.next() == 'event: people data: [{"name": "ben", "editing": "customers"}]'
    await ben.stream.aclose()  # type: ignore[attr-defined]
    assert await ana.next() == "event: people data: []"


async def test_nobody_is_seen_on_a_private_incident_by_who_may_not_see_it(world: World) -> None:
    await run(world, "ana", "declare Quiet matter private:yes")
    live = opened(world)
    await listening(live, world, "ben", "INC-1")
    ana = await listening(live, world, "ana", "INC-1")
    assert await ana.next() == "event: people data: []"


async def test_a_quiet_stream_shows_that_it_lives(world: World) -> None:
    page = await listening(opened(world, heartbeat_s=0.05), world, "ben")
    assert await page.next() == "event: beat data:"


@pytest.mark.parametrize("take", [people.end_sessions, lambda tx, person: remove(tx, person.handle)])
async def test_an_open_page_ends_soon_after_its_person_is_signed_out_or_removed(
    world: World, take: Callable[[Transaction, Person], object]
) -> None:
    with world.harness.store.write() as tx:
        session = people.begin_session(tx, people.called(tx, "ben")[0])
    live = opened(world, heartbeat_s=0.01)
    page = Listener(live.stream(Account("console", world.harness.person("ben").id, session=session), "ben"))
    assert [await page.next() for _ in range(2)] == ["retry: 1000 event: hello data:", "event: beat data:"]

    with world.harness.store.write() as tx:
        take(tx, people.called(tx, "ben")[0])

    async with asyncio.timeout(LONG_S):
        assert {event async for event in page.stream} <= {"event: beat\ndata:\n\n"}


async def test_streams_end_when_the_process_does(world: World) -> None:
    live = opened(world)
    page = await listening(live, world, "ben")
    live.closing.set()
    assert await page.next() == "event: bye data:"
    with pytest.raises(StopAsyncIteration):
        await page.next()
    assert live.streams == []


async def test_too_many_pages_of_one_person_close_the_oldest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "MAX_PER_PERSON", 2)
    live = opened(world)
    first, second, third = [await listening(live, world, "ben") for _ in range(3)]
    assert await first.next() == "event: full data:"
    await run(world, "ana", "declare API down")
    assert [await page.next() for page in (second, third)] == ["event: changed data: INC-1"] * 2


async def test_too_many_pages_in_all_close_the_oldest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "MAX_STREAMS", 2)
    live = opened(world)
    pages = [await listening(live, world, handle) for handle in ("ana", "ben", "chi")]
    assert await pages[0].next() == "event: full data:"


async def test_of_a_thousand_open_pages_the_newest_two_hundred_stay(world: World) -> None:
    live, ended = opened(world), list[int]()

    async def read(number: int) -> None:
        async for _event in live.stream(Account("console", f"person {number % 100}")):
            pass
        ended.append(number)

    pages = [asyncio.create_task(read(number)) for number in range(1000)]
    async with asyncio.timeout(WITHIN_S):
        while len(ended) < 800:
            await asyncio.sleep(0.01)
    assert sorted(ended) == list(range(800))
    assert len(live.streams) == streams_module.MAX_STREAMS == 200
    live.closing.set()
    await asyncio.gather(*pages)
    assert live.streams == []
