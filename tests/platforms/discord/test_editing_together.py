"""Two people edit one draft in modals: what was typed is kept, and what the other wrote stands beside it."""

from tests.fakes.discord_checks import Json, words_of
from tests.platforms.discord.conftest import ANA, BEN, Team
from tests.platforms.discord.moves import answer_to, drafted, review_in, update_form


def typed(modal: Json, name: str) -> str:
    """What stands in an input of a modal."""
    inputs = [part["component"] for part in modal["components"] if part["type"] == 18]
    return str(next(each for each in inputs if each["custom_id"] == name).get("value", ""))


async def both_open(team: Team) -> tuple[str, Json]:
    """Ana's edit form, opened before Ben saved his words as revision 3; and the room."""
    room, review = await drafted(team)
    mine = await team.discord.clicks(ANA, review, "Edit")
    theirs = await team.discord.clicks(BEN, review, "Edit")
    words = {"customers": "Ben: requests fail.", "developers": "Ben: code 503."}
    await answer_to(team, BEN, team.discord.submits(BEN, room, theirs["data"], **words))
    return room, mine["data"]


async def test_the_edit_form_is_offered_again_with_both_texts_and_saves_both(team: Team) -> None:
    room, mine = await both_open(team)

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine, customers="Ana: it is slow."))
    assert "Ben Osei saved revision 3" in words_of(offer)
    assert ["Ana: it is slow." in words_of(offer), "Ben: requests fail." in words_of(offer)] == [True, True]
    back = (await team.discord.clicks(ANA, offer, "Open form", channel=room))["data"]
    assert (typed(back, "customers"), typed(back, "developers")) == ("Ana: it is slow.", "Ben: code 503.")

    await answer_to(team, ANA, team.discord.submits(ANA, room, back, customers="Both: it is slow and fails."))
    await team.outbox.drain()

    read_all = team.discord.clicks(ANA, review_in(team, room), "Read all")
    review = words_of(await answer_to(team, ANA, read_all))
    assert ["Both: it is slow and fails." in review, "Ben: code 503." in review] == [True, True]


async def test_the_form_of_one_text_shows_the_other_words_in_itself(team: Team) -> None:
    room, _review = await drafted(team)
    mine = await team.discord.types(ANA, room, "/incident draft edit", audience="customers")
    theirs = await team.discord.types(BEN, room, "/incident draft edit", audience="customers")
    await answer_to(team, BEN, team.discord.submits(BEN, room, theirs["data"], customers="Ben: requests fail."))

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine["data"], customers="Ana: it is slow."))

    assert ["Ana: it is slow." in words_of(offer), "Ben: requests fail." in words_of(offer)] == [True, True]


async def test_an_update_form_comes_back_with_the_fact_that_was_changed_meanwhile(team: Team) -> None:
    room, _review = await drafted(team)
    mine = await update_form(team, ANA, room)
    await answer_to(team, BEN, team.discord.types(BEN, room, "/incident update", text="Ben found the cause."))

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine, message="Ana found the cause."))

    assert "Ben found the cause." in words_of(offer)
    back = (await team.discord.clicks(ANA, offer, "Open form", channel=room))["data"]
    assert typed(back, "message") == "Ana found the cause."


async def test_what_was_typed_is_offered_again_where_the_draft_is_gone(team: Team) -> None:
    room, mine = await both_open(team)
    await answer_to(team, BEN, team.discord.types(BEN, room, "/incident draft discard"))

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine, customers="Ana: it is slow."))

    assert "Revision 3 was discarded, so nothing was changed." in words_of(offer)
    assert "Open form" in words_of(offer)
