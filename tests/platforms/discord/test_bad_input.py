"""What people and machines send that they should not: nothing breaks, nobody is mentioned, nothing is given away."""

import asyncio
import threading
from typing import Any

import pytest

from bot.intake.desk import THREADS
from bot.intake.inbox import BUDGET_S
from bot.intake.requests import ReplyTarget
from bot.store import incidents, record
from bot.views import Notice, say
from tests.fakes.discord import Fails
from tests.fakes.discord_checks import Json, words_of
from tests.fakes.discord_people import NotAnsweredError
from tests.platforms.discord.conftest import ANA, BEN, BOT_MEMBER, CHANGES, DEV, ON_CALL, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, declared, drafted, published, said_in, until

EVIL = "**bold** @everyone <@&300000000000000011> [x](https://evil.example) discord.gg/abc \u200b\u202e `code`"


def all_bodies(team: Team) -> list[Json]:
    return [body for _method, _path, body in team.discord.calls if isinstance(body, dict)]


async def test_nothing_we_send_mentions_anybody(team: Team) -> None:
    await drafted(team)
    messages = [body for body in all_bodies(team) if "allowed_mentions" in body]
    assert messages
    assert all(body["allowed_mentions"] == {"parse": []} for body in messages)


async def test_markup_in_a_title_stays_words(team: Team) -> None:
    room = await declared(team, title=EVIL)
    card = next(words for words in said_in(team, room) if "Nothing is public yet" in words)
    assert r"\@everyone" in card
    assert r"\*\*bold\*\*" in card
    assert r"\@on call" in card
    assert "<@" not in card
    assert "\u200b" not in card
    assert "\u202e" not in card


async def test_markup_in_a_note_stays_words_in_the_room(team: Team) -> None:
    room = await declared(team)
    await answered(team, ANA, "/incident note", room, text=f"> quoted\n# big {EVIL}")
    await team.outbox.drain()
    line = next(words for words in said_in(team, room) if "quoted" in words)  # the card with the note
    assert r"\@everyone" in line
    assert not [row for row in line.splitlines() if row.startswith(("> ", "# "))]


async def test_another_server_is_refused(team: Team) -> None:
    told = await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident list", guild="800000000000000099"))
    assert "is not set up for this server" in words_of(told)


async def test_another_server_gets_no_suggestions(team: Team) -> None:
    await declared(team)
    option = {"name": "incident", "type": 3, "value": "", "focused": True}
    data = {"id": "1", "name": "incident", "type": 1, "options": [{"name": "show", "type": 1, "options": [option]}]}
    answer = await team.discord.interacts(ANA, OPS, 4, data, guild="800000000000000099")
    assert answer["data"]["choices"] == []


async def test_a_bot_is_nobody(team: Team) -> None:
    words = await answered(team, BOT_MEMBER, "/incident declare", title="API errors")
    assert "not connected to a person" in words


async def test_a_member_without_the_role_may_not_change_what_runs(team: Team) -> None:
    await declared(team)
    assert "Only responders can" in await answered(team, DEV, "/incident severity", level=3)


async def test_a_member_with_the_role_may(team: Team) -> None:
    await declared(team)
    team.discord.roles[DEV] = {ON_CALL}
    assert "INC-1 is now SEV3" in await answered(team, DEV, "/incident severity", level=3)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("severity", {"level": 3}),
        ("nudge off", {}),
        ("record redact", {"entry": "1", "reason": "gone"}),
        ("assign", {"role": "commander", "person": BEN}),
        ("invite", {"person": BEN}),
        ("cancel", {}),
    ],
)
async def test_who_can_see_the_room_changes_nothing_in_it(team: Team, line: str, options: dict[str, Any]) -> None:
    room = await declared(team)
    assert "Only responders can" in await answered(team, DEV, f"/incident {line}", room, **options)


async def test_who_was_assigned_responds_in_that_incident(team: Team) -> None:
    room = await declared(team)
    await answered(team, DEV, "/incident note", room, text="I can help")
    await answered(team, ANA, "/incident assign", room, role="comms", person=DEV)
    assert "INC-1 is now SEV3" in await answered(team, DEV, "/incident severity", room, level=3)


async def test_a_member_without_the_role_declares_nothing(team: Team) -> None:
    assert "Only responders can" in await answered(team, DEV, "/incident declare", title="API errors")
    form = await team.discord.types(DEV, OPS, "/incident declare")
    sent = await answer_to(team, DEV, team.discord.submits(DEV, OPS, form["data"], title="API errors"))
    assert "Only responders can" in words_of(sent)


async def test_the_fourth_incident_of_one_person_in_ten_minutes_needs_a_reason(team: Team) -> None:
    team.discord.roles[DEV] = {ON_CALL}
    for title in ("Search finds nothing today", "Uploads hang for large files", "Nobody receives any mail"):
        assert "Commander: Dev" in await answered(team, DEV, "/incident declare", title=title)

    offer = await answer_to(team, DEV, team.discord.types(DEV, OPS, "/incident declare", title="Invoices are wrong"))
    assert "so this one was not declared yet" in words_of(offer)
    form = await team.discord.clicks(DEV, offer, "Open form")
    sent = await answer_to(team, DEV, team.discord.submits(DEV, OPS, form["data"], reason="It is another product."))
    assert "Commander: Dev" in words_of(sent)
    assert "Why it was declared: It is another product." in words_of(sent).replace("\\", "")


@pytest.mark.parametrize("user", [ANA, DEV], ids=["named", "member"])
async def test_who_has_not_passed_the_screening_does_nothing(team: Team, user: str) -> None:
    room = await declared(team)
    team.discord.roles[DEV] = {ON_CALL}
    team.discord.pending.add(user)
    for line, options in (("declare", {"title": "API errors"}), ("severity", {"level": 3}), ("list", {})):
        assert "has not admitted you yet" in await answered(team, user, f"/incident {line}", room, **options)
    assert await team.discord.suggests(user, OPS, "/incident show", "incident") == []


async def test_a_member_whom_nobody_named_may_not_publish(team: Team) -> None:
    room = await declared(team)
    team.discord.roles[DEV] = {ON_CALL}
    assert "cannot publish" in await answered(team, DEV, "/incident draft publish", room)


async def test_who_manages_channels_may_subscribe_one(team: Team) -> None:
    refused = await answered(team, DEV, "/incident subscription add", STATUS)
    team.discord.manages.add(DEV)
    allowed = await answered(team, DEV, "/incident subscription add", STATUS)

    assert "Only administrators can" in refused
    assert "gets updates" in allowed


async def test_a_private_incident_is_unknown_to_others(team: Team) -> None:
    words = await answered(team, ANA, "/incident declare", title="Quiet", private=True)
    assert "Quiet" in words
    assert all("Quiet" not in said for said in said_in(team, OPS))
    assert "INC-1 does not exist" in await answered(team, DEV, "/incident show", incident="INC-1")
    assert await team.discord.suggests(DEV, OPS, "/incident show", "incident") == []


async def test_a_button_of_a_deleted_message_is_answered(team: Team) -> None:
    room, review = await drafted(team)
    team.discord.channels[room].messages.clear()
    told = await answer_to(team, BEN, team.discord.clicks(BEN, review, "Approve"))
    assert "Published" in words_of(told)


async def test_an_unknown_button_is_answered(team: Team) -> None:
    room, review = await drafted(team)
    button = {"type": 2, "style": 1, "label": "Explode", "custom_id": "fh:explode:INC-1"}
    message = {**review, "flags": 0, "components": [{"type": 1, "components": [button]}]}
    told = await answer_to(team, BEN, team.discord.clicks(BEN, message, "Explode", channel=room))
    assert "no longer works" in words_of(told)


@pytest.mark.parametrize("custom_id", ["x", "fh:", "fh:publish:" + "\u0000" * 20, "fh:publish:INC-1 rev:999999999999"])
async def test_a_guessed_button_changes_nothing(team: Team, custom_id: str) -> None:
    room, review = await drafted(team)
    button = {"type": 2, "style": 1, "label": "Mine", "custom_id": custom_id}
    message = {**review, "flags": 0, "components": [{"type": 1, "components": [button]}]}

    await team.discord.clicks(DEV, message, "Mine", channel=room)
    await answered(team, ANA, "/incident list")

    with team.core.store.read() as tx:
        [incident] = incidents.open_incidents(tx)
        assert incident.stage.value == "investigating"


async def test_a_click_delivered_twice_is_carried_out_once(team: Team) -> None:
    room = await declared(team)
    before = len(team.discord.seen_by(ANA))
    await answer_to(team, ANA, team.discord.types(ANA, room, "/incident note", text="Once"))
    frame = team.discord.gateway.live[0].sent[-1]
    await team.discord.gateway.dispatch(frame["t"], frame["d"])
    await answered(team, ANA, "/incident list")
    await team.outbox.drain()

    assert sum("Once" in words for words in said_in(team, room)) == 1
    assert len(team.discord.seen_by(ANA)) == before + 2


async def test_a_command_whose_first_response_is_lost_is_carried_out_and_answered_directly(team: Team) -> None:
    room = await declared(team)
    team.discord.fail("POST /interactions/{}/{}/callback", Fails.NO_ANSWER)
    with pytest.raises(NotAnsweredError):
        await team.discord.types(ANA, room, "/incident note", text="Late")

    await until(lambda: any("Noted in INC-1" in words for words in said_in(team, ANA)))
    assert _entries(team, "Late")


def _entries(team: Team, words: str) -> list[Any]:
    with team.core.store.read() as tx:
        [incident] = incidents.open_incidents(tx)
        return [text for _entry, text in record.entries(tx, incident) if words in text.text]


async def test_an_answer_after_fifteen_minutes_comes_by_direct_message(team: Team) -> None:
    room = await declared(team)
    await team.discord.types(ANA, room, "/incident list")
    handle = f"900000000000000001/{list(team.discord.interactions)[-1]}"
    team.discord.skew += 16 * 60

    await team.app.replies.give(Notice(say("It took long.")), ReplyTarget(ANA, room, handle))

    await until(lambda: any("It took long." in words for words in said_in(team, ANA)))


async def test_a_form_of_four_thousand_characters_is_told_what_fits(team: Team) -> None:
    room, review = await drafted(team)
    first = await team.discord.clicks(BEN, review, "Edit")
    text = next(p["component"] for p in first["data"]["components"] if p["component"]["custom_id"] == "customers")
    text["max_length"] = 4000  # a client that does not keep to it
    told = await answer_to(team, BEN, team.discord.submits(BEN, room, first["data"], customers="a" * 4000))
    assert "4000 characters long; the limit is 3000" in words_of(told)
    opened = await team.discord.clicks(BEN, told, "Open form", channel=room)
    assert opened["type"] == 9


async def test_a_form_of_another_process_that_carried_too_much_is_told_so(team: Team) -> None:
    room, review = await drafted(team)
    first = await team.discord.clicks(BEN, review, "Edit")
    first["data"]["custom_id"] = "fh?:edit:INC-1 0123456789abcdef0123"
    told = await answer_to(team, BEN, team.discord.submits(BEN, room, first["data"]))
    assert "What you typed is still here" in words_of(told)


async def test_one_of_many_channels_may_be_closed_to_us(team: Team) -> None:
    room = await published(team)
    team.discord.channels[CHANGES].denied.add("SEND_MESSAGES")
    team.discord.manages.add(ANA)
    await answered(team, ANA, "/incident subscription add", CHANGES)
    await answered(team, ANA, "/incident update", room, stage="identified", text="Signing in works.")
    await answered(team, BEN, "/incident draft approve", room)
    await team.outbox.drain()
    await team.outbox.drain()

    words = await answered(team, ANA, "/incident deliveries", room)
    assert "Allow “Send Messages”" in words.replace("\\", "")


async def test_a_secret_in_a_note_is_not_saved(team: Team) -> None:
    room = await declared(team)
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    assert "looks like a secret" in await answered(team, ANA, "/incident note", room, text=f"key {secret}")


async def test_suggestions_know_incidents_components_stages_people_and_audiences(team: Team) -> None:
    room = await declared(team)

    async def names(line: str, option: str, typed: str = "") -> list[str]:
        return [choice["name"] for choice in await team.discord.suggests(ANA, room, line, option, typed)]

    assert [name[:5] for name in await names("/incident show", "incident")] == ["INC-1"]
    assert "API: major outage" in await names("/incident impact", "on", "api=")
    both = "ChatGPT: major outage, API: partial outage"
    assert both in await names("/incident impact", "on", "chatgpt=major,api=pa")
    assert "Identified" in await names("/incident update", "stage", "ident")
    assert "Developers" in await names("/incident draft edit", "audience")


async def test_a_person_is_assigned_by_handle_or_by_mention(team: Team) -> None:
    room = await declared(team)
    form = await team.discord.types(ANA, room, "/incident assign", role="comms")
    by_handle = await answer_to(team, ANA, team.discord.submits(ANA, room, form["data"], person="@ben"))
    by_mention = await answered(team, ANA, "/incident assign", room, role="scribe", person=BEN)
    assert "Ben Osei is now communications lead" in words_of(by_handle)
    assert "Ben Osei is now scribe" in by_mention


async def test_an_export_is_a_file(team: Team) -> None:
    room = await declared(team)
    told = await answer_to(team, ANA, team.discord.types(ANA, room, "/incident record export", format="json"))
    assert "declared" in told["attachments"][0]["text"]


@pytest.mark.parametrize("budget_s", [BUDGET_S])
async def test_a_full_database_is_said_and_nothing_is_done(team: Team) -> None:
    await declared(team)
    taken = team.core.store.write()
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, taken.__enter__)
    try:
        words = await answered(team, ANA, "/incident note", text="Lost")
    finally:
        await loop.run_in_executor(None, lambda: taken.__exit__(None, None, None))
    assert "cannot be written to right now" in words
    assert not _entries(team, "Lost")


@pytest.mark.parametrize("budget_s", [BUDGET_S])
async def test_a_form_that_the_record_gives_too_late_is_offered_by_a_button(team: Team) -> None:
    room, review = await drafted(team)
    free = threading.Event()
    busy = [asyncio.ensure_future(team.core.desk.in_thread(free.wait)) for _thread in range(THREADS)]
    try:
        first = await team.discord.clicks(BEN, review, "Edit")
    finally:
        free.set()
        await asyncio.gather(*busy)
    assert first["type"] == 5

    offer = await until(lambda: next((m for m in team.discord.seen_by(BEN) if "Open form" in words_of(m)), None))
    opened = await team.discord.clicks(BEN, offer, "Open form", channel=room)

    assert (opened["type"], opened["data"]["title"]) == (9, "Edit draft INC-1")


async def test_a_form_opens_while_a_long_write_holds_the_database(team: Team) -> None:
    _room, review = await drafted(team)
    taken = team.core.store.write()
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, taken.__enter__)
    try:
        opened = await team.discord.clicks(BEN, review, "Edit")
    finally:
        await loop.run_in_executor(None, lambda: taken.__exit__(None, None, None))

    assert (opened["type"], opened["data"]["title"]) == (9, "Edit draft INC-1")


async def test_a_form_is_asked_for_again_where_the_process_has_changed(team: Team) -> None:
    room, review = await drafted(team)
    button = {"type": 2, "style": 1, "label": "Open form", "custom_id": "fh?:edit:INC-1 0123456789abcdef0123"}
    message = {**review, "flags": 0, "components": [{"type": 1, "components": [button]}]}

    opened = await team.discord.clicks(BEN, message, "Open form", channel=room)

    assert (opened["type"], opened["data"]["title"]) == (9, "Edit draft INC-1")
