"""Two people edit one draft in modals: what was typed is kept, and what the other wrote stands beside it."""

import pytest

from tests.fakes.discord_checks import Json, words_of
from tests.platforms.discord.conftest import ANA, BEN, Team
from tests.platforms.discord.moves import answer_to, drafted, review_in, update_form


def typed(modal: Json, name: str) -> str:
    """What stands in an input of a modal."""
    inputs = [part["component"] for part in modal["components"] if part["type"] == 18]
    return str(next(each for each in inputs if each["custom_id"] == name).get("value", ""))


def choices(modal: Json) -> dict[str, tuple[str, list[str]]]:
    """The required choices of a modal by name, none of them made: each with its label and options."""
    groups = [part for part in modal["components"] if part["type"] == 18 and part["component"]["type"] == 21]
    assert all(each["component"]["required"] for each in groups)
    assert not [o for each in groups for o in each["component"]["options"] if o.get("default")]
    return {
        each["component"]["custom_id"]: (each["label"], [o["label"] for o in each["component"]["options"]])
        for each in groups
    }


async def again(team: Team, room: str, form: Json, **words: str) -> Json:
    """The form that is offered after one was submitted."""
    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, form, **words))
    modal: Json = (await team.discord.clicks(ANA, offer, "Open form", channel=room))["data"]
    return modal


async def all_texts(team: Team, room: str) -> str:
    """The draft, as Read all shows it."""
    await team.outbox.drain()
    return words_of(await answer_to(team, ANA, team.discord.clicks(ANA, review_in(team, room), "Read all")))


async def both_open(team: Team, **words: str) -> tuple[str, Json]:
    """Ana's edit form, opened before Ben saved his words as revision 3; and the room."""
    room, review = await drafted(team)
    mine = await team.discord.clicks(ANA, review, "Edit")
    theirs = await team.discord.clicks(BEN, review, "Edit")
    words = words or {"customers": "Ben: requests fail.", "developers": "Ben: code 503."}
    await answer_to(team, BEN, team.discord.submits(BEN, room, theirs["data"], **words))
    return room, mine["data"]


async def test_the_edit_form_is_offered_again_with_both_texts_and_saves_both(team: Team) -> None:
    room, mine = await both_open(team)

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine, customers="Ana: it is slow."))
    assert "Ben Osei saved revision 3" in words_of(offer)
    assert ["Ana: it is slow." in words_of(offer), "Ben: requests fail." in words_of(offer)] == [True, True]
    back = (await team.discord.clicks(ANA, offer, "Open form", channel=room))["data"]
    assert (typed(back, "customers"), typed(back, "developers")) == ("Ana: it is slow.", "Ben: code 503.")

    options = ["Save mine, as it is above", "Keep what is in the draft now"]
    assert choices(back) == {"choose.3.customers": ("Customers: which to save", options)}
    words = {"customers": "Both: it is slow and fails.", "choose.3.customers": "mine"}
    await answer_to(team, ANA, team.discord.submits(ANA, room, back, **words))

    review = await all_texts(team, room)
    assert ["Both: it is slow and fails." in review, "Ben: code 503." in review] == [True, True]


async def test_saving_again_without_a_choice_replaces_nothing(team: Team) -> None:
    room, mine = await both_open(team)
    back = await again(team, room, mine, customers="Ana: slow.", developers="Ana: code 500.")

    third = await again(team, room, back, **{"choose.3.customers": "theirs"})

    assert choices(third).keys() == {"choose.3.customers", "choose.3.developers"}
    assert (typed(third, "customers"), typed(third, "developers")) == ("Ana: slow.", "Ana: code 500.")
    words = {"choose.3.customers": "theirs", "choose.3.developers": "mine"}
    await answer_to(team, ANA, team.discord.submits(ANA, room, third, **words))
    review = await all_texts(team, room)
    assert ["Ben: requests fail." in review, "Ana: slow." in review] == [True, False]
    assert ["Ana: code 500." in review, "Ben: code 503." in review.split("Replaced in")[0]] == [True, False]


async def test_what_was_typed_is_saved_although_the_choice_takes_its_place(team: Team) -> None:
    room, mine = await both_open(team, developers="Ben: code 503.")
    words = {"title": "Slow sign-in", "customers": "Ana: slow.", "enterprise": "Ana: slow for you.",
             "developers": "Ana: code 500.", "support": "Ana: ask."}  # fmt: skip
    back = await again(team, room, mine, **words)
    asked = [part["component"]["custom_id"] for part in back["components"]]
    assert len(asked) == 5
    assert "choose.3.developers" in asked
    assert set(words) - set(asked) == {"support"}

    await answer_to(team, ANA, team.discord.submits(ANA, room, back, **{"choose.3.developers": "mine"}))

    review = await all_texts(team, room)
    assert [each for each in words.values() if each not in review] == []


@pytest.mark.parametrize("choice", ["mine", "theirs"])
async def test_where_the_choices_do_not_fit_one_is_for_all_of_them(team: Team, choice: str) -> None:
    texts = {"customers": "Ben: requests fail.", "developers": "Ben: code 503.", "support": "Ben: ask for the time."}
    room, mine = await both_open(team, **texts)
    words = {"customers": "Ana: slow.", "developers": "Ana: code 500.", "support": "Ana: ask for the request."}
    back = await again(team, room, mine, **words)

    options = ["Save mine in all of them", "Keep what is in the draft now in all of them"]
    assert choices(back) == {"choose.3.": ("Texts with a conflict: which to save", options)}
    third = await again(team, room, back)
    assert typed(third, "support") == "Ana: ask for the request."
    await answer_to(team, ANA, team.discord.submits(ANA, room, third, **{"choose.3.": choice}))

    review = (await all_texts(team, room)).split("Replaced in")[0]
    by_ana = [each in review for each in words.values()]
    assert by_ana == [choice == "mine"] * 3
    assert ("Ben: ask for the time." in review) is (choice == "theirs")


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
    await answer_to(team, ANA, team.discord.submits(ANA, room, back, **{"choose.3.message": "theirs"}))
    review = await all_texts(team, room)
    assert ["Ben found the cause." in review, "Ana found the cause." in review] == [True, False]


async def test_what_was_typed_is_offered_again_where_the_draft_is_gone(team: Team) -> None:
    room, mine = await both_open(team)
    await answer_to(team, BEN, team.discord.types(BEN, room, "/incident draft discard"))

    offer = await answer_to(team, ANA, team.discord.submits(ANA, room, mine, customers="Ana: it is slow."))

    assert "Revision 3 was discarded, so nothing was changed." in words_of(offer)
    assert "Open form" in words_of(offer)
