"""Who may: members who are confirmed for, groups by user groups; nobody else."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.slack import Fails, words_of
from tests.platforms.slack.conftest import ANA, BEN, DEV, ROOM, Team, foghorn_on
from tests.platforms.slack.moves import DECLARE, declared, find_in, until


def told(team: Team, user: str, words: str):
    return until(lambda: next((m for m in team.slack.seen_by(user) if words in words_of(m)), None))


async def test_any_member_may_declare(team: Team) -> None:
    await team.slack.types(DEV, ROOM, "/incident declare Uploads are lost sev:3")

    assert "Commander: Dev" in words_of(await until(lambda: find_in(team, "SEV3 ·")))


async def test_a_member_may_draft_and_note_but_not_publish(team: Team) -> None:
    await declared(team)

    await team.slack.types(DEV, team.rooms()[0].id, "/incident note The dashboard is slow")
    await team.slack.types(DEV, team.rooms()[0].id, "/incident publish")

    assert await told(team, DEV, "Noted in INC-1")
    assert await told(team, DEV, "is not listed in foghorn.toml")


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_bot": True}, "bot"),
        ({"deleted": True}, "gone"),
        ({"team_id": "T0OTHERS"}, "elsewhere"),
        ({"is_invited_user": True}, "pending"),
    ],
)
async def test_nobody_else_may_anything_and_is_counted(team: Team, profile, reason: str) -> None:
    team.slack.profiles[DEV] = profile

    await team.slack.types(DEV, ROOM, DECLARE)

    await told(team, DEV, "Nothing was changed")
    assert (team.rooms(), dict(team.app.members.refused)) == ([], {reason: 1})


async def test_a_guest_whom_the_configuration_names_may_act(team: Team) -> None:
    team.slack.profiles[BEN] = {"is_restricted": True}

    await team.slack.types(BEN, ROOM, DECLARE)

    assert await until(team.rooms)


async def test_who_became_a_guest_may_no_longer(team: Team) -> None:
    await team.slack.types(DEV, ROOM, "/incident list")
    await told(team, DEV, "No incident is open")
    team.slack.profiles[DEV] = {"is_restricted": True}
    team.app.members._seen.clear()  # five minutes later

    await team.slack.types(DEV, ROOM, DECLARE)

    assert await told(team, DEV, "Guests cannot do this")


async def test_slack_is_asked_once_in_five_minutes(team: Team) -> None:
    for _time in range(3):
        await team.slack.types(DEV, ROOM, "/incident list")
    await until(lambda: len(team.slack.seen_by(DEV)) == 3)

    assert [method for method, _given in team.slack.calls].count("users.info") <= 3


async def test_while_slack_does_not_say_who_it_is_known_people_still_act(team: Team) -> None:
    team.slack.fail("users.info", Fails.SERVER_ERROR, times=3)

    await team.slack.types(DEV, ROOM, "/incident list")
    await team.slack.types(ANA, ROOM, "/incident declare API down")

    assert await told(team, DEV, "not connected to a person with")
    assert await until(team.rooms)


@pytest.fixture
async def with_groups(slack, settings, organisation, clock) -> AsyncIterator[Team]:
    """Responders come from a user group."""
    slack.user_groups["S0RESP"] = [DEV]
    config = organisation.slack.model_copy(update={"groups": {"responders": "S0RESP"}})
    async with foghorn_on(slack, settings, organisation.model_copy(update={"slack": config}), clock) as team:
        await until(lambda: team.app.members._inside)
        yield team


async def test_a_user_group_makes_responders(with_groups: Team) -> None:
    await with_groups.slack.types(ANA, ROOM, DECLARE)
    await until(lambda: find_in(with_groups, "SEV1 ·"))

    await with_groups.slack.types(DEV, ROOM, "/incident severity 2")

    assert await told(with_groups, DEV, "INC-1 is now SEV2")


async def test_where_a_user_group_responds_the_room_gives_nothing(with_groups: Team) -> None:
    with_groups.slack.user_groups["S0RESP"] = []
    await with_groups.app.members.read_groups()
    await declared(with_groups)

    await with_groups.slack.types(DEV, with_groups.rooms()[0].id, "/incident severity 2")

    assert await told(with_groups, DEV, "Only responders can")


async def test_who_is_in_no_group_and_no_room_changes_nothing(team: Team) -> None:
    await declared(team)

    await team.slack.types(DEV, ROOM, "/incident severity 2")

    assert await told(team, DEV, "Only responders can")


async def test_who_is_in_the_room_is_a_responder_there(team: Team) -> None:
    await declared(team)

    await team.slack.types(DEV, team.rooms()[0].id, "/incident severity 2")

    assert await told(team, DEV, "INC-1 is now SEV2")
