"""Approving on Discord: the approver's own message, the author's button, and reviews that open with their actions."""

import pytest

from tests.fakes.discord_checks import Json, parts_of, words_of
from tests.patience import until
from tests.platforms.discord.conftest import ANA, BEN, Team
from tests.platforms.discord.moves import answer_to, drafted, room_of

SILENT = 1 << 12


def labels(message: Json) -> list[str]:
    return [part["label"] for part in parts_of(message) if part["type"] == 2 and "custom_id" in part]


def messages_to(team: Team, user: str) -> list[Json]:
    """The direct messages to a person."""
    return team.discord.messages(f"70{user}")


async def asked(team: Team) -> tuple[Json, Json]:
    """The review in the room and Ben's message, after Ana pressed the button that asks him."""
    _room, review = await drafted(team)
    await answer_to(team, ANA, team.discord.clicks(ANA, review, "Ask Ben Osei for approval"))
    await team.outbox.drain()
    return review, messages_to(team, BEN)[-1]


async def test_one_click_asks_the_approver_who_gets_the_text_and_publishes_with_one_click(team: Team) -> None:
    review, message = await asked(team)

    words = words_of(message)
    assert [each for each in ("INC-1 · SEV1 · ChatGPT and API errors", "Ana Silva asks you to approve this update",
                              "Investigating becomes Identified", "Signing in works.", "Open in the console")
            if each not in words] == []  # fmt: skip
    assert labels(message) == ["Approve", "Read all", "Edit"]
    assert message.get("flags", 0) & SILENT == 0

    await answer_to(team, BEN, team.discord.clicks(BEN, message, "Approve"))
    await team.outbox.drain()

    assert "was published" in words_of(review)
    assert "Approved by Ben Osei at" in words_of(message)
    assert labels(message) == []


async def test_the_review_in_the_room_offers_the_author_what_works_and_then_waits(team: Team) -> None:
    _room, review = await drafted(team)
    assert labels(review)[:2] == ["Ask Ben Osei for approval", "Approve"]

    private = await answer_to(team, ANA, team.discord.clicks(ANA, review, "Ask Ben Osei for approval"))
    await team.outbox.drain()

    assert "Waiting for Ben Osei, asked at" in words_of(private)
    assert labels(review) == ["Approve", "Remind", "Edit", "Publish alone", "Discard", "Read all"]


async def test_a_reminder_comes_as_a_new_message_and_the_old_one_is_removed(team: Team) -> None:
    review, first = await asked(team)
    refusal = await answer_to(team, ANA, team.discord.clicks(ANA, review, "Remind"))
    assert "Ben Osei was asked at" in words_of(refusal)

    team.clock.forward(minutes=3)
    await answer_to(team, ANA, team.discord.clicks(ANA, review, "Remind"))
    await team.outbox.drain()

    (message,) = messages_to(team, BEN)
    assert (message["id"] != first["id"], labels(message)[0]) == (True, "Approve")


async def test_the_message_says_that_the_draft_was_discarded(team: Team) -> None:
    _review, message = await asked(team)

    await answer_to(team, ANA, team.discord.types(ANA, room_of(team), "/incident draft discard"))
    await team.outbox.drain()

    assert "The draft was discarded. Nothing was sent." in words_of(message)
    assert labels(message) == []


async def test_read_all_answers_with_the_review_and_its_actions(team: Team) -> None:
    _review, message = await asked(team)

    private = await answer_to(team, BEN, team.discord.clicks(BEN, message, "Read all"))

    assert "Support · en" in words_of(private)
    assert labels(private)[0] == "Approve"


@pytest.mark.parametrize("ends", ["publish", "discard", "edit"])
async def test_a_private_copy_of_a_review_says_what_became_of_it_when_it_is_used(team: Team, ends: str) -> None:
    """Discord lets a private message be changed only for 15 minutes after a click on it, so a copy waits for one."""
    room, review = await drafted(team)
    private = await answer_to(team, ANA, team.discord.clicks(ANA, review, "Read all"))
    if ends == "publish":
        await answer_to(team, BEN, team.discord.clicks(BEN, review, "Approve"))
    elif ends == "discard":
        await answer_to(team, BEN, team.discord.types(BEN, room, "/incident draft discard"))
    else:
        form = await team.discord.types(BEN, room, "/incident draft edit", audience="customers")
        await answer_to(team, BEN, team.discord.submits(BEN, room, form["data"], customers="The API returns errors."))

    await team.discord.clicks(ANA, private, "Ask Ben Osei for approval", channel=room)

    said = {
        "publish": "Ben Osei already published update 2, identified,",
        "discard": "Revision 2 was discarded, so nothing was changed.",
        "edit": "Ben Osei saved revision 3 at",
    }[ends]
    await until(lambda: said in words_of(private))
    assert labels(private) == (["Open draft"] if ends == "edit" else [])


async def test_asking_can_be_typed_too(team: Team) -> None:
    room, _review = await drafted(team)

    private = await answer_to(team, ANA, team.discord.types(ANA, room, "/incident draft ask", person="@ben"))

    assert "Waiting for Ben Osei, asked at" in words_of(private)
