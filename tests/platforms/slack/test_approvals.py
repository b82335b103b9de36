"""Approving in Slack: the approver's own message, the author's button, and reviews that open with their actions."""

import pytest

from tests.fakes.slack import Json, words_of
from tests.platforms.slack.conftest import ANA, BEN, Team
from tests.platforms.slack.moves import drafted, find_in, until


def labels(message: Json) -> list[str]:
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row["elements"]]


def request(team: Team, user: str = BEN) -> Json | None:
    """The newest message that asks this person for approval."""
    found = [m for m in team.slack.messages(user) if "asks you to approve" in words_of(m)]
    return found[-1] if found else None


async def asked(team: Team) -> tuple[Json, Json]:
    """The review in the room and Ben's message, after Ana pressed the button that asks him."""
    review = await drafted(team)
    await team.slack.clicks(ANA, review, "fh:ask")
    return review, await until(lambda: request(team))


async def test_one_click_asks_the_approver_who_gets_the_text_and_publishes_with_one_click(team: Team) -> None:
    review, message = await asked(team)

    words = words_of(message)
    assert [each for each in ("INC-1 · SEV1 · ChatGPT and API errors", "Ana Silva asks you to approve this update",
                              "Investigating becomes Identified", "Signing in works.", "Open in the console")
            if each not in words] == []  # fmt: skip
    assert labels(message) == ["Approve", "Read all", "Edit"]

    await team.slack.clicks(BEN, message, "fh:approve")

    await until(lambda: "(identified) was published" in words_of(review))
    await until(lambda: "Approved by Ben Osei at" in words_of(message))
    assert (labels(message), "published." in words_of(message)) == ([], True)


async def test_the_review_in_the_room_offers_the_author_what_works_and_then_waits(team: Team) -> None:
    review = await drafted(team)
    assert labels(review)[:2] == ["Ask Ben Osei for approval", "Approve"]

    await team.slack.clicks(ANA, review, "fh:ask")

    await until(lambda: "Waiting for Ben Osei, asked at" in words_of(review))
    assert labels(review) == ["Approve", "Remind", "Edit", "Publish alone", "Discard", "Read all"]


async def test_a_reminder_comes_as_a_new_message_and_the_old_one_is_removed(team: Team) -> None:
    review, first = await asked(team)
    await until(lambda: "Waiting for Ben Osei" in words_of(review))

    await team.slack.clicks(ANA, review, "fh:ask")
    refusal = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "You can send" in words_of(m)), None))
    assert "Ben Osei was asked at" in words_of(refusal)

    team.core.store.clock.forward(minutes=3)  # type: ignore[attr-defined]
    await team.slack.clicks(ANA, review, "fh:ask")

    await until(lambda: request(team) not in (None, first) and first not in team.slack.messages(BEN))
    assert len([m for m in team.slack.messages(BEN) if "asks you to approve" in words_of(m)]) == 1


async def test_whoever_is_asked_is_invited_to_the_room(team: Team) -> None:
    await drafted(team)
    room = team.rooms()[0]
    room.members.discard(BEN)

    await team.slack.clicks(ANA, find_in(team, "Draft for INC-1 · Identified") or {}, "fh:ask")

    await until(lambda: BEN in room.members)


async def test_the_message_follows_what_becomes_of_the_draft(team: Team) -> None:
    review, message = await asked(team)
    team.core.store.clock.forward(minutes=1)  # type: ignore[attr-defined]
    await team.slack.types(ANA, team.rooms()[0].id, '/incident edit customers:"ChatGPT and the API return errors."')
    await until(lambda: "approval of revision 3 has not been requested yet" in words_of(message))

    await until(lambda: labels(review)[0] == "Ask Ben Osei again")
    await team.slack.clicks(ANA, review, "fh:ask")
    await until(lambda: "Ana Silva changed the draft; revision 3 is waiting for approval." in words_of(message))
    second = await until(lambda: request(team))
    assert "ChatGPT and the API return errors." in words_of(second)

    await team.slack.types(ANA, team.rooms()[0].id, "/incident discard")
    await until(lambda: "The draft was discarded. Nothing was sent." in words_of(second))
    assert labels(second) == []


async def test_read_all_answers_with_the_review_and_its_actions_and_the_answer_is_kept_current(team: Team) -> None:
    _review, message = await asked(team)

    await team.slack.clicks(BEN, message, "fh:show")
    private = await until(lambda: next((m for m in team.slack.seen_by(BEN) if "Draft for" in words_of(m)), None))

    assert labels(private)[0] == "Approve"
    assert "Support · en" in words_of(private)
    await team.slack.clicks(BEN, private, "fh:approve")
    await until(lambda: "Approved by Ben Osei at" in words_of(message))
    await until(lambda: any("Published: update 2" in words_of(m) for m in team.slack.seen_by(BEN)))
    assert not any("Draft for" in words_of(m) for m in team.slack.seen_by(BEN))


async def test_a_typed_approve_shows_all_texts_and_asks_once(team: Team) -> None:
    await drafted(team)

    await team.slack.types(BEN, team.rooms()[0].id, "/incident approve")

    whole = await until(lambda: next((m for m in team.slack.seen_by(BEN) if "Draft for" in words_of(m)), None))
    assert "Developers · en" in words_of(whole)
    assert labels(whole)[0] == "Approve"
    assert find_in(team, "(identified) was published") is None

    await team.slack.clicks(BEN, whole, "fh:approve")
    await until(lambda: find_in(team, "(identified) was published"))
    await team.slack.mentions(ANA, team.rooms()[0].id, "approve")
    await until(lambda: any("INC-1 has no open draft" in words_of(m) for m in team.slack.seen_by(ANA)))


@pytest.mark.parametrize("ends", ["publish", "discard", "edit"])
async def test_a_private_copy_of_a_review_says_what_became_of_it_when_it_is_used(team: Team, ends: str) -> None:
    """Slack lets a private message be changed only for half an hour after a click on it, so a copy waits for one."""
    review = await drafted(team)
    await team.slack.clicks(ANA, review, "fh:show")
    private = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Draft for" in words_of(m)), None))
    if ends == "publish":
        await team.slack.clicks(BEN, review, "fh:approve")
    else:
        line = {"discard": "discard", "edit": 'edit customers:"ChatGPT and the API return errors."'}[ends]
        await team.slack.types(BEN, team.rooms()[0].id, f"/incident {line}")
    await until(lambda: words_of(review) != words_of(private) and "revision 2 by" not in words_of(review))

    await team.slack.clicks(ANA, private, "fh:ask")

    said = {
        "publish": "Ben Osei already published update 2, identified,",
        "discard": "Revision 2 was discarded, so nothing was changed.",
        "edit": "Ben Osei saved revision 3 at",
    }[ends]
    answer = await until(lambda: next((m for m in team.slack.seen_by(ANA) if said in words_of(m)), None))
    assert labels(answer) == (["Open draft"] if ends == "edit" else [])
    assert not any("Draft for" in words_of(m) for m in team.slack.seen_by(ANA))


async def test_open_draft_opens_the_review_with_its_actions_in_the_room_and_at_home(team: Team) -> None:
    await drafted(team)
    card = await until(lambda: next((m for m in team.slack.messages(team.rooms()[0].id)
                                     if "Open draft" in words_of(m)), None))  # fmt: skip

    await team.slack.clicks(ANA, card, "fh:show")
    private = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Draft for" in words_of(m)), None))
    assert labels(private)[0] == "Ask Ben Osei for approval"

    await team.slack.clicks(ANA, private, "fh:ask")
    await until(lambda: any("Waiting for Ben Osei" in words_of(m) for m in team.slack.seen_by(ANA)))
    await until(lambda: request(team))
    await team.slack.opens_home(BEN)
    home = await until(lambda: team.slack.homes.get(BEN))
    assert "asks you to approve" not in words_of(home)

    await team.slack.clicks_home(BEN, home, "fh:show")

    opened = await until(lambda: next((m for m in team.slack.messages(BEN) if "Draft for" in words_of(m)), None))
    assert labels(opened)[0] == "Approve"


async def test_what_was_decided_leaves_home(team: Team) -> None:
    _review, message = await asked(team)
    await team.slack.clicks(BEN, message, "fh:approve")
    await until(lambda: "Approved by" in words_of(message))

    await team.slack.opens_home(BEN)

    assert "Waiting for you" not in words_of(await until(lambda: team.slack.homes.get(BEN)))
