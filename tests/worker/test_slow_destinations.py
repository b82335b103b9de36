"""Destinations that hang or fail hold up nobody else: real local servers, and the clock on the wall."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.domain.deliveries import RETRY_AFTER, Delivery
from bot.domain.organisation import WebhookConfig
from bot.platforms.webhook.messenger import WebhookMessenger
from bot.ports import MAX_CONCURRENT
from tests.worker.test_outbox import until
from tests.worker.world import FACTS, World

SECRET = SecretStr("whsec_" + "YWFh" * 8)
HANGING = 60

on_both_engines = pytest.mark.usefixtures("engine_name")


@dataclass
class Programs:
    """Webhooks of one server: while `released` is not set, all but `healthy` answer nothing."""

    messenger: WebhookMessenger
    released: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False
    refused: int = 0
    waiting: int = 0
    healthy: list[float] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        if request.match_info["name"] == "healthy":
            self.healthy.append(time.monotonic())
        elif self.refuses:
            self.refused += 1
            return web.Response(status=503)
        else:
            self.waiting += 1
            await self.released.wait()
        return web.Response(status=204)


@asynccontextmanager
async def serving(world: World, hanging: int) -> AsyncIterator[Programs]:
    """All subscribed; the healthy one came last."""
    names = [*(f"hanging-{number:04}" for number in range(hanging)), "healthy"]
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    programs = Programs(WebhookMessenger([], lambda _name: SECRET))
    app.router.add_post("/{name}", programs.handle)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=hanging).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    hooks = [WebhookConfig(name=name, url=f"{url}/{name}", secret_env="SECRET", allow_private=True) for name in names]
    programs.messenger = world.messengers["webhook"] = WebhookMessenger(hooks, lambda _name: SECRET)
    for name in names:
        world.subscribe(f"webhook:{name}")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    yield programs
    programs.released.set()
    await programs.messenger.close()
    await runner.cleanup()


@pytest.fixture
async def programs(world: World) -> AsyncIterator[Programs]:
    async with serving(world, HANGING) as programs:
        yield programs


@asynccontextmanager
async def working(world: World, programs: Programs) -> AsyncIterator[None]:
    await world.worker.start()
    try:
        yield
    finally:
        programs.released.set()
        await world.worker.stop()


async def seconds_until(programs: Programs, updates: int) -> float:
    start = time.monotonic()
    await until(lambda: len(programs.healthy) == updates, within_s=30)
    return time.monotonic() - start


async def usual_seconds(world: World, programs: Programs) -> float:
    """How long a publication to all takes on this machine, as busy as it is, while nobody hangs."""
    programs.released.set()
    await world.desk.in_thread(world.publish)
    took = await seconds_until(programs, 1)
    await until(lambda: "sending" not in [row.state for row in world.rows(Delivery)], within_s=20)
    programs.released.clear()
    world.later(10)
    return took


@on_both_engines
async def test_sixty_hanging_webhooks_hold_up_the_healthy_one_for_less_than_two_seconds(
    world: World, programs: Programs
):
    async with working(world, programs):
        usual = await usual_seconds(world, programs)
        await world.desk.in_thread(lambda: world.do("ben", "publish nochange:yes"))
        assert await seconds_until(programs, 2) < usual + 2


@on_both_engines
async def test_a_new_update_goes_before_the_repeated_attempts_of_others(world: World, programs: Programs):
    async with working(world, programs):
        usual = await usual_seconds(world, programs)
        programs.messenger.max_concurrent = HANGING // 3  # places for a third of them
        programs.refuses, programs.waiting = True, 0
        await world.desk.in_thread(lambda: world.do("ben", "publish nochange:yes"))
        await until(lambda: len(programs.healthy) == 2 and programs.refused == HANGING, within_s=20)
        await until(lambda: [row.state for row in world.rows(Delivery)].count("due") == HANGING, within_s=20)
        programs.refuses = False
        world.real.now += timedelta(seconds=RETRY_AFTER[0])  # all sixty are due again, and hang
        await world.worker.tick()
        await until(lambda: programs.waiting == HANGING // 6)
        world.later(10)
        await world.desk.in_thread(lambda: world.do("ben", "publish nochange:yes"))
        assert await seconds_until(programs, 3) < usual + 2
        assert programs.waiting == HANGING // 6


async def test_repeated_attempts_are_made_when_there_are_places_for_them(world: World, programs: Programs):
    programs.messenger.max_concurrent = 4
    programs.refuses = True
    world.publish()
    await world.run()
    programs.refuses, programs.waiting = False, 0
    programs.released.set()

    await world.run(seconds=RETRY_AFTER[0])

    assert programs.waiting == HANGING


async def test_a_platform_that_hangs_holds_up_no_other(world: World, programs: Programs):
    hangs = asyncio.Event()
    for number in range(2 * MAX_CONCURRENT):
        world.subscribe(f"pigeon:a{number:02}")
    async with working(world, programs):
        usual = await usual_seconds(world, programs)
        world.pigeons.trouble |= {f"a{number:02}": [hangs] for number in range(2 * MAX_CONCURRENT)}
        await world.desk.in_thread(lambda: world.do("ben", "publish nochange:yes"))
        took = await seconds_until(programs, 2)
        hangs.set()
    assert took < usual + 2


async def test_what_hangs_for_several_incidents_leaves_slots_for_the_others(world: World):
    world.pigeons.max_concurrent = 6
    for loft in ("hangs-1", "hangs-2", "healthy"):
        world.subscribe(f"pigeon:{loft}")
    hangs = asyncio.Event()
    world.pigeons.trouble = {loft: [hangs, hangs, hangs] for loft in ("hangs-1", "hangs-2")}
    await world.worker.start()
    for number in (1, 2, 3):
        world.do("ana", f"declare! Pages hang, day {number} sev:3 on:chatgpt=major")
        world.do("ana", f"update INC-{number} investigating {FACTS}")
        await world.desk.in_thread(partial(world.do, "ana", f"publish INC-{number}"))
        await until(lambda count=number: len(world.pigeons.at("healthy")) == count, within_s=10)
    hangs.set()
    await world.worker.stop()

    assert len(world.pigeons.at("healthy")) == 3
