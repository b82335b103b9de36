"""Reminders after the ladder, and what each reader of a reminder reads. Times are New York's."""

from datetime import timedelta

import pytest

from bot.actions import people
from bot.domain.deliveries import Delivery, Operation
from bot.domain.nudges import Nudge
from bot.reading.posts import post_of
from bot.views import Form, NudgeCard
from tests.harness import MORE_PEOPLE, buttons, organisation, say
from tests.reference import et
from tests.worker.world import World

on_both_engines = pytest.mark.usefixtures("engine_name")


@pytest.fixture
def promised(world: World) -> World:
    """Published at 05:15: the next update is promised by 05:30. Ben commands, Ana is asked last."""
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.do("ana", "handover @ben")
    return world


STEPS = [-5, 0, 2, 5, 10, 40, 100, 220, 460, 1440, 2880]


async def late(world: World, *minutes: int, due: str = "05:30") -> None:
    """So many minutes after the promised time, one after the other, with every step before."""
    passed = [step for step in STEPS if step < minutes[0]]
    for each in sorted({*passed, *minutes}):
        now = et(due) + timedelta(minutes=each)
        if now > world.clock.now:
            world.clock.now = now
            await world.run()


def taken(world: World) -> list[int]:
    return [nudge.step for nudge in sorted(world.rows(Nudge), key=lambda nudge: nudge.sent_at)]


def told(world: World, step: int) -> list[str]:
    """Where a step was sent."""
    (nudge,) = [nudge for nudge in world.rows(Nudge) if nudge.step == step]
    rows = [d for d in world.rows(Delivery) if d.nudge_id == nudge.id and d.operation is Operation.SEND]
    return sorted(str(row.destination) for row in rows)


def card(world: World, destination: str) -> NudgeCard:
    """The newest reminder at a destination."""
    with world.store.read() as tx:
        rows = [row for row in world.sent_to(destination) if row.nudge_id]
        post = post_of(tx, world.actions, rows[-1])
    assert isinstance(post, NudgeCard)
    return post


@on_both_engines
async def test_after_the_ladder_commander_and_escalation_are_reminded_at_growing_intervals(promised: World):
    await late(promised, 10, 39, 40, 100, 220, 460, 1439, 1440, 2880)

    assert taken(promised) == STEPS
    assert told(promised, 460) == ["local:@ana", "local:@ben", "local:inc-1"]
    assert promised.record("nudged")[-2:] == [
        "1 day after: Ben Osei, Ana Silva",
        "2 days after: Ben Osei, Ana Silva",
    ]


async def test_an_update_ends_the_late_reminders(promised: World):
    await late(promised, 40)
    promised.publish('resolve end:05:14 data:"No data was lost."')
    await late(promised, 1440)

    assert taken(promised)[-1] == 40
    assert "missed by 40 minutes" in say(card(promised, "local:@ben"))


async def test_a_late_reminder_is_snoozed_with_a_reason_only(promised: World):
    await late(promised, 40)
    form = promised.as_person("ben")("snooze 3h")

    assert isinstance(form, Form)
    assert [(field.name, field.typed, field.required) for field in form.fields] == [
        ("delay", "3h", True),
        ("reason", "", True),
    ]
    assert promised.record("nudge snoozed") == []

    promised.submit("ben", "snooze", {"incident": "INC-1", "delay": "3h", "reason": "The supplier answers at 9"})
    assert promised.record("nudge snoozed") == ["until 9:10 AM ET (13:10 UTC): The supplier answers at 9"]
    await late(promised, 219)
    assert taken(promised)[-1] == 40
    await late(promised, 220)
    assert taken(promised)[-2:] == [40, 220]


async def test_the_snooze_button_of_a_late_reminder_asks_how_long_and_why(promised: World):
    await late(promised, 40)
    form = promised.press("ben", buttons(card(promised, "local:@ben"))["Snooze"])

    assert isinstance(form, Form)
    assert [field.name for field in form.fields] == ["delay", "reason"]


async def test_a_reason_with_a_secret_in_it_is_refused(promised: World):
    await late(promised, 10)

    answer = promised.as_person("ben")("snooze 3h password: hunter2-hunter2")
    assert "password" in say(answer)
    assert promised.record("nudge snoozed") == []


async def test_after_a_day_of_silence_a_published_incident_is_offered_to_be_resolved(promised: World):
    await late(promised, 1440)
    shown = card(promised, "local:@ben")

    assert "Nobody has done anything here for 1 day. If it is over, close it." in say(shown)
    assert "promised an update by 5:30 AM ET (09:30 UTC) on April 20, 2026." in say(shown)
    assert [button.label for button in shown.buttons if button.primary] == ["Resolve"]
    assert [button.label for button in shown.buttons] == ["Resolve", "Publish no change", "Snooze"]


async def test_a_draft_that_waits_for_approval_for_a_day_is_offered_to_be_closed_too(promised: World):
    promised.do("ben", 'update identified works:"Signing in works."')
    promised.do("ben", "publish")
    await late(promised, 1440)

    assert "Waiting for approval" in say(card(promised, "local:@ben"))
    assert "If it is over, close it." in say(card(promised, "local:@ben"))


async def test_after_a_day_of_silence_an_unpublished_incident_is_closed_with_one_button(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await late(world, 1440, due="05:20")
    shown = card(world, "local:@ana")
    (close,) = [button for button in shown.buttons if button.primary]

    assert close.label == "Close the incident"
    assert "The first update was due by" in say(shown)
    assert "INC-1 is closed. Nothing was published." in say(world.press("ana", close))


async def test_whoever_did_anything_within_a_day_is_not_told_to_close(promised: World):
    await late(promised, 460)
    promised.do("ben", "note Still waiting for the supplier")
    await late(promised, 1440)

    assert "If it is over, close it." not in say(card(promised, "local:@ben"))
    await late(promised, 2880)
    assert "If it is over, close it." in say(card(promised, "local:@ben"))


# ---- who reads what


@pytest.mark.parametrize("step", [5, 10, 40, 1440])
async def test_nobody_reads_about_themselves_that_they_did_not_respond(promised: World, step: int):
    promised.do("ben", "assign comms me")
    await late(promised, step)

    for reader, name in (("local:@ben", "Ben Osei"), ("local:inc-1", ""), ("local:@ana", "Ana Silva")):
        if any(row.nudge_id for row in promised.sent_to(reader)):
            words = say(card(promised, reader))
            said = f"{name} " if name else ""  # everyone reads the room
            assert [no for no in (f"{said}has not", f"{said}have not", "no one") if no in words] == []


async def test_the_commander_who_is_also_the_lead_is_only_asked(promised: World):
    await late(promised, 5)

    assert "You are asked as commander." in say(card(promised, "local:@ben"))
    assert "Ben Osei is asked as commander." in say(card(promised, "local:inc-1"))


async def test_the_commander_reads_that_the_lead_has_not_responded(promised: World):
    promised.do("ben", "assign comms @ana")
    await late(promised, 5)

    assert "Ana Silva has not responded, so you are asked as commander." in say(card(promised, "local:@ben"))


async def test_the_escalation_reads_who_has_not_published(promised: World):
    await late(promised, 10)

    assert "Ben Osei has not published it, so you are asked." in say(card(promised, "local:@ana"))
    assert "Ana Silva is asked now." in say(card(promised, "local:inc-1"))


@pytest.mark.parametrize(("step", "words"), [(0, "no communications lead and no commander"), (5, "asked as scribe")])
async def test_a_reminder_for_roles_that_nobody_holds_goes_on_to_the_scribe(promised: World, step: int, words: str):
    promised.do("ben", "assign scribe @ana")
    with promised.store.write() as tx:
        people.follow_configuration(tx, organisation(without=["ben"]))
    await late(promised, step)

    assert told(promised, step) == ["local:@ana", "local:inc-1"]
    assert words in say(card(promised, "local:@ana"))


async def test_when_nobody_holds_a_role_every_approver_is_asked_and_told_why(promised: World):
    with promised.store.write() as tx:
        people.follow_configuration(tx, organisation(more=MORE_PEOPLE, without=["ben"]))
    await late(promised, 0)

    assert told(promised, 0) == ["local:@ana", "local:@chi", "local:inc-1"]
    assert "Nobody has a role in this incident, so you are asked." in say(card(promised, "local:@chi"))
    assert "so Ana Silva and Chi Nakamura are asked." in say(card(promised, "local:inc-1"))
