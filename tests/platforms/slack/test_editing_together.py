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
    back = await until(lambda: next((f for f in team.slack.forms_of(ANA) if f is not mine), None))
    assert "Ben Osei saved revision 3" in words_of(back)
    assert typed(back, "customers") == "Ana: the API is slow."
    assert 'Customers, in the draft now: Ben: "requests fail".' in " ".join(words_of(back).split())
    assert typed(back, "developers") == "Ben: code 503."

    await team.slack.submits(ANA, back, {"customers": "Both: the API is slow and fails."})

    review = await until(lambda: find_in(team, "revision 4"))
    assert "Both: the API is slow and fails." in words_of(review)
    assert "Ben: code 503." in words_of(await reading(team, review))


async def reading(team: Team, review: Json) -> Json:
    """All texts, as Read all shows them."""
    await team.slack.clicks(ANA, review, "fh:show")
    return await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Draft for" in words_of(m)), None))


@pytest.mark.parametrize("budget_s", [BUDGET_S])
async def test_the_other_words_stay_beside_a_form_that_is_refused_again(team: Team) -> None:
    mine, _review = await both_open(team)
    await team.slack.submits(ANA, mine, {"customers": "Ana: the API is slow."})
    back = await until(lambda: next((f for f in team.slack.forms_of(ANA) if f is not mine), None))
    locked = team.core.store.write()
    locked.__enter__()
    try:
        await team.slack.submits(ANA, back, {"customers": "Both: the API is slow and fails."})
    finally:
        locked.__exit__(None, None, None)

    assert 'Ben: "requests fail".' in words_of(back)
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

    back = await until(lambda: next((f for f in team.slack.forms_of(ANA) if f is not mine), None))
    assert (typed(back, "sees"), typed(back, "who")) == ("everything is slow", "worldwide")
    assert "User impact, in the draft now: requests fail" in " ".join(words_of(back).split())
