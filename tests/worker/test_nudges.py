"""The ladder, as people live through it: a promise, what reminds of it, and how that ends. Times are New York's."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.deliveries import Delivery, Operation
from bot.domain.nudges import Nudge
from bot.errors import SendFailed
from bot.reading.posts import post_of
from bot.views import NudgeCard
from tests.harness import say
from tests.reference import et
from tests.worker.world import World

LADDER_OF_15 = [("05:25", -5), ("05:30", 0), ("05:32", 2), ("05:35", 5), ("05:40", 10)]

on_both_engines = pytest.mark.usefixtures("engine_name")


@pytest.fixture
def promised(world: World) -> World:
    """Published at 05:15: the next update is promised by 05:30. Ana commands, Ben is communications lead."""
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.do("ana", "assign comms @ben")
    return world


@pytest.fixture
def declared(world: World) -> World:
    """Declared at 05:15 by Ana: the first update is due by 05:20."""
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    return world


def taken(world: World) -> list[tuple[str, int]]:
    """When each step was taken."""
    zone = world.organisation.zone.tz
    rows = sorted(world.rows(Nudge), key=lambda nudge: nudge.sent_at)
    return [(f"{nudge.sent_at.astimezone(zone):%H:%M}", nudge.step) for nudge in rows]


def told(world: World, step: int) -> list[str]:
    """Where a step was sent."""
    (nudge,) = [nudge for nudge in world.rows(Nudge) if nudge.step == step]
    rows = [d for d in world.rows(Delivery) if d.nudge_id == nudge.id and d.operation is Operation.SEND]
    return sorted(str(row.destination) for row in rows)


def words(world: World, destination: str) -> str:
    """The newest words at a destination."""
    with world.store.read() as tx:
        post = post_of(tx, world.actions, world.sent_to(destination)[-1])
    assert isinstance(post, NudgeCard)
    return say(post)


@on_both_engines
async def test_a_promise_of_15_minutes_is_reminded_of_five_times(promised: World):
    await promised.run_until("06:09")

    assert taken(promised) == LADDER_OF_15


async def test_a_promise_of_30_minutes_begins_10_minutes_before(world: World):
    world.do("ana", "declare Pages hang sev:2 on:chatgpt=major")
    world.publish()
    await world.run_until("05:41")

    assert taken(world) == [("05:35", -10), ("05:40", -5)]


async def test_the_first_update_of_a_declared_incident_is_reminded_of_when_it_is_due(declared: World):
    await declared.run_until("05:40")

    assert taken(declared) == [("05:20", 0), ("05:22", 2), ("05:25", 5), ("05:30", 10)]


async def test_the_earliest_step_goes_to_the_room_and_to_the_lead_directly(promised: World):
    await promised.run_until("05:26")

    assert told(promised, -5) == ["local:@ben", "local:inc-1"]


async def test_five_minutes_after_it_is_the_commander_who_is_asked(promised: World):
    await promised.run_until("05:36")

    assert told(promised, 5) == ["local:@ana", "local:inc-1"]
    assert "you are asked as commander" in words(promised, "local:@ana")


async def test_ten_minutes_after_it_is_whom_the_configuration_escalates_to(promised: World):
    promised.do("ana", "assign commander @ben")
    await promised.run_until("05:41")

    assert told(promised, 10) == ["local:@ana", "local:inc-1"]


async def test_without_a_lead_the_commander_is_asked_and_told_why(declared: World):
    await declared.run_until("05:21")

    assert told(declared, 0) == ["local:@ana", "local:inc-1"]
    assert "There is no communications lead" in words(declared, "local:@ana")


async def test_an_update_in_time_means_no_reminder_at_all(promised: World):
    promised.clock.now = et("05:24")
    promised.do("ben", "publish nochange:yes")
    await promised.run_until("05:34")

    assert taken(promised) == []


@on_both_engines
async def test_a_kept_promise_shrinks_every_copy_that_was_sent(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", "publish nochange:yes")
    await promised.run()

    for place in ("local:@ben", "local:inc-1"):
        assert "kept: Ben Osei published" in words(promised, place)
        assert promised.sent_to(place)[-1].operation is Operation.EDIT


async def test_a_shrunken_copy_has_no_buttons_and_nothing_ready(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", "publish nochange:yes")
    await promised.run()

    with promised.store.read() as tx:
        card = post_of(tx, promised.actions, promised.sent_to("local:@ben")[-1])
    assert isinstance(card, NudgeCard)
    assert (card.buttons, card.ready) == ((), "")


async def test_a_late_promise_says_by_how_much(promised: World):
    await promised.run_until("05:38")
    promised.do("ben", "publish nochange:yes")
    await promised.run()

    assert "missed by 8 minutes: Ben Osei published" in words(promised, "local:@ben")


async def test_a_kept_promise_cancels_what_was_not_sent_yet(promised: World):
    promised.clock.now = et("05:25")
    await promised.worker.tick()
    promised.do("ben", "publish nochange:yes")
    await promised.run()

    assert promised.states("local:@ben")[1:] == ["cancelled"]  # the first is that Ben got the role


async def test_a_promise_kept_while_a_reminder_is_tried_again_cancels_it(promised: World):
    del promised.messengers["local"]
    promised.clock.now = et("05:25")
    await promised.worker.tick()
    with promised.store.write() as tx:  # a direct message on a platform that refuses at first
        tx.session.connection().exec_driver_sql(
            "UPDATE delivery SET destination = 'pigeon:ben', in_doubt = true "
            "WHERE destination = 'local:@ben' AND nudge_id <> ''"
        )
    promised.pigeons.trouble["ben"] = [SendFailed("busy")]
    await promised.run()
    promised.do("ben", "publish nochange:yes")
    await promised.run(seconds=30)

    assert (promised.states("pigeon:ben"), promised.pigeons.kept) == (["cancelled"], [])


async def test_a_later_reminder_takes_the_place_of_the_one_before(promised: World):
    await promised.run_until("05:31")
    done = [d for d in promised.sent_to("local:@ben") if d.operation is Operation.EDIT]

    assert [(row.operation.value, row.state.value) for row in done] == [("edit", "sent")]
    with promised.store.read() as tx:
        card = post_of(tx, promised.actions, done[0])
    assert isinstance(card, NudgeCard)
    assert ("A later reminder replaced this one." in say(card), card.buttons) == (True, ())


async def test_a_snooze_delays_the_lead_once_and_not_the_commander(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", "snooze 10m")
    await promised.run_until("05:36")

    assert taken(promised) == [("05:25", -5), ("05:35", 5)]
    assert promised.rows(Nudge)[-1].slept == 0


async def test_a_second_snooze_is_refused_with_the_name_of_the_first(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", "snooze 5m")

    assert "Ben Osei" in say(promised.as_person("ana")("snooze 5m"))


async def test_every_copy_shows_the_snooze(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", "snooze 10m")
    await promised.run()

    assert "Ben Osei snoozed this until 5:35 AM" in words(promised, "local:inc-1")


@pytest.mark.parametrize("minutes", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
async def test_no_two_reminders_come_within_two_minutes_whatever_is_snoozed(promised: World, minutes: int):
    await promised.run_until("05:25")
    promised.do("ben", f"snooze {minutes}m")
    await promised.run_until("05:45")

    times = sorted(nudge.sent_at for nudge in promised.rows(Nudge))
    assert min(b - a for a, b in pairwise(times)) >= timedelta(minutes=2)


@on_both_engines
async def test_a_restart_neither_loses_nor_repeats_a_reminder(promised: World):
    await promised.run_until("05:31")
    reborn = World(promised.url, like=promised)
    try:
        await reborn.run_until("05:45")
    finally:
        reborn.close()

    assert taken(promised) == LADDER_OF_15


@on_both_engines
async def test_two_replicas_take_each_step_once(promised: World):
    other = World(promised.url, like=promised)
    try:
        for clock in ("05:25", "05:30", "05:32"):
            promised.clock.now = et(clock)
            await asyncio.gather(promised.run(), other.run())
    finally:
        other.close()

    assert taken(promised) == LADDER_OF_15[:3]
    assert len(promised.record("nudged")) == 3


async def test_after_a_long_sleep_the_missed_steps_are_one_reminder_that_says_so(promised: World):
    promised.clock.now = et("05:33")
    await promised.run()

    assert taken(promised) == [("05:33", 2)]
    assert "3 reminders came due while Foghorn was not running" in words(promised, "local:@ben")


async def test_after_a_sleep_the_ladder_goes_on_where_it_stands(promised: World):
    promised.clock.now = et("05:33")
    await promised.run()
    await promised.run_until("05:36")

    assert taken(promised) == [("05:33", 2), ("05:35", 5)]
    assert "3 reminders" not in words(promised, "local:@ana")


async def test_switched_off_there_are_none_and_switched_on_again_nobody_slept(promised: World):
    promised.do("ana", "nudge off")
    await promised.run_until("05:31")
    before = taken(promised)
    promised.do("ana", "nudge on")
    await promised.run()

    assert (before, taken(promised)) == ([], [("05:31", 0)])
    assert "away" not in words(promised, "local:@ben")


async def test_a_draft_that_waits_for_approval_reminds_the_approver(promised: World):
    promised.do("ben", 'update identified works:"Signing in works."')
    promised.do("ben", "publish")
    await promised.run_until("05:26")

    assert told(promised, -5) == ["local:@ana", "local:inc-1"]
    assert "Ben Osei wants to publish this" in words(promised, "local:@ana")


async def test_asking_for_approval_changes_the_reminder_that_is_out(promised: World):
    await promised.run_until("05:26")
    promised.do("ben", 'update identified works:"Signing in works."')
    promised.do("ben", "publish")
    await promised.run()

    assert "Waiting for approval" in words(promised, "local:inc-1")


async def test_resolving_ends_the_reminders(promised: World):
    promised.publish('resolve end:05:14 data:"No data was lost."')
    await promised.run_until("06:00")

    assert taken(promised) == []


async def test_cancelling_what_nobody_read_ends_the_reminders(declared: World):
    await declared.run_until("05:21")
    declared.do("ana", "cancel")
    await declared.run_until("05:40")

    assert taken(declared) == [("05:20", 0)]
    assert "ended without an update" in words(declared, "local:@ana")


async def test_the_record_names_each_step_and_who_was_asked(promised: World):
    await promised.run_until("05:36")

    assert promised.record("nudged") == [
        "5 minutes before: Ben Osei",
        "due: Ben Osei",
        "2 minutes after: Ben Osei",
        "5 minutes after: Ana Silva",
    ]
