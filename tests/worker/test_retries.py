"""What failed is tried again in the order that serves people, and holds up nobody else."""

import asyncio

import pytest

from bot.domain.deliveries import RETRY_AFTER, Delivery, DeliveryKind
from bot.domain.destinations import Destination
from bot.domain.people import Identity
from bot.domain.subscriptions import Mode
from bot.views import PublishedUpdate
from tests.harness import say
from tests.patience import until
from tests.worker.test_outbox import FULL
from tests.worker.world import FACTS, World

on_both_engines = pytest.mark.usefixtures("engine_name")


def queue(world: World, *rows: Delivery) -> None:
    with world.store.write() as tx:
        tx.session.add_all(rows)


def notice(world: World, name: str, body: str) -> Delivery:
    """With an ID of our own, as a process with another clock makes it."""
    return Delivery(
        id=f"dlv_{name}", incident_id=world.incident().id, destination=Destination("pigeon", "alpha"),
        kind=DeliveryKind.NOTICE, body=body, created_at=world.clock.now,
    )  # fmt: skip


def titles(world: World, place: str) -> list[str]:
    return [kept.post.title for kept in world.pigeons.at(place) if isinstance(kept.post, PublishedUpdate)]


def publish_another(world: World, number: int) -> None:
    """The first update of a second, third ... incident."""
    world.do("ana", f"declare! Mail bounces in building {number} sev:1 on:codex=major")
    world.do("ana", f"update INC-{number} investigating {FACTS}")
    world.do("ana", f"publish INC-{number}")


@on_both_engines
async def test_what_was_committed_later_is_sent_later_though_its_process_has_a_slow_clock(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    queue(world, notice(world, "0000000000ff", "identified"))
    queue(world, notice(world, "00000000000a", "monitoring"), notice(world, "00000000000b", "resolved"))

    await world.run()

    assert [kept.delivery for kept in world.pigeons.at("alpha")] == [
        "dlv_0000000000ff", "dlv_00000000000a", "dlv_00000000000b"
    ]  # fmt: skip


async def test_an_update_that_fails_holds_up_no_other_incident_in_the_same_channel(told: World):
    told.pigeons.trouble["alpha"] = [FULL, FULL]
    await told.run()
    publish_another(told, 2)
    told.pigeons.trouble["alpha"] = []

    await told.run()

    assert titles(told, "alpha") == ["Codex: pages load without end"]


async def test_a_destination_that_hangs_cannot_take_all_slots_with_its_other_incidents(told: World):
    told.pigeons.max_concurrent = 2
    told.pigeons.trouble["alpha"] = [FULL, hangs := asyncio.Event(), hangs]
    await told.run()
    publish_another(told, 2)
    publish_another(told, 3)
    sending = asyncio.create_task(told.run())
    try:
        await until(lambda: len(told.pigeons.at("beta")) == 3)
        assert len(told.pigeons.at("alpha")) == 0
    finally:
        hangs.set()
        await sending


@on_both_engines
async def test_when_a_platform_is_back_everything_that_waits_for_it_is_sent_at_once(told: World):
    told.pigeons.trouble |= {"alpha": [FULL] * 5, "beta": [FULL] * 5}
    for seconds in RETRY_AFTER[:5]:
        await told.run(seconds=seconds)
    waiting = [told.one("pigeon:alpha").due_at, told.one("pigeon:beta").due_at]
    first = min(at for at in waiting if at)
    assert waiting.count(first) == 1

    await told.run(seconds=(first - told.real.now).total_seconds())

    assert told.states("pigeon:alpha") == told.states("pigeon:beta") == ["sent"]


async def test_a_request_for_approval_is_sent_before_the_updates_that_wait(told: World):
    told.pigeons.max_concurrent = 1
    with told.store.write() as tx:
        tx.session.add(Identity(person_id=told.person("ben").id, platform="pigeon", account="ben"))
    told.do("ana", "update identified It is the cache.")
    told.do("ana", "publish")

    await told.run()

    assert [kept.place for kept in told.pigeons.kept] == ["ben", "alpha", "beta"]


async def fail(world: World, mode: Mode, *trouble: Exception | str) -> None:
    """Investigating arrives in alpha; three more updates meet trouble there."""
    world.subscribe("pigeon:alpha", mode)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.pigeons.trouble["alpha"] = list(trouble)
    for line in (
        f"update investigating {FACTS}",
        "update identified It is the cache.",
        "update monitoring recovered:yes",
    ):
        world.publish(line)
        await world.run()
        world.later(5)
    world.pigeons.trouble["alpha"] = []
    await world.run(seconds=RETRY_AFTER[2])


def stages(world: World) -> list[tuple[str, str]]:
    return [(kept.act, kept.post.stage) for kept in world.pigeons.at("alpha") if isinstance(kept.post, PublishedUpdate)]


async def test_of_the_states_that_a_message_missed_only_the_newest_is_shown(world: World):
    await fail(world, Mode.CURRENT, "arrives", FULL, FULL)

    assert stages(world) == [("send", "investigating"), ("edit", "monitoring")]
    assert world.states("pigeon:alpha") == ["sent", "cancelled", "sent"]
    assert "#alpha: canceled · update 3 replaced it before it arrived" in say(
        world.as_person("ana")("deliveries update:2")
    )


async def test_a_message_that_was_never_posted_starts_with_the_newest_state(world: World):
    await fail(world, Mode.CURRENT, FULL, FULL, FULL)

    assert stages(world) == [("send", "monitoring")]
    assert world.states("pigeon:alpha") == ["cancelled", "cancelled", "sent"]


@on_both_engines
async def test_in_a_thread_every_update_hangs_below_the_newest_headline(world: World):
    await fail(world, Mode.THREAD, FULL, FULL, FULL)

    assert stages(world) == [
        ("send", "monitoring"), ("reply", "investigating"), ("reply", "identified"), ("reply", "monitoring")
    ]  # fmt: skip
    first, *replies = world.pigeons.at("alpha")
    assert {reply.reference for reply in replies} == {first.name}


async def test_a_message_that_may_have_arrived_is_looked_for_and_then_shows_the_newest_state(world: World):
    await fail(world, Mode.CURRENT, "lost", FULL, FULL)

    assert stages(world) == [("send", "investigating"), ("edit", "monitoring")]


async def test_updates_that_are_messages_of_their_own_all_arrive_in_order_as_soon_as_one_does(world: World):
    await fail(world, Mode.EVERY, FULL, FULL, FULL)

    assert stages(world) == [("send", "investigating"), ("send", "identified"), ("send", "monitoring")]


async def test_after_an_outage_of_a_platform_everything_arrives_within_ten_seconds(told: World):
    told.pigeons.trouble |= {"alpha": [FULL] * 999, "beta": [FULL] * 999}
    for _ in range(7):
        await told.run(seconds=10)
    tried = 2 * 999 - sum(map(len, told.pigeons.trouble.values()))
    told.pigeons.trouble.clear()
    await told.run(seconds=10)

    assert told.states("pigeon:alpha") == told.states("pigeon:beta") == ["sent"]
    assert tried < 20


async def test_a_channel_that_fails_alone_is_tried_less_and_less_often(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 999
    for _ in range(10):
        await told.run(seconds=10)

    assert told.one("pigeon:alpha").attempts < 7
