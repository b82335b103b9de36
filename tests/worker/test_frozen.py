"""A process that stands still between claiming and sending: when it wakes, no second copy stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.domain.subscriptions import Mode
from bot.errors import SendFailed
from bot.views import Post, PublishedUpdate
from tests.worker.test_outbox import bodies, until
from tests.worker.world import SILENT, World

pytestmark = pytest.mark.usefixtures("engine_name")


@pytest.fixture
def told(world: World) -> World:
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.later(2)
    world.publish()
    world.worker._outbox.pause_s = 0.05
    return world


@asynccontextmanager
async def another(world: World) -> AsyncIterator[World]:
    """A second process on the same database."""
    other = World(world.url, like=world)
    try:
        yield other
    finally:
        other.close()


@asynccontextmanager
async def frozen(world: World, then: str = "") -> AsyncIterator[asyncio.Event]:
    """One that has claimed what goes to alpha and stands still; it goes on when the event is set, and ends."""
    wakes = asyncio.Event()
    world.pigeons.trouble["alpha"] = [(wakes, then)]
    sending = asyncio.create_task(world.run())
    await until(lambda: not world.pigeons.trouble["alpha"])
    world.worker._outbox.stop()  # it claims nothing while it stands still
    try:
        yield wakes
    finally:
        wakes.set()
        await sending


def lease_passes(world: World) -> None:
    world.real.now += timedelta(seconds=61)


async def test_who_wakes_after_somebody_else_sent_it_removes_its_own_copy(told: World):
    async with another(told) as other, frozen(told):
        lease_passes(told)
        await other.run()
    row = told.one("pigeon:alpha")

    assert [message.name for message in told.pigeons.at("alpha")] == [row.reference]
    assert (told.pigeons.removed, row.state, row.maybe_twice) == ([f"{row.reference}-2"], "sent", False)


async def test_who_wakes_while_somebody_else_is_sending_it_waits_and_removes_its_own_copy(told: World):
    async with another(told) as other, frozen(told) as wakes:
        lease_passes(told)
        theirs = asyncio.Event()
        told.pigeons.trouble["alpha"] = [theirs]
        sending = asyncio.create_task(other.run())
        await until(lambda: not told.pigeons.trouble["alpha"])
        wakes.set()
        await until(lambda: len(told.pigeons.at("alpha")) == 1)
        theirs.set()
        await sending
    row = told.one("pigeon:alpha")

    assert [message.name for message in told.pigeons.at("alpha")] == [row.reference]
    assert (row.state, row.maybe_twice) == ("sent", False)


async def test_who_wakes_while_it_waits_to_be_tried_again_has_it_looked_for_first(told: World):
    async with another(told) as other:
        async with frozen(told):
            lease_passes(told)
            told.pigeons.trouble["alpha"] = [SendFailed("not now")]
            await other.run()
        await other.run(seconds=61)
    row = told.one("pigeon:alpha")

    assert [message.name for message in told.pigeons.at("alpha")] == [row.reference]
    assert (row.state, row.maybe_twice) == ("sent", False)


async def test_what_was_given_up_meanwhile_did_arrive(told: World):
    async with another(told) as other, frozen(told):
        lease_passes(told)
        told.pigeons.trouble["alpha"] = [SendFailed("the channel is closed", permanent=True)]
        await other.run()
    row = told.one("pigeon:alpha")

    assert (row.state, row.reference) == ("sent", told.pigeons.at("alpha")[0].name)


async def test_a_copy_that_nobody_waits_for_any_more_is_removed(told: World):
    async with frozen(told):
        lease_passes(told)
        with told.store.write() as tx:
            tx.session.connection().exec_driver_sql(
                "UPDATE delivery SET state = 'cancelled', lease_owner = NULL WHERE destination = 'pigeon:alpha'"
            )

    assert told.pigeons.at("alpha") == []


async def test_who_does_not_know_whether_it_arrived_looks_for_a_second_copy(told: World):
    async with another(told) as other, frozen(told, "lost"):
        lease_passes(told)
        await other.run()
    row = told.one("pigeon:alpha")

    assert [message.name for message in told.pigeons.at("alpha")] == [row.reference]
    assert (told.pigeons.removed, row.maybe_twice) == ([f"{row.reference}-2"], False)


async def test_nothing_is_sent_where_the_lease_passed_while_looking(told: World):
    told.pigeons.trouble["alpha"] = [SILENT]
    await told.run()
    looking = asyncio.Event()
    told.pigeons.looks_wait = [looking]
    async with another(told) as other:
        slow = asyncio.create_task(told.run(seconds=5))
        await until(lambda: not told.pigeons.looks_wait)
        lease_passes(told)
        await other.run()
        looking.set()
        await slow

    assert (len(told.pigeons.at("alpha")), told.pigeons.removed, told.states("pigeon:alpha")) == (1, [], ["sent"])


async def test_what_was_not_sent_because_its_lease_was_ending_is_sent_again_at_once(told: World):
    told.pigeons.trouble["alpha"] = [SILENT]
    await told.run()
    looking = asyncio.Event()
    told.pigeons.looks_wait = [looking]
    slow = asyncio.create_task(told.run(seconds=5))
    await until(lambda: not told.pigeons.looks_wait)
    told.real.now += timedelta(seconds=50)
    looking.set()
    await slow
    await told.run()

    assert (len(told.pigeons.at("alpha")), told.states("pigeon:alpha")) == (1, ["sent"])


async def test_an_edit_that_comes_too_late_does_not_leave_old_words(world: World):
    world.subscribe("pigeon:alpha", Mode.CURRENT)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    await world.run(seconds=600)
    world.publish("update identified Signing in works.")
    async with another(world) as other:
        async with frozen(world):
            lease_passes(world)
            await other.run()
            world.later(5)
            world.publish("update monitoring recovered:yes")
            await other.run()
        await other.run()

    last = world.pigeons.at("alpha")[-1].post
    assert isinstance(last, PublishedUpdate)
    assert last.stage.value == "monitoring"


class Messages:
    """A platform that takes nothing back, as a webhook."""

    def __init__(self, world: World) -> None:
        self._pigeons = world.pigeons

    async def send(self, destination: str, post: Post, delivery: str, /) -> str:
        return await self._pigeons.send(destination, post, delivery)

    async def reply(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        return await self._pigeons.reply(destination, reference, post, delivery)

    async def edit(self, destination: str, reference: str, post: Post, delivery: str, /) -> str:
        return await self._pigeons.edit(destination, reference, post, delivery)

    async def find(self, _destination: str, _delivery: str, _since: object, /) -> str | None:
        return None


async def test_where_nothing_can_be_removed_it_says_that_it_may_have_been_sent_twice(told: World):
    async with another(told) as other:
        for each in (told, other):
            each.messengers["pigeon"] = Messages(told)
        async with frozen(told):
            lease_passes(told)
            await other.run()
    row = told.one("pigeon:alpha")

    assert {message.delivery for message in told.pigeons.at("alpha")} == {row.id}  # both under one id
    assert (len(bodies(told, "alpha")), row.state, row.maybe_twice) == (2, "sent", True)
