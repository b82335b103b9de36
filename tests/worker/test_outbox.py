"""Sending: once each, in order, and never silently lost."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.deliveries import RETRY_AFTER, Delivery
from bot.errors import SendFailed
from bot.reading.context import ReadContext
from bot.reading.home import home
from bot.store import people
from bot.views import PublishedUpdate, RoomLine
from bot.views.plain import plain
from tests.databases import full_disk
from tests.harness import say
from tests.patience import until
from tests.worker.world import SILENT, World

FULL = SendFailed("the address answers 503; check it with its owner")
GONE = SendFailed("the channel was deleted; unsubscribe it", permanent=True)

on_both_engines = pytest.mark.usefixtures("engine_name")


def bodies(world: World, place: str) -> list[str]:
    return [kept.post.body for kept in world.pigeons.at(place) if isinstance(kept.post, PublishedUpdate)]


@on_both_engines
async def test_what_was_published_is_sent_to_every_destination(told: World):
    await told.run()

    assert [told.states("pigeon:alpha"), told.states("pigeon:beta"), told.states("local:#status")] == [["sent"]] * 3


async def test_what_arrives_are_the_words_as_published(told: World):
    await told.run()

    assert bodies(told, "alpha") == [told.text(told.published()[0]).body]


async def test_a_sent_delivery_keeps_the_reference_and_the_time_by_the_clock_of_the_incident(told: World):
    await told.run()

    row = told.one("pigeon:alpha")
    assert (row.reference, row.sent_at) == (f"msg-{row.id}", told.clock.now)


async def test_a_second_run_sends_nothing_again(told: World):
    await told.run()
    await told.run(seconds=100)

    assert len(told.pigeons.kept) == 2


@on_both_engines
async def test_what_cannot_be_sent_now_is_sent_later(told: World):
    told.pigeons.trouble["alpha"] = [FULL]
    await told.run()
    waits = told.one("pigeon:alpha")

    await told.run(seconds=RETRY_AFTER[0])

    assert (waits.state, waits.reason, told.states("pigeon:alpha")) == ("due", FULL.reason, ["sent"])


async def test_a_retry_waits_its_time_by_the_real_clock_alone(told: World):
    told.pigeons.trouble["alpha"] = [FULL]
    await told.run()
    told.later(60)

    await told.run(seconds=RETRY_AFTER[0] - 1)

    assert told.states("pigeon:alpha")[0] == "due"


async def test_the_pauses_between_attempts_grow(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 4
    waits = []
    for _ in range(4):
        await told.run()
        row = told.one("pigeon:alpha")
        assert row.due_at is not None
        waits.append(row.due_at - told.real.now)
        told.real.now = row.due_at

    longest = [timedelta(seconds=seconds) for seconds in (1, 3, 10, 30)]
    assert all(0.8 * most <= waited <= most for waited, most in zip(waits, longest, strict=True)), waits
    assert waits != longest


async def test_a_platform_that_asks_for_patience_gets_it_and_no_failure_is_counted(told: World):
    told.pigeons.trouble["alpha"] = [SendFailed("the address answers 429", retry_after_s=77)]
    await told.run()
    row = told.one("pigeon:alpha")

    assert row.due_at is not None
    assert (row.due_at - told.real.now, row.attempts) == (timedelta(seconds=77), 0)


async def test_after_the_last_attempt_it_is_dead_with_the_reason(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 40
    for _ in range(4):
        await told.run(seconds=3600)

    row = told.one("pigeon:alpha")
    assert (row.state, row.reason) == ("dead", FULL.reason)


@on_both_engines
async def test_what_can_never_arrive_is_dead_at_once_and_the_record_says_so(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()

    assert told.states("pigeon:alpha") == ["dead"]
    assert told.record("delivery failed") == ["#alpha on Pigeon: the channel was deleted; unsubscribe it"]


async def test_when_nothing_arrives_anywhere_the_lead_is_told(told: World):
    told.pigeons.trouble |= {"alpha": [GONE], "beta": [GONE]}
    await told.run()

    said = [row.body for row in told.rows(Delivery) if str(row.destination) == "local:@ana" and row.body]
    assert [words.partition(":")[0] for words in said] == [
        "“Investigating” is published on the status page, but no channel could be reached"
    ]


def at_home(world: World, handle: str) -> list[str]:
    """The notices that a person sees on Home."""
    with world.store.read() as tx:
        person = next(each for each in people.all_people(tx) if each.handle == handle)
        shown = home(ReadContext(tx, world.actions, person)).direct
        return [plain(each.post, world.organisation.zone) for each in shown if isinstance(each.post, RoomLine)]


@pytest.mark.parametrize("ends", ["deliveries retry:yes", "update identified It is the cache."])
async def test_the_notice_that_nothing_arrived_goes_once_it_is_moot(told: World, ends: str):
    told.pigeons.trouble |= {"alpha": [GONE], "beta": [GONE]}
    await told.run()
    assert ["no channel could be reached" in words for words in at_home(told, "ana")] == [True]

    if ends.startswith("update"):
        told.pigeons.trouble |= {"alpha": [FULL], "beta": [FULL]}
        told.later(1)
        told.publish(ends)
    else:
        told.do("ana", ends)
        await told.run()

    assert at_home(told, "ana") == []


async def test_a_notice_that_someone_published_alone_goes_with_the_next_update(told: World):
    told.do("ana", "update identified It is the cache.")
    told.do("ana", 'publish alone:"Nobody else is awake"')
    assert ["Ana Silva published INC-1 alone" in words for words in at_home(told, "ben")] == [True]

    told.later(1)
    told.publish("update identified It was the cache.")

    assert at_home(told, "ben") == []


async def test_as_long_as_one_channel_was_reached_the_report_is_enough(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()

    assert [row for row in told.rows(Delivery) if str(row.destination) == "local:@ana" and row.body] == []


async def test_retrying_sends_the_failed_ones_alone(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()

    told.do("ana", "deliveries retry:yes")
    await told.run()

    assert (len(told.pigeons.at("alpha")), len(told.pigeons.at("beta"))) == (1, 1)


async def test_the_report_says_which_destination_failed_and_why(told: World):
    told.pigeons.trouble["alpha"] = [GONE]
    await told.run()

    shown = say(told.as_person("ana")("deliveries"))
    assert "#alpha: failed" in shown
    assert GONE.reason in shown


@on_both_engines
async def test_one_destination_keeps_its_order_while_it_fails(told: World):
    told.pigeons.trouble["alpha"] = [FULL, FULL]
    await told.run()
    told.later(10)
    told.do("ben", "publish nochange:yes")
    for _ in range(4):
        await told.run(seconds=RETRY_AFTER[1])

    assert bodies(told, "alpha") == [told.text(update).body for update in told.published()]


async def test_a_destination_that_fails_holds_up_no_other(told: World):
    told.pigeons.trouble["alpha"] = [FULL] * 9
    await told.run()
    told.later(10)
    told.do("ben", "publish nochange:yes")
    await told.run()

    assert (len(bodies(told, "alpha")), len(bodies(told, "beta"))) == (0, 2)


@on_both_engines
async def test_a_destination_that_is_slow_holds_up_no_other(told: World):
    released = asyncio.Event()
    told.pigeons.trouble["alpha"] = [released]
    await told.worker.start()
    try:
        await until(lambda: told.states("pigeon:beta") == ["sent"])
        told.later(10)
        await told.desk.in_thread(lambda: told.do("ben", "publish nochange:yes"))
        await until(lambda: told.states("pigeon:beta") == ["sent", "sent"])
        assert told.states("pigeon:alpha") == ["sending", "due"]
    finally:
        released.set()
        await told.worker.stop()


async def test_a_delivery_that_cannot_even_be_read_stops_no_other(told: World):
    with told.store.write() as tx:
        tx.session.connection().exec_driver_sql(
            "UPDATE delivery SET target = NULL, kind = 'headline', text_id = NULL, "
            "subscription_id = NULL, nudge_id = NULL, update_id = NULL, incident_id = NULL "
            "WHERE destination = 'pigeon:alpha'"
        )
    await told.run()

    assert (told.states("pigeon:alpha"), told.states("pigeon:beta")) == (["cancelled"], ["sent"])


async def test_a_messenger_that_breaks_is_tried_again_with_a_code_in_the_reason(told: World):
    told.pigeons.trouble["alpha"] = [ZeroDivisionError()]
    await told.run()

    assert told.one("pigeon:alpha").reason.startswith("Foghorn had an internal error (code ")
    assert told.states("pigeon:beta") == ["sent"]


@on_both_engines
async def test_an_answer_lost_after_the_act_is_found_by_looking(told: World):
    told.pigeons.trouble["alpha"] = ["lost"]
    await told.run()
    await told.run(seconds=RETRY_AFTER[0])

    row = told.one("pigeon:alpha")
    assert (len(told.pigeons.at("alpha")), row.state, row.reference, row.maybe_twice) == (
        1,
        "sent",
        f"msg-{row.id}",
        False,
    )


async def test_what_did_not_arrive_is_sent_after_looking(told: World):
    told.pigeons.trouble["alpha"] = [SILENT]
    await told.run()
    await told.run(seconds=RETRY_AFTER[0])

    assert (len(told.pigeons.at("alpha")), told.pigeons.looked) == (1, [told.one("pigeon:alpha").id])


async def test_where_nobody_can_look_it_says_that_it_may_have_been_sent_twice(told: World):
    told.pigeons.can_look = False
    told.pigeons.trouble["alpha"] = ["lost"]
    await told.run()
    await told.run(seconds=RETRY_AFTER[0])

    assert len(told.pigeons.at("alpha")) == 2
    assert told.one("pigeon:alpha").maybe_twice


async def test_a_plain_refusal_leaves_no_doubt_so_nobody_looks(told: World):
    told.pigeons.trouble["alpha"] = [FULL]
    await told.run()
    await told.run(seconds=RETRY_AFTER[0])

    assert told.pigeons.looked == []
    assert not told.one("pigeon:alpha").maybe_twice


async def test_a_refusal_after_a_doubt_that_nobody_can_settle_leaves_the_doubt(told: World):
    told.pigeons.can_look = False
    told.pigeons.trouble["alpha"] = ["lost", FULL]
    for _ in range(3):
        await told.run(seconds=RETRY_AFTER[1])

    assert told.one("pigeon:alpha").maybe_twice


async def test_what_fails_for_good_in_doubt_says_that_it_may_have_arrived(told: World):
    told.pigeons.trouble["alpha"] = [SILENT] * 40
    for _ in range(4):
        await told.run(seconds=3600)

    assert told.one("pigeon:alpha").reason == "the platform does not answer; it may have arrived"


async def test_a_call_that_never_ends_is_given_up(told: World):
    told.pigeons.trouble["alpha"] = [asyncio.Event()]
    told.worker._outbox._call_timeout_s = 0.05
    await told.run()

    row = told.one("pigeon:alpha")
    assert (row.state, row.reason, row.in_doubt) == ("due", SILENT.reason, True)


@on_both_engines
async def test_what_a_dead_process_was_sending_is_looked_at_when_its_lease_has_run_out(told: World):
    told.pigeons.trouble["alpha"] = [asyncio.Event()]
    dying = asyncio.create_task(told.run())
    await until(lambda: not told.pigeons.trouble["alpha"] and told.states("pigeon:beta") == ["sent"])
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    told.worker = told.hire()
    await told.run(seconds=59)
    before = told.states("pigeon:alpha")

    await told.run(seconds=1)

    assert (before, told.states("pigeon:alpha"), len(told.pigeons.at("alpha"))) == (["sending"], ["sent"], 1)
    assert told.pigeons.looked == [told.one("pigeon:alpha").id]


@on_both_engines
async def test_two_replicas_at_once_send_each_delivery_once(told: World):
    for place in range(20):
        told.subscribe(f"pigeon:loft-{place:02}")
    other = World(told.url, like=told)
    try:
        await asyncio.gather(told.run(), other.run())
    finally:
        other.close()

    sent = [kept.delivery for kept in told.pigeons.kept]
    assert (len(sent), len(set(sent))) == (22, 22)


async def test_a_platform_that_is_off_keeps_what_waits_for_it(told: World):
    del told.messengers["pigeon"]
    await told.run()

    assert (told.states("pigeon:alpha"), told.states("local:#status")) == (["due"], ["sent"])


async def test_a_disk_that_is_full_when_a_message_arrived_costs_nothing_and_doubles_nothing(
    migrated_sqlite_url: str,
) -> None:
    world = World(migrated_sqlite_url)
    world.subscribe("pigeon:alpha")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    arrives = asyncio.Event()
    world.pigeons.trouble["alpha"] = [arrives]
    sending = asyncio.create_task(world.worker.drain())
    await until(lambda: world.states("pigeon:alpha") == ["sending"])
    with full_disk():
        arrives.set()
        await sending
    assert world.states("pigeon:alpha") == ["sending"]
    await world.run(seconds=61)

    assert (world.states("pigeon:alpha"), len(world.pigeons.at("alpha"))) == (["sent"], 1)
    world.close()
