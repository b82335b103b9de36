"""What an approver reads before Approve: one text if that is enough, or all of them with Approve at the end."""

from tests.fakes.discord_checks import Json, parts_of, words_of
from tests.patience import until
from tests.platforms.discord.conftest import ANA, BEN, Team
from tests.platforms.discord.moves import answer_to, drafted, review_in

LONG = " ".join(f"Sentence {number} says what customers can do in the meantime." for number in range(45))


def buttons(message: Json) -> list[str]:
    return [part["label"] for part in parts_of(message) if part["type"] == 2]


async def edited(team: Team, room: str, audience: str, words: str) -> Json:
    """The review in the room, after Ana edited a text by hand."""
    form = await team.discord.types(ANA, room, "/incident draft edit", audience=audience)
    await answer_to(team, ANA, team.discord.submits(ANA, room, form["data"], **{audience: words}))
    await team.outbox.drain()
    return review_in(team, room)


async def read_all(team: Team, review: Json, pages: int) -> list[Json]:
    """The private messages that Ben gets."""
    seen = len(team.discord.seen_by(BEN))
    await team.discord.clicks(BEN, review, "Read all")
    await until(lambda: len(team.discord.seen_by(BEN)) >= seen + pages)
    found: list[Json] = team.discord.seen_by(BEN)[seen:]
    assert len(found) == pages
    return found


async def approved(team: Team, room: str, whole: Json) -> None:
    """Ben selects Approve in his private message, which then says what came of it."""
    await team.discord.clicks(BEN, whole, "Approve", channel=room)
    await until(lambda: "Draft for" not in words_of(whole))
    await team.outbox.drain()
    assert any("by Ben Osei" in words_of(message) for message in team.discord.messages(room))


async def test_approve_stands_beside_the_text_of_customers_if_no_other_was_edited_by_hand(team: Team) -> None:
    room, review = await drafted(team)
    assert "Approve" in buttons(review)
    assert words_of(review).count("Signing in works.") == 1
    assert "more texts" in words_of(review)

    review = await edited(team, room, "customers", "We are looking into failed requests.")
    assert "Approve" in buttons(review)


async def test_if_another_text_was_edited_by_hand_approve_stands_at_the_end_of_all(team: Team) -> None:
    room, _review = await drafted(team)
    review = await edited(team, room, "developers", "Retry requests that answer 503.")
    assert buttons(review).count("Read all") == 1
    assert "Approve" not in buttons(review)

    [whole] = await read_all(team, review, 1)
    assert "Retry requests that answer 503." in words_of(whole)
    assert words_of(whole).rindex("Retry requests") < words_of(whole).rindex("Approve")
    await approved(team, room, whole)


async def test_texts_that_are_too_long_for_one_message_are_read_in_full(team: Team) -> None:
    room, _review = await drafted(team)
    await edited(team, room, "developers", f"Developers. {LONG}")
    review = await edited(team, room, "support", f"Support. {LONG}")

    seen = len(team.discord.seen_by(BEN))
    await team.discord.clicks(BEN, review, "Read all")
    await until(lambda: any("Edit" in buttons(message) for message in team.discord.seen_by(BEN)[seen:]))
    messages = team.discord.seen_by(BEN)[seen:]

    read = " ".join(words_of(messages).replace("> ", "").split())
    assert len(messages) > 1
    assert f"Developers. {LONG}" in read
    assert f"Support. {LONG}" in read
    assert "continued" not in read
    assert ["Edit" in buttons(message) for message in messages] == [False] * (len(messages) - 1) + [True]


async def test_a_typed_approve_shows_all_texts_and_asks_once(team: Team) -> None:
    room, _review = await drafted(team)

    whole = await answer_to(team, BEN, team.discord.types(BEN, room, "/incident draft approve"))
    assert "Developers" in words_of(whole)
    assert buttons(whole)[0] == "Approve"
    assert not [words for words in map(words_of, team.discord.messages(room)) if "was published by Ben" in words]

    await approved(team, room, whole)


async def test_the_private_answer_to_an_update_shows_one_text_too(team: Team) -> None:
    room, _review = await drafted(team)

    asked = team.discord.types(ANA, room, "/incident update", text="Half of the requests fail.")
    answer = await answer_to(team, ANA, asked)

    assert words_of(answer).count("Half of the requests fail.") == 1
    assert "Read all" in buttons(answer)
