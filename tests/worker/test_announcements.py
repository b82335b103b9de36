"""Announcements to responders: one message per incident and channel, kept current. Times are New York's."""

from collections.abc import Iterator

import pytest

from bot.domain.organisation import AnnounceConfig
from bot.domain.severity import Severity
from bot.errors import SendFailed
from bot.views import Call
from tests.harness import say
from tests.reference import ORGANISATION, et
from tests.worker.world import Kept, World

ANNOUNCE = AnnounceConfig(channels=("pigeon:ops",), ping={Severity.SEV1: ("pigeon:oncall",)})


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    both = "engine_name" in request.fixturenames
    url = request.getfixturevalue("migrated_url" if both else "migrated_sqlite_url")
    world = World(url, ORGANISATION.model_copy(update={"announce": ANNOUNCE}))
    yield world
    world.close()


def heard(world: World) -> list[tuple[str, str, str, str]]:
    """What came to the channel: act, heading, sentence, and who was mentioned."""

    def told(kept: Kept) -> tuple[str, str, str, str]:
        assert isinstance(kept.post, Call)
        heading, sentence, *rest = say(kept.post).splitlines()
        state = rest[0] if kept.post.state else ""
        return kept.act, heading, f"{sentence} {state}".strip().removeprefix("@oncall "), kept.post.group

    return [told(kept) for kept in world.pigeons.at("ops")]


DECLARED = "Ana Silva declared this at 5:15 AM ET (09:15 UTC)."


@pytest.mark.usefixtures("engine_name")
async def test_declared_raised_and_resolved_are_one_message_and_a_call_to_the_group(world: World) -> None:
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    await world.run()
    world.do("ana", "severity 2")
    world.do("ana", "severity 1")
    await world.run()
    world.publish()
    world.publish('resolve end:05:14 data:"No data was lost."')
    await world.run()

    closed = "Resolved at 5:15 AM ET (09:15 UTC). It lasted 4 minutes; all promises kept."
    assert heard(world) == [
        ("send", "INC-1 · SEV3 · Pages hang", DECLARED, ""),
        ("edit", "INC-1 · SEV1 · Pages hang", DECLARED, "oncall"),
        ("reply", "INC-1 · SEV1 · Pages hang", "This is now SEV1.", "oncall"),
        ("edit", "INC-1 · SEV1 · ChatGPT: pages load without end", f"{DECLARED} {closed}", ""),
    ]


async def test_the_group_is_called_once_however_often_the_severity_changes(world: World) -> None:
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.run()
    for line in ("severity 3", "severity 1"):
        world.do("ana", line)
        await world.run()

    assert [(act, group) for act, _head, _said, group in heard(world)] == [
        ("send", "oncall"),
        ("edit", ""),
        ("edit", "oncall"),
    ]


async def test_other_changes_do_not_touch_the_announcement(world: World) -> None:
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    await world.run()
    for line in ("note Sign-in fails too", "assign comms @ben", "impact api=partial"):
        world.do("ana", line)
    world.publish()
    await world.run()

    assert len(heard(world)) == 1


async def test_a_private_incident_is_announced_when_it_becomes_visible(world: World) -> None:
    world.do("ana", "declare Somebody is inside sev:1 private:yes")
    await world.run()
    world.do("ana", "severity 2")
    await world.run()
    assert world.pigeons.at("ops") == []

    world.do("ana", "private no sure:yes")
    await world.run()
    assert [head for _act, head, _said, _group in heard(world)] == ["INC-1 · SEV2 · Somebody is inside"]


async def test_the_announcement_of_what_becomes_private_is_deleted(world: World) -> None:
    world.do("ana", "declare Somebody is inside sev:1")
    await world.run()
    world.do("ana", "private yes")
    await world.run()

    assert world.pigeons.at("ops") == []


async def test_what_becomes_private_before_it_was_announced_is_not(world: World) -> None:
    world.pigeons.trouble["ops"] = [SendFailed("busy")]
    world.do("ana", "declare Somebody is inside sev:1")
    await world.run()
    world.do("ana", "private yes")
    await world.run(seconds=30)

    assert world.pigeons.at("ops") == []


async def test_a_redacted_title_leaves_the_announcement_too(world: World) -> None:
    world.do("ana", "declare Somebody called Mallory is inside sev:3")
    await world.run()
    world.do("ana", "redact 1 a name")
    await world.run()

    assert heard(world)[-1][:2] == ("edit", "INC-1 · SEV3 · (redacted)")


async def test_a_false_alarm_is_shown_as_canceled(world: World) -> None:
    world.do("ana", "declare Pages hang sev:3")
    await world.run()
    world.do("ana", "cancel")
    await world.run()

    assert "Canceled at 5:15 AM ET (09:15 UTC). Nothing was published." in heard(world)[-1][2]


async def test_a_reopened_incident_is_shown_as_open_again(world: World) -> None:
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    await world.run()
    world.publish()
    world.publish('resolve end:05:14 data:"No data was lost."')
    await world.run()
    world.clock.now = et("05:45")
    world.publish("reopen on:chatgpt=major")
    await world.run()

    assert heard(world)[-1][2] == DECLARED


async def test_a_channel_that_was_subscribed_meanwhile_is_not_told_and_the_timeline_says_so(world: World) -> None:
    world.subscribe("pigeon:ops")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    await world.run()

    assert world.pigeons.at("ops") == []
    assert world.record("delivery failed") == [
        "not announced on Pigeon: ops is subscribed to updates, so customers may read it"
    ]


async def test_an_announcement_that_someone_deleted_is_posted_again_with_the_next_change(world: World) -> None:
    world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")
    await world.run()
    world.pigeons.delete(world.pigeons.at("ops")[0])
    world.do("ana", "severity 2")
    await world.run()

    assert [(act, head) for act, head, _said, _group in heard(world)] == [("send", "INC-1 · SEV2 · Pages hang")]


async def test_an_incident_that_is_over_calls_nobody_until_it_is_reopened(world: World) -> None:
    world.do("ana", "declare Pages hung sev:1 on:chatgpt=major since:04:10 end:04:40")
    world.do("ana", "severity 2")
    world.do("ana", "severity 1")
    world.do("ben", "approve")
    await world.run()
    assert heard(world) == []

    world.do("ana", "reopen INC-1 on:chatgpt=major")
    world.do("ben", "approve INC-1")
    await world.run()
    assert [(act, group) for act, _, _, group in heard(world)] == [("send", "oncall")]
