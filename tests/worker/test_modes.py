"""What a destination sees of an incident, in each mode, and of a correction."""

import asyncio

import pytest

from bot.actions import subscriptions
from bot.domain.audiences import Audience
from bot.domain.destinations import Destination
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from bot.errors import SendFailed
from bot.views import Correction, PublishedUpdate, RoomLine
from tests.worker.test_outbox import until
from tests.worker.world import SILENT, Kept, World

GONE = SendFailed("the channel was deleted; unsubscribe it", permanent=True)
FULL = SendFailed("the address answers 503; check it with its owner")
IDENTIFIED = "update identified Signing in works."

on_both_engines = pytest.mark.usefixtures("engine_name")


async def three_updates(world: World, mode: Mode) -> list[Kept]:
    """Investigating, no change, identified; what alpha was sent."""
    world.subscribe("pigeon:alpha", mode)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    await world.run(seconds=600)
    world.do("ben", "publish nochange:yes")
    await world.run(seconds=600)
    world.publish(IDENTIFIED)
    await world.run()
    return world.pigeons.at("alpha")


def seen(messages: list[Kept]) -> list[tuple[str, str]]:
    """Each act, and of which stage or kind."""
    return [(m.act, m.post.stage.value if isinstance(m.post, PublishedUpdate) else "correction") for m in messages]


async def correct(world: World) -> None:
    world.do("ana", 'correct wrong:"Signing in works." right:"Some sign-ins fail too."')
    world.do("ana", "publish")
    world.do("ben", "approve")
    await world.run()


async def test_every_update_is_a_message_of_its_own(world: World):
    messages = await three_updates(world, Mode.EVERY)

    assert seen(messages) == [("send", "investigating"), ("send", "investigating"), ("send", "identified")]


async def test_one_message_is_kept_current(world: World):
    messages = await three_updates(world, Mode.CURRENT)

    assert seen(messages) == [("send", "investigating"), ("edit", "investigating"), ("edit", "identified")]
    assert {m.reference for m in messages[1:]} == {f"msg-{messages[0].delivery}"}


@on_both_engines
async def test_a_headline_is_kept_current_and_updates_hang_below_it(world: World):
    messages = await three_updates(world, Mode.THREAD)

    assert seen(messages) == [
        ("send", "investigating"),
        ("edit", "investigating"),
        ("reply", "investigating"),
        ("edit", "identified"),
        ("reply", "identified"),
    ]
    assert {m.reference for m in messages[1:]} == {f"msg-{messages[0].delivery}"}


async def test_the_message_kept_current_says_that_it_is_a_headline(world: World):
    messages = await three_updates(world, Mode.THREAD)

    assert [m.post.headline for m in messages if isinstance(m.post, PublishedUpdate)] == [
        True,
        True,
        False,
        True,
        False,
    ]


async def test_a_correction_edits_the_message_and_answers_it(world: World):
    before = await three_updates(world, Mode.EVERY)
    shown = len(before)
    await correct(world)

    edit, reply = world.pigeons.at("alpha")[shown:]
    assert isinstance(edit.post, PublishedUpdate)
    assert isinstance(reply.post, Correction)
    assert (edit.act, reply.act) == ("edit", "reply")
    assert edit.reference == reply.reference == f"msg-{before[-1].delivery}"


async def test_a_corrected_message_shows_the_right_words_and_marks_the_old_ones(world: World):
    await three_updates(world, Mode.EVERY)
    await correct(world)

    post = next(m.post for m in world.pigeons.at("alpha") if m.act == "edit")
    assert isinstance(post, PublishedUpdate)
    assert post.corrected
    assert "Some sign-ins fail too." in post.body
    assert "Signing in works." not in post.body
    assert (post.corrected.old_words, post.corrected.at) == ("Signing in works.", world.clock.now)


async def test_a_corrected_headline_is_edited_and_answered(world: World):
    shown = len(await three_updates(world, Mode.CURRENT))
    await correct(world)

    edit, reply = world.pigeons.at("alpha")[shown:]
    assert isinstance(edit.post, PublishedUpdate)
    assert edit.post.headline
    assert edit.post.corrected
    assert isinstance(reply.post, Correction)


async def test_words_that_no_longer_stand_anywhere_need_no_correction(world: World):
    await three_updates(world, Mode.CURRENT)
    world.later(5)
    world.publish("update monitoring recovered:yes")
    await world.run()
    shown = len(world.pigeons.at("alpha"))
    world.do("ana", 'correct update:3 wrong:"Signing in works." right:"Some sign-ins fail too."')
    world.do("ana", "publish")
    world.do("ben", "approve")
    await world.run()

    assert len(world.pigeons.at("alpha")) == shown


async def test_in_a_thread_the_correction_of_an_older_update_hangs_below_the_headline(world: World):
    first = (await three_updates(world, Mode.THREAD))[0]
    world.later(5)
    world.do("ana", 'correct update:1 wrong:"worldwide" right:"in Europe"')
    world.do("ana", "publish")
    world.do("ben", "approve")
    await world.run()

    last = world.pigeons.at("alpha")[-1]
    assert (last.act, last.reference) == ("reply", f"msg-{first.delivery}")
    assert isinstance(last.post, Correction)


async def test_who_was_told_first_is_told_last_though_the_filter_no_longer_matches(world: World):
    world.do("ana", "subscribe #api-status on:chatgpt min:1 audience:customers mode:every")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.later(5)
    world.do("ana", "impact chatgpt=operational business=degraded")
    world.do("ana", "severity 3 reason:smaller")
    world.do("ana", "impact business=operational")
    world.publish('resolve end:05:19 data:"No data was lost."')
    await world.run()

    assert len(world.sent_to("local:#api-status")) == 2


@on_both_engines
async def test_who_subscribes_in_the_middle_gets_the_current_text_once(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.later(5)
    world.publish(IDENTIFIED)
    await world.run()
    world.subscribe("pigeon:alpha")
    world.subscribe("pigeon:alpha")
    await world.run()

    assert seen(world.pigeons.at("alpha")) == [("send", "identified")]


async def test_who_subscribes_after_a_correction_gets_the_corrected_text(world: World):
    await three_updates(world, Mode.EVERY)
    await correct(world)
    world.subscribe("pigeon:beta")
    await world.run()

    (message,) = world.pigeons.at("beta")
    assert isinstance(message.post, PublishedUpdate)
    assert "Some sign-ins fail too." in message.post.body


@pytest.mark.parametrize("mode", [Mode.CURRENT, Mode.THREAD])
async def test_where_the_headline_never_arrived_the_next_one_takes_its_place(world: World, mode: Mode):
    world.pigeons.trouble["alpha"] = [GONE]
    messages = await three_updates(world, mode)

    assert messages[0].act == "send"
    assert {m.reference for m in messages[1:]} == {f"msg-{messages[0].delivery}"}


@on_both_engines
async def test_where_the_headline_is_lost_with_updates_waiting_they_follow_the_new_one(world: World):
    world.pigeons.trouble["alpha"] = [SILENT] * 3 + [GONE]
    messages = await three_updates(world, Mode.THREAD)
    for _ in range(3):
        await world.run(seconds=400)

    messages = world.pigeons.at("alpha")
    assert [m.act for m in messages] == ["send", "reply", "reply"]
    assert {m.reference for m in messages[1:]} == {f"msg-{messages[0].delivery}"}


@pytest.mark.parametrize("mode", [Mode.CURRENT, Mode.THREAD])
async def test_a_headline_that_is_retried_late_does_not_bring_old_words_back(world: World, mode: Mode):
    world.pigeons.trouble["alpha"] = [GONE]
    shown = len(await three_updates(world, mode))
    world.do("ana", "deliveries update:1 retry:yes")
    await world.run()

    assert len(world.pigeons.at("alpha")) == shown


async def test_unsubscribing_cancels_what_waits(world: World):
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.do("ana", "unsubscribe #status")
    await world.run()

    assert (world.states("local:#status"), world.states("pigeon:alpha")) == (["cancelled"], ["sent"])


async def test_a_new_subscriber_reads_who_subscribed_before_the_current_update(world: World) -> None:
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    await world.run()
    first, second = asyncio.Event(), asyncio.Event()
    world.pigeons.trouble["late"] = [first, second]
    with world.store.write() as tx:
        settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, Mode.EVERY, "en")
        subscriptions.subscribe(
            tx,
            None,
            Destination.parse("pigeon:late"),
            settings,
            announce=lambda _before: "Ana subscribed this channel.",
        )

    sending = asyncio.create_task(world.run())
    await until(lambda: len(world.pigeons.trouble["late"]) < 2)
    await asyncio.sleep(0.1)
    assert world.pigeons.trouble["late"] == [second]  # it waits for its turn
    first.set()
    second.set()
    await sending

    assert [type(message.post) for message in world.pigeons.at("late")] == [RoomLine, PublishedUpdate]
