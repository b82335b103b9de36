"""What people do besides commands: mentions in threads, pushpins, shortcuts, Home."""

import pytest
from sqlmodel import select

from bot.domain.record import EntryKind, EntryText, RecordEntry
from tests.fakes.slack import words_of
from tests.fakes.slack_workspace import BOT
from tests.platforms.slack.conftest import ANA, BEN, DEV, NEWS, ROOM, Team
from tests.platforms.slack.moves import declared, drafted, find_in, form_of, until
from tests.platforms.slack.test_connections import over_http  # noqa: F401  a fixture


def notes(team: Team) -> list[str]:
    with team.core.store.read() as tx:
        query = select(EntryText.text).join(RecordEntry, RecordEntry.id == EntryText.entry_id)  # type: ignore[arg-type]
        return list(tx.session.exec(query.where(RecordEntry.kind == EntryKind.NOTE)).all())


async def test_a_mention_in_a_thread_is_a_command(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0].id

    await team.slack.mentions(ANA, room, "update identified Signing in works.", thread=card["ts"])

    assert await until(lambda: find_in(team, "revision 2"))


async def test_a_mention_is_answered_alone_and_in_its_thread(team: Team) -> None:
    card = await declared(team)
    await until(lambda: ANA in team.rooms()[0].members)

    await team.slack.mentions(ANA, team.rooms()[0].id, "list", thread=card["ts"])

    said = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Open incidents" in words_of(m)), None))
    assert said["thread_ts"] == card["ts"]


async def test_a_mention_with_a_slip_is_answered_in_words(team: Team) -> None:
    await team.slack.mentions(ANA, ROOM, "updat identified")

    assert await until(lambda: any("Did you mean update?" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_a_mention_that_lacks_words_offers_the_form(team: Team) -> None:
    await team.slack.mentions(ANA, ROOM, "declare")
    offer = (await until(lambda: team.slack.seen_by(ANA)))[-1]

    await team.slack.clicks(ANA, offer, "fh:form")

    assert await form_of(team, ANA)


async def test_a_mention_that_comes_twice_is_carried_out_once(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0].id

    for _time in range(2):
        await team.slack.mentions(ANA, room, "note It is slow", event_id="Ev1")
    await until(lambda: notes(team))

    assert notes(team) == ["It is slow"]


async def test_a_pushpin_adds_a_message_with_author_time_and_link_once(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0].id
    message = team.slack.says(DEV, room, f"Sign-in fails for 1 in 5 &amp; it grows, says <@{BEN}>")

    await team.slack.reacts(ANA, room, message, "pushpin")
    await until(lambda: notes(team))
    team.slack.channels[room].members.add(BEN)
    await team.slack.reacts(BEN, room, message, "pushpin")

    [note] = notes(team)
    assert note.startswith("Dev, ")
    assert "ET (" in note
    assert "Sign-in fails for 1 in 5 & it grows, says @Ben Osei\nCopied at 5:12 AM ET (09:12 UTC) from " in note
    assert note.endswith(f" https://example.slack.com/archives/{room}/p{message['ts'].replace('.', '')}")
    await until(
        lambda: any("already in the timeline of INC-1, as entry" in words_of(m) for m in team.slack.seen_by(BEN))
    )


async def test_a_reply_in_a_thread_can_be_pinned_too(team: Team) -> None:
    card = await declared(team)
    room = team.rooms()[0].id
    reply = team.slack.says(DEV, room, "The gateway restarts", thread=card["ts"])

    await team.slack.reacts(ANA, room, reply, "pushpin")

    note = (await until(lambda: notes(team)))[0]
    assert ["The gateway restarts" in note, f"thread_ts={card['ts']}" in note] == [True, True]


async def test_a_pushpin_elsewhere_means_nothing(team: Team) -> None:
    await declared(team)
    message = team.slack.says(DEV, ROOM, "Lunch?")

    await team.slack.reacts(DEV, ROOM, message, "pushpin")
    await team.slack.mentions(ANA, team.rooms()[0].id, "note later")
    await until(lambda: notes(team))

    assert notes(team) == ["later"]


async def test_another_emoji_means_nothing(team: Team) -> None:
    await declared(team)
    room = team.rooms()[0].id
    await team.slack.reacts(ANA, room, team.slack.says(DEV, room, "It is slow"), "eyes")
    await team.slack.mentions(ANA, room, "note later")
    await until(lambda: notes(team))

    assert notes(team) == ["later"]


async def test_a_shortcut_adds_a_message_to_the_timeline(team: Team) -> None:
    await declared(team)
    message = team.slack.says(DEV, ROOM, "The API answers 503")

    await team.slack.uses_shortcut(ANA, ROOM, message, "fh:note_message")

    assert "Dev, " in (await until(lambda: notes(team)))[0]


async def test_a_secret_in_a_message_is_not_added(team: Team) -> None:
    await declared(team)
    message = team.slack.says(DEV, ROOM, "the key is AKIAIOSFODNN7EXAMPLE")

    await team.slack.uses_shortcut(ANA, ROOM, message, "fh:note_message")

    await until(lambda: any("looks like a secret" in words_of(m) for m in team.slack.seen_by(ANA)))
    assert notes(team) == []


async def test_a_shortcut_declares_from_a_message(team: Team) -> None:
    message = team.slack.says(DEV, ROOM, "Nobody can   sign in\n&gt; since noon")

    await team.slack.uses_shortcut(ANA, ROOM, message, "fh:declare_message")
    form = await form_of(team, ANA)
    assert "Nobody can sign in > since noon" in words_of(form)
    await team.slack.submits(ANA, form, {})

    assert await until(team.rooms)


async def test_what_foghorn_itself_does_is_no_command(team: Team) -> None:
    await declared(team)

    await team.slack.joins(BOT, team.rooms()[0].id)
    await team.slack.mentions(ANA, team.rooms()[0].id, "note later")
    await until(lambda: notes(team))

    assert team.slack.seen_by(BOT) == []


async def test_events_come_over_http_too(over_http: Team) -> None:  # noqa: F811
    await declared(over_http)

    await over_http.slack.mentions(ANA, over_http.rooms()[0].id, "note It is slow")

    assert await until(lambda: notes(over_http))


# ---- Home


async def test_home_shows_what_is_open_my_roles_and_who_gets_updates(team: Team) -> None:
    await declared(team)
    await team.slack.types(ANA, ROOM, f"/incident subscribe <#{NEWS}|status>")
    await until(lambda: team.slack.messages(NEWS))

    await team.slack.opens_home(ANA)

    home = words_of(await until(lambda: team.slack.homes.get(ANA)))
    wanted = ("INC-1 · SEV1", "You are commander.", "First update due by", f"#{NEWS}", "Declare")
    assert [words for words in wanted if words not in home] == []


async def test_home_shows_an_approver_what_waits_for_them(team: Team) -> None:
    await drafted(team)
    await team.slack.types(ANA, ROOM, "/incident publish")
    await until(lambda: [words_of(m) for m in team.slack.seen_by(ANA) if "(revision 2) is saved" in words_of(m)][1:])

    await team.slack.opens_home(BEN)

    home = words_of(await until(lambda: team.slack.homes.get(BEN)))
    assert ["Waiting for you" in home, "Open draft" in home] == [True, True]


async def test_a_member_sees_home_without_private_incidents(team: Team) -> None:
    await team.slack.types(ANA, ROOM, "/incident declare Leak of keys private:yes")
    await until(lambda: team.rooms())

    await team.slack.opens_home(DEV)

    home = words_of(await until(lambda: team.slack.homes.get(DEV)))
    assert ["Leak" in home, "No incident is open" in home] == [False, True]


async def test_a_guest_sees_nothing_at_home(team: Team) -> None:
    await declared(team)
    team.slack.profiles[DEV] = {"is_restricted": True}

    await team.slack.opens_home(DEV)

    home = words_of(await until(lambda: team.slack.homes.get(DEV)))
    assert "INC-1" not in home


# ---- files and reading


@pytest.mark.parametrize("line", ["retro INC-1", "export md INC-1", "export json INC-1"])
async def test_a_document_comes_as_a_file_by_direct_message(team: Team, line: str) -> None:
    await declared(team)

    await team.slack.types(ANA, ROOM, f"/incident {line}")

    file = await until(lambda: next(iter(team.slack.files.values()), None))
    await until(lambda: any("is in your direct messages" in words_of(m) for m in team.slack.seen_by(ANA)))
    assert "INC-1" in file["content"]
    assert team.slack.messages(ANA)[-1]["files"]


async def test_without_the_permission_to_upload_it_comes_as_text(team: Team) -> None:
    team.slack.scopes.discard("files:write")
    await declared(team)

    await team.slack.types(ANA, ROOM, "/incident export md INC-1")

    assert await until(lambda: any("INC-1.md" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_read_all_opens_every_text_with_its_findings(team: Team) -> None:
    await declared(team)
    review = await until(lambda: find_in(team, "Draft for INC-1"))
    assert "Developers · en" not in words_of(review)

    await team.slack.clicks(BEN, review, "fh:show")

    answer = await until(lambda: next((m for m in team.slack.seen_by(BEN) if "Draft for" in words_of(m)), None))
    assert "Developers · en" in words_of(answer)
