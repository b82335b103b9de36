"""A message that is kept current and that somebody deleted is posted again, once, and goes on from there."""

from dataclasses import replace

import pytest

from bot.domain.deliveries import RETRY_AFTER
from bot.domain.people import Identity
from bot.domain.subscriptions import Mode
from bot.errors import MessageFixed, SendFailed
from bot.intake.desk import Desk
from bot.views import ApprovalRequest, Correction, NudgeCard, PublishedUpdate
from tests.worker.world import SILENT, Kept, World

IDENTIFIED = "update identified Signing in works."
AGAIN = "the message about the incident in #alpha on Pigeon was deleted, so it was posted again"

on_both_engines = pytest.mark.usefixtures("engine_name")
in_both_modes = pytest.mark.parametrize("mode", [Mode.CURRENT, Mode.THREAD])


async def told(world: World, mode: Mode) -> Kept:
    """The headline of a published incident in alpha."""
    world.subscribe("pigeon:alpha", mode)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    await world.run(seconds=600)
    (headline,) = world.pigeons.at("alpha")
    return headline


def headlines(world: World) -> list[Kept]:
    """The messages that stand in alpha as headlines, without their edits and replies."""
    return [message for message in world.pigeons.at("alpha") if message.act == "send"]


async def next_update(world: World, line: str = IDENTIFIED) -> None:
    world.publish(line)
    await world.run()


@on_both_engines
@in_both_modes
async def test_a_deleted_headline_is_posted_again_with_the_next_update(world: World, mode: Mode):
    world.pigeons.delete(await told(world, mode))

    await next_update(world)

    (again,) = headlines(world)
    assert isinstance(again.post, PublishedUpdate)
    assert (again.post.stage.value, again.post.headline) == ("identified", True)
    assert "dead" not in world.states("pigeon:alpha")


@in_both_modes
async def test_later_updates_go_on_from_the_new_message(world: World, mode: Mode):
    world.pigeons.delete(await told(world, mode))
    await next_update(world)
    (again,) = headlines(world)

    world.later(10)
    await next_update(world, "update monitoring recovered:yes")

    edit = next(message for message in world.pigeons.at("alpha") if message.act == "edit")
    assert (edit.reference, len(headlines(world))) == (again.name, 1)


async def test_in_a_thread_updates_hang_below_the_new_headline(world: World):
    world.pigeons.delete(await told(world, Mode.THREAD))

    await next_update(world)

    (again,) = headlines(world)
    assert [message.reference for message in world.pigeons.at("alpha") if message.act == "reply"] == [again.name]


async def test_a_headline_that_can_no_longer_be_edited_is_replaced(world: World):
    old = await told(world, Mode.CURRENT)
    world.pigeons.trouble["alpha"] = [MessageFixed("it is too old", permanent=True)]

    await next_update(world)

    (again,) = headlines(world)
    assert isinstance(again.post, PublishedUpdate)
    assert (again.post.stage.value, world.pigeons.removed) == ("identified", [old.name])
    assert world.record("posted again") == [AGAIN.replace("was deleted", "can no longer be edited")]


async def test_a_correction_of_an_update_that_can_no_longer_be_edited_stands_below_it(world: World):
    old = await told(world, Mode.EVERY)
    world.pigeons.trouble["alpha"] = [MessageFixed("it is too old", permanent=True)]
    world.do("ana", 'correct wrong:"worldwide" right:"in Europe"')
    world.publish("publish")
    await world.run()

    (short,) = [message for message in world.pigeons.at("alpha") if isinstance(message.post, Correction)]
    assert (short.act, short.reference) == ("reply", old.name)
    assert world.record("delivery failed") == ["#alpha on Pigeon: it is too old"]


@in_both_modes
async def test_the_timeline_says_once_that_it_is_there_again(world: World, mode: Mode):
    world.pigeons.delete(await told(world, mode))

    await next_update(world)
    await next_update(world, "update monitoring recovered:yes")

    assert world.record("posted again") == [AGAIN]
    assert world.record("delivery failed") == []


async def test_a_headline_that_is_deleted_time_and_again_comes_back_each_time(world: World):
    world.pigeons.delete(await told(world, Mode.CURRENT))
    await next_update(world)
    world.pigeons.delete(headlines(world)[0])

    world.later(10)
    await next_update(world, "update monitoring recovered:yes")

    assert (len(headlines(world)), world.record("posted again")) == (1, [AGAIN] * 2)


@on_both_engines
async def test_an_answer_lost_while_posting_again_leads_to_no_second_one(world: World):
    world.pigeons.delete(await told(world, Mode.CURRENT))
    world.pigeons.trouble["alpha"] = ["asked for nothing", "lost"]  # the edit, which finds it deleted; then the new one
    await next_update(world)
    await world.run(seconds=RETRY_AFTER[0])

    assert (len(headlines(world)), world.record("posted again")) == (1, [AGAIN])


async def test_where_it_cannot_be_posted_again_the_reason_is_told(world: World):
    world.pigeons.delete(await told(world, Mode.CURRENT))
    world.pigeons.trouble["alpha"] = ["asked for nothing", SendFailed("the channel is closed", permanent=True)]
    await next_update(world)

    assert world.record("delivery failed") == ["#alpha on Pigeon: the channel is closed"]
    assert world.states("pigeon:alpha")[-1] == "dead"


async def test_a_reply_that_finds_its_headline_deleted_waits_for_the_new_one(world: World):
    world.pigeons.delete(await told(world, Mode.THREAD))
    world.pigeons.trouble["alpha"] = [SendFailed("not now", permanent=True)]  # the edit
    await next_update(world)

    (again,) = headlines(world)
    replies = [message for message in world.pigeons.at("alpha") if message.act == "reply"]
    assert isinstance(again.post, PublishedUpdate)
    assert [message.reference for message in replies] == [again.name]
    assert world.record("posted again") == [AGAIN]


async def test_a_correction_of_a_deleted_update_stands_alone(world: World):
    world.pigeons.delete(await told(world, Mode.EVERY))
    world.do("ana", 'correct wrong:"worldwide" right:"in Europe"')
    world.do("ana", "publish")
    world.do("ben", "approve")
    await world.run()

    (short,) = world.pigeons.at("alpha")
    assert isinstance(short.post, Correction)
    assert (short.act, world.record("posted again"), world.record("delivery failed")) == ("send", [], [])


def reach_ana_there(world: World) -> None:
    """Ana has an account on the pigeons' platform."""
    with world.store.write() as tx:
        tx.session.add(Identity(platform="pigeon", account="ana", person_id=world.person("ana").id, configured=True))
    world.actions = replace(world.actions, platforms=(*world.actions.platforms, "pigeon"))
    world.desk = Desk(world.store, world.actions)
    world.worker = world.hire()


def reminders(world: World) -> list[Kept]:
    return [message for message in world.pigeons.at("ana") if isinstance(message.post, NudgeCard)]


async def test_a_reminder_that_still_counts_is_posted_again_and_one_that_is_done_is_not(world: World):
    reach_ana_there(world)
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.run(seconds=300)
    world.pigeons.delete(*reminders(world))
    world.do("ana", "snooze 2m")
    await world.run()
    (again,) = reminders(world)
    assert again.act == "send"
    assert world.record("posted again") == [
        "a reminder in direct messages to Ana Silva on Pigeon was deleted, so it was posted again"
    ]

    world.pigeons.delete(again)
    world.publish()
    await world.run()

    assert (reminders(world), len(world.record("posted again"))) == ([], 1)
    assert "dead" not in world.states("pigeon:ana")


async def test_a_deleted_request_for_approval_is_posted_again_only_when_it_is_asked_again(world: World):
    reach_ana_there(world)
    world.do("ben", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.do("ben", f"{IDENTIFIED} INC-1")
    world.do("ben", "ask @ana")
    await world.run()
    world.pigeons.delete(*requests(world))

    world.do("ben", "update identified Signing in works again. INC-1")
    await world.run()
    assert (requests(world), world.record("posted again")) == ([], [])

    world.do("ben", "ask @ana")
    await world.run()
    assert len(requests(world)) == 1


def requests(world: World) -> list[Kept]:
    return [message for message in world.pigeons.at("ana") if isinstance(message.post, ApprovalRequest)]


async def test_a_doubt_about_another_delivery_does_not_matter(world: World):
    world.pigeons.delete(await told(world, Mode.CURRENT))
    world.pigeons.trouble["alpha"] = [SILENT]  # nobody knows whether the edit arrived
    await next_update(world)
    await world.run(seconds=RETRY_AFTER[0])

    assert len(headlines(world)) == 1
