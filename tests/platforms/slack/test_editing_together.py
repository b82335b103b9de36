"""Two people edit one draft in modals: what was typed is kept, and what the other wrote stands beside it."""

import pytest

from bot.intake.inbox import BUDGET_S
from tests.fakes.slack import Fails, Json, words_of
from tests.platforms.slack.conftest import ANA, BEN, Team
from tests.platforms.slack.moves import drafted, find_in, form_of, until

LONG = "The API is slow. " * 150


def typed(form: Json, name: str) -> str:
    """What stands in an input of a modal."""
    block = next(block for block in form["blocks"] if block.get("block_id") == name)
    return str(block["element"].get("initial_value", ""))


def choice(form: Json, name: str) -> tuple[str, list[str]]:
    """The label of a required choice between two texts, and its options."""
    block = next(block for block in form["blocks"] if block.get("block_id") == name)
    assert (block["element"]["type"], block["optional"]) == ("radio_buttons", False)
    assert "initial_option" not in block["element"]
    return block["label"]["text"], [option["text"]["text"] for option in block["element"]["options"]]


async def again(team: Team, before: Json) -> Json:
    """The form that came back in place of another one."""
    return await until(lambda: next((form for form in team.slack.forms_of(ANA) if form is not before), None))


async def both_open(team: Team) -> tuple[Json, Json]:
    """The edit forms of Ana and Ben, who then saves his words as revision 3."""
    review = await drafted(team)
    await team.slack.clicks(ANA, review, "fh:edit")
    mine = await form_of(team, ANA)
    await team.slack.clicks(BEN, review, "fh:edit")
    theirs = await form_of(team, BEN)
    await team.slack.submits(BEN, theirs, {"customers": 'Ben: "requests fail".', "developers": "Ben: code 503."})
    await until(lambda: find_in(team, "revision 3"))
    return mine, review


async def test_the_edit_modal_comes_back_with_both_texts_and_saves_both(team: Team) -> None:
    mine, _review = await both_open(team)

    await team.slack.submits(ANA, mine, {"customers": "Ana: the API is slow."})
    back = await again(team, mine)
    assert "Ben Osei saved revision 3" in words_of(back)
    assert typed(back, "customers") == "Ana: the API is slow."
    assert 'Customers, in the draft now: Ben: "requests fail".' in " ".join(words_of(back).split())
    assert typed(back, "developers") == "Ben: code 503."

    options = ["Save mine, as it is above", "Keep what is in the draft now"]
    assert choice(back, "choose.3.customers") == ("Customers: which to save", options)
    assert not [block for block in back["blocks"] if block.get("block_id") == "choose.3.developers"]

    words = {"customers": "Both: the API is slow and fails.", "choose.3.customers": "mine"}
    await team.slack.submits(ANA, back, words)

    review = await until(lambda: find_in(team, "revision 4"))
    assert "Both: the API is slow and fails." in words_of(review)
    assert "Ben: code 503." in words_of(await reading(team, review))


async def reading(team: Team, review: Json) -> Json:
    """All texts, as Read all shows them."""
    await team.slack.clicks(ANA, review, "fh:show")
    return await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Draft for" in words_of(m)), None))


async def test_saving_again_without_a_choice_replaces_nothing(team: Team) -> None:
    mine, _review = await both_open(team)
    await team.slack.submits(ANA, mine, {"customers": "Ana: slow.", "developers": "Ana: code 500."})
    back = await again(team, mine)

    await team.slack.submits(ANA, back, {"choose.3.developers": "mine"})

    third = await again(team, back)
    assert 'Customers, in the draft now: Ben: "requests fail".' in " ".join(words_of(third).split())
    assert (typed(third, "customers"), typed(third, "developers")) == ("Ana: slow.", "Ana: code 500.")
    assert not find_in(team, "revision 4")

    await team.slack.submits(ANA, third, {"choose.3.customers": "theirs", "choose.3.developers": "mine"})

    words = words_of(await reading(team, await until(lambda: find_in(team, "revision 4"))))
    assert ['Ben: "requests fail".' in words, "Ana: code 500." in words, "Ana: slow." in words] == [True, True, False]


@pytest.mark.parametrize("budget_s", [BUDGET_S])
async def test_the_other_words_stay_beside_a_form_that_is_refused_again(team: Team) -> None:
    mine, _review = await both_open(team)
    await team.slack.submits(ANA, mine, {"customers": "Ana: the API is slow."})
    back = await again(team, mine)
    locked = team.core.store.write()
    locked.__enter__()
    try:
        words = {"customers": "Both: the API is slow and fails.", "choose.3.customers": "mine"}
        await team.slack.submits(ANA, back, words)
    finally:
        locked.__exit__(None, None, None)

    assert 'Ben: "requests fail".' in words_of(back)
    chosen = next(block for block in back["blocks"] if block.get("block_id") == "choose.3.customers")["element"]
    assert chosen["initial_option"]["value"] == "mine"
    assert typed(back, "customers") == "Both: the API is slow and fails."


async def test_where_the_modal_cannot_open_the_message_has_both_texts_and_opens_it(team: Team) -> None:
    mine, _review = await both_open(team)
    team.slack.fail("views.open", Fails.SERVER_ERROR)

    await team.slack.submits(ANA, mine, {"customers": 'Ana: "slow".'})
    offer = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Open form" in words_of(m)), None))
    assert ['Ana: "slow".' in words_of(offer), 'Ben: "requests fail".' in words_of(offer)] == [True, True]

    await team.slack.clicks(ANA, offer, "fh:form")

    back = await form_of(team, ANA)
    assert typed(back, "customers") == 'Ana: "slow".'
    assert not find_in(team, "revision 4")
    await team.slack.submits(ANA, back, {})
    await team.slack.submits(ANA, await again(team, back), {"choose.3.customers": "mine"})
    assert "Ana:" in words_of(await until(lambda: find_in(team, "revision 4")))


async def test_words_too_long_for_a_button_stand_in_the_message(team: Team) -> None:
    mine, _review = await both_open(team)
    team.slack.fail("views.open", Fails.SERVER_ERROR)

    await team.slack.submits(ANA, mine, {"customers": LONG})

    offer = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Open form" in words_of(m)), None))
    assert "".join(words_of(offer).split()).count("TheAPIisslow.") == 150


async def test_an_update_modal_comes_back_with_the_fact_that_was_changed_meanwhile(team: Team) -> None:
    await drafted(team)
    room = team.rooms()[0].id
    await team.slack.types(ANA, room, "/incident update")
    mine = await form_of(team, ANA)
    await team.slack.types(BEN, room, '/incident update sees:"requests fail"')
    await until(lambda: find_in(team, "revision 3"))

    await team.slack.submits(ANA, mine, {"sees": "everything is slow", "who": "worldwide"})

    back = await again(team, mine)
    assert (typed(back, "sees"), typed(back, "who")) == ("everything is slow", "worldwide")
    assert "User impact, in the draft now: requests fail" in " ".join(words_of(back).split())
    await team.slack.submits(ANA, back, {"choose.3.sees": "theirs"})
    words = words_of(await reading(team, await until(lambda: find_in(team, "revision 4"))))
    assert ["requests fail" in words.lower(), "everything is slow" in words.lower()] == [True, False]
