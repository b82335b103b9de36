"""The front door through the real discord.py: declare, draft, approve by another, one subscriber."""

from sqlmodel import func, select

from bot.domain.incident import Incident
from tests.fakes.discord_checks import parts_of, words_of
from tests.platforms.discord.conftest import ANA, BEN, DEV, ON_CALL, OPS, STATUS, Team
from tests.platforms.discord.moves import (
    ON,
    TITLE,
    answer_to,
    answered,
    declared,
    drafted,
    published,
    review_in,
    room_of,
    said_in,
    until,
)


async def test_declaring_takes_one_line_and_opens_a_thread(team: Team) -> None:
    room = await declared(team)

    assert team.discord.channels[room].name == "INC-1 chatgpt and api errors"
    assert any("SEV1 · ChatGPT and API errors" in words for words in said_in(team, room))


async def test_who_declares_is_led_to_the_room(team: Team) -> None:
    room = await declared(team)

    await until(lambda: any(f"Its room is <#{room}>." in words_of(m) for m in team.discord.seen_by(ANA)))


async def test_where_no_room_can_be_made_the_reason_is_said_and_the_incident_goes_on(team: Team) -> None:
    team.discord.channels[OPS].denied.add("CREATE_PUBLIC_THREADS")
    await answered(team, ANA, "/incident declare", title=TITLE)
    await team.outbox.drain()

    told = await until(lambda: [w for w in map(words_of, team.discord.seen_by(ANA)) if "could not be created" in w])
    assert "Retry" in told[0]
    assert "INC-1" in await answered(team, ANA, "/incident list")


async def test_who_comes_late_catches_up_under_more(team: Team) -> None:
    room = await published(team)
    card = next(m for m in team.discord.messages(room) if "Catch up" in str(m["components"]))

    told = await answer_to(team, DEV, team.discord.clicks(DEV, card, "Catch up", channel=room))

    assert "Customers last read" in words_of(told)


async def test_a_bare_declare_opens_a_form(team: Team) -> None:
    first = await team.discord.types(ANA, OPS, "/incident declare")

    assert (first["type"], first["data"]["title"]) == (9, "Declare an incident")


async def test_a_form_sent_in_declares(team: Team) -> None:
    first = await team.discord.types(ANA, OPS, "/incident declare")
    await team.discord.submits(ANA, OPS, first["data"], title="API errors", severity=["SEV2"])

    await until(lambda: any("API errors" in words for words in map(words_of, team.discord.seen_by(ANA))))


async def test_a_bare_update_opens_a_form_filled_from_the_record(team: Team) -> None:
    room = await published(team)

    step = await answer_to(team, ANA, team.discord.types(ANA, room, "/incident update"))

    stage = next(part for part in parts_of(step) if part.get("placeholder") == "Stage")
    assert [option["value"] for option in stage["options"] if option.get("default")] == ["investigating"]


async def test_a_second_person_approves_with_the_button_and_the_review_becomes_the_report(team: Team) -> None:
    room, review = await drafted(team)

    await answer_to(team, BEN, team.discord.clicks(BEN, review, "Approve"))
    await team.outbox.drain()

    assert "was published" in words_of(review)
    assert room == room_of(team)


async def test_a_subscribed_channel_gets_an_update_once(team: Team) -> None:
    _room, review = await drafted(team)
    await answer_to(team, BEN, team.discord.clicks(BEN, review, "Approve"))

    await team.outbox.drain()

    told = said_in(team, STATUS)
    assert [word for words in told for word in ("Investigating:", "Identified:") if word in words] == [
        "Investigating:",
        "Identified:",
    ], told


async def test_who_wrote_a_draft_cannot_approve_it(team: Team) -> None:
    _room, review = await drafted(team)

    refusal = await answer_to(team, ANA, team.discord.clicks(ANA, review, "Approve"))

    assert "You wrote this draft" in words_of(refusal)


async def test_who_clicks_second_learns_who_was_first(team: Team) -> None:
    _room, review = await drafted(team)
    before = {**review}
    await answer_to(team, BEN, team.discord.clicks(BEN, review, "Approve"))

    late = await answer_to(team, ANA, team.discord.clicks(ANA, before, "Approve"))

    assert "Ben Osei already published" in words_of(late)
    assert "Nothing was sent twice" in words_of(late)


async def test_the_words_are_edited_in_a_form_and_the_review_shows_the_next_revision(team: Team) -> None:
    room, review = await drafted(team)

    first = await team.discord.clicks(BEN, review, "Edit")
    await answer_to(team, BEN, team.discord.submits(BEN, room, first["data"], customers="We know the cause."))
    await team.outbox.drain()

    assert "We know the cause." in words_of(review_in(team, room))


async def test_discarding_asks_once_and_leaves_one_line(team: Team) -> None:
    _room, review = await drafted(team)

    question = await answer_to(team, ANA, team.discord.clicks(ANA, review, "Discard"))
    await team.discord.clicks(ANA, question, "Discard")
    await until(lambda: "was discarded" in words_of(team.discord.seen_by(ANA)[-1]))
    await team.outbox.drain()

    assert "was discarded" in words_of(review)


async def test_a_member_with_the_role_whom_nobody_named_may_declare(team: Team) -> None:
    team.discord.roles[DEV] = {ON_CALL}
    assert "Commander: Dev" in await answered(team, DEV, "/incident declare", title=TITLE, on=ON)


async def test_a_command_that_comes_twice_is_carried_out_once(team: Team) -> None:
    await declared(team)
    payload = team.discord.gateway.live[0].sent[-1]
    await team.discord.gateway.dispatch(payload["t"], payload["d"])
    await answered(team, ANA, "/incident list")

    with team.core.store.read() as tx:
        assert tx.session.exec(select(func.count()).select_from(Incident)).one() == 1
