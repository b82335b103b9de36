"""The picture of a resolved incident: below what each channel got, once, and only while it still says the truth."""

from dataclasses import replace

import pytest

from bot.domain.deliveries import Delivery, DeliveryKind
from bot.domain.record import EntryKind
from bot.domain.subscriptions import Mode
from bot.errors import SendFailed
from bot.intake.desk import Desk
from bot.views import IncidentPicture, PublishedUpdate
from tests.worker.world import Kept, World

CALM = "update monitoring on:chatgpt=operational"
CLOSING = "resolve end:05:40"


@pytest.fixture
def world(world: World) -> World:
    """Pigeons carry pictures."""
    world.desk.close()
    world.actions = replace(world.actions, picture_platforms=("pigeon",))
    world.desk = Desk(world.store, world.actions)
    world.worker = world.hire()
    return world


async def resolve(world: World, mode: Mode) -> list[Kept]:
    """Investigating, then resolved; what alpha was sent."""
    world.subscribe("pigeon:alpha", mode)
    world.do("ana", "declare Pages hang <b>now</b> sev:3 on:chatgpt=major")
    world.publish()
    await world.run(seconds=1800)
    world.publish(CALM)
    world.publish(CLOSING)
    await world.run()
    return world.pigeons.at("alpha")


def pictures(world: World) -> list[Kept]:
    return [kept for kept in world.pigeons.kept if isinstance(kept.post, IncidentPicture)]


@pytest.mark.usefixtures("engine_name")
async def test_the_picture_follows_the_last_update_as_a_message_of_its_own(world: World) -> None:
    *updates, picture = await resolve(world, Mode.EVERY)

    assert all(isinstance(kept.post, PublishedUpdate) for kept in updates)
    assert isinstance(picture.post, IncidentPicture)
    assert picture.act == "send"
    assert "ChatGPT: Major outage" in picture.post.about
    assert picture.post.svg.startswith("<svg")
    assert "SEV" not in picture.post.svg


@pytest.mark.parametrize("mode", [Mode.CURRENT, Mode.THREAD])
async def test_below_a_message_that_is_kept_current_the_picture_is_a_reply(world: World, mode: Mode) -> None:
    first, *_more, picture = await resolve(world, mode)

    assert isinstance(picture.post, IncidentPicture)
    assert (picture.act, picture.reference) == ("reply", first.name)


async def test_a_picture_whose_answer_was_lost_is_not_sent_again(world: World) -> None:
    world.pigeons.trouble["alpha"] = ["", "", "", "lost"]  # type: ignore[list-item]
    await resolve(world, Mode.EVERY)
    await world.run(seconds=600)

    assert len(pictures(world)) == 1


async def test_a_picture_that_cannot_be_sent_delays_nothing_and_is_recorded(world: World) -> None:
    refused = SendFailed("the app lacks the permission files:write", permanent=True)
    world.pigeons.trouble["alpha"] = ["", "", "", refused]  # type: ignore[list-item]
    messages = await resolve(world, Mode.EVERY)

    assert len(messages) == 3
    answer = world.ana("timeline INC-1")
    failed = [entry.text for entry in answer.entries if entry.kind == EntryKind.DELIVERY_FAILED.value]  # type: ignore[union-attr]
    assert failed == ["the picture in #alpha on Pigeon: the app lacks the permission files:write"]
    report = world.ana("deliveries INC-1")
    assert report.sent == report.total  # type: ignore[union-attr]

    world.do("ana", "deliveries INC-1 retry:yes")
    await world.run()
    assert len(pictures(world)) == 1


async def test_an_incident_that_was_reopened_meanwhile_has_no_picture(world: World) -> None:
    world.subscribe("pigeon:alpha", Mode.EVERY)
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    world.publish()
    await world.run(seconds=1800)
    world.publish(CALM)
    world.publish(CLOSING)
    world.do("ana", "reopen INC-1")
    world.publish("update INC-1 investigating on:chatgpt=major sees:again")
    await world.run()

    assert pictures(world) == []
    assert [row.state.value for row in world.rows(Delivery) if row.kind is DeliveryKind.PICTURE] == ["cancelled"]


async def test_an_incident_that_was_reported_in_error_has_no_picture(world: World) -> None:
    world.subscribe("pigeon:alpha", Mode.EVERY)
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    world.publish()
    world.publish("cancel INC-1 The alert was wrong.")
    await world.run()

    assert pictures(world) == []
