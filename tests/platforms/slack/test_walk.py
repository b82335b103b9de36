"""The front door through the real Bolt: declare, draft, approve by another, one subscriber."""

from sqlmodel import func, select

from bot.domain.incident import Incident
from tests.fakes.slack import words_of
from tests.platforms.slack.conftest import ANA, BEN, NEWS, ROOM, Team
from tests.platforms.slack.moves import DECLARE, declared, drafted, find_in, form_of, published, until


async def test_declaring_takes_one_line(team: Team) -> None:
    card = await declared(team)

    assert "SEV1 · ChatGPT and API errors" in words_of(card)


async def test_a_bare_update_opens_a_form_filled_from_the_record(team: Team) -> None:
    await published(team)

    await team.slack.types(ANA, ROOM, "/incident update")

    form = await form_of(team, ANA)
    stage = next(block["element"] for block in form["blocks"] if block.get("block_id") == "stage")
    assert stage["initial_option"]["value"] == "investigating"


async def test_a_form_sent_in_drafts_for_everybody_in_the_room(team: Team) -> None:
    await published(team)
    await team.slack.types(ANA, ROOM, "/incident update")

    await team.slack.submits(ANA, await form_of(team, ANA), {"stage": "identified", "message": "Signing in works."})

    review = await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    assert "Signing in works." in words_of(review)


async def test_a_second_person_approves_with_the_button_and_the_review_becomes_the_report(team: Team) -> None:
    review = await drafted(team)

    await team.slack.clicks(BEN, review, "fh:approve")

    await until(lambda: "(identified) was published" in words_of(review))


async def test_a_subscribed_channel_gets_an_update_once(team: Team) -> None:
    review = await drafted(team)
    await team.slack.clicks(BEN, review, "fh:approve")
    await until(lambda: "(identified) was published" in words_of(review))

    await until(lambda: len(team.slack.messages(NEWS)) == 3)
    told = [words_of(message) for message in team.slack.messages(NEWS)]
    assert ["subscribed this channel" in told[0], "Investigating" in told[1], "Identified" in told[2]] == [True] * 3


async def test_who_wrote_a_draft_cannot_approve_it(team: Team) -> None:
    review = await drafted(team)

    await team.slack.clicks(ANA, review, "fh:approve")

    refusal = await until(
        lambda: next((m for m in team.slack.seen_by(ANA) if "You wrote this draft" in words_of(m)), None)
    )
    assert "Ask Ben Osei" in words_of(refusal)


async def test_who_clicks_second_learns_who_was_first(team: Team) -> None:
    review = await drafted(team)
    as_seen_before = {**review, "channel": ROOM}
    await team.slack.clicks(BEN, review, "fh:approve")
    await until(lambda: "(identified) was published" in words_of(review))

    await team.slack.clicks(ANA, as_seen_before, "fh:approve")

    await until(lambda: any("Ben Osei already published" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_a_button_of_an_older_revision_says_who_saved_the_newer_one(team: Team) -> None:
    review = await drafted(team)
    before = {**review, "channel": ROOM}
    await team.slack.types(BEN, ROOM, '/incident edit customers:"We are working on a fix."')
    await until(lambda: find_in(team, "revision 3"))

    await team.slack.clicks(ANA, before, "fh:approve")

    await until(lambda: any("Ben Osei saved revision 3" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_a_command_that_comes_twice_is_carried_out_once(team: Team) -> None:
    trigger = team.slack.new_trigger(ANA)

    await team.slack.types(ANA, ROOM, DECLARE, trigger=trigger)
    await until(lambda: find_in(team, "Draft for"))
    await team.slack.types(ANA, ROOM, DECLARE, trigger=trigger)

    with team.core.store.read() as tx:
        assert tx.session.exec(select(func.count()).select_from(Incident)).one() == 1
    assert sum("INC-1 is declared" in words_of(m) for m in team.slack.seen_by(ANA)) == 1


async def test_a_click_that_comes_twice_is_carried_out_once(team: Team) -> None:
    review = await drafted(team)
    trigger = team.slack.new_trigger(BEN)

    await team.slack.clicks(BEN, review, "fh:approve", trigger=trigger)
    await team.slack.clicks(BEN, {**review, "channel": team.rooms()[0].id}, "fh:approve", trigger=trigger)
    await until(lambda: "(identified) was published" in words_of(review))

    assert team.slack.seen_by(BEN) == []


async def test_a_form_that_comes_twice_is_carried_out_once(team: Team) -> None:
    await published(team)
    await team.slack.types(ANA, ROOM, "/incident update")
    form = await form_of(team, ANA)
    again = {**form}

    await team.slack.submits(ANA, form, {"stage": "identified", "message": "Signing in works."})
    team.slack.open_views[ANA].append(again["id"])
    await team.slack.submits(ANA, again, {"stage": "identified", "message": "Signing in works."})

    review = await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    assert "Revision 2 by" in words_of(review)


async def test_what_is_typed_in_the_room_is_confirmed_to_the_person_who_typed_it(team: Team) -> None:
    await drafted(team)
    room = team.rooms()[0].id

    await team.slack.types(ANA, room, "/incident assign scribe @ben")
    await until(lambda: any("Ben Osei is now scribe of INC-1." in words_of(m) for m in team.slack.seen_by(ANA)))
    await team.slack.types(ANA, room, "/incident update identified Half of the requests fail.")
    await until(lambda: any("(revision 2) is saved" in words_of(m) for m in team.slack.seen_by(ANA)))
