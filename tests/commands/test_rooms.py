"""What chat platforms ask about rooms, and how rooms follow what people do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions import rooms as room_actions
from bot.commands.invocation import Account, Place
from bot.commands.rooms import join
from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState
from bot.domain.incident import Invited
from bot.domain.people import Identity, Person
from bot.domain.rooms import Room
from bot.errors import PlaceArchived, PlaceHidden
from bot.intake.desk import Desk
from bot.reading import rooms
from bot.reading.posts import room_step_of
from bot.store import deliveries
from bot.views import Invitation, Notice, OpenRoom, Removal
from tests.harness import CROWD, Harness, run_line, say

DEV = Account("slack", "U0DEV", "Dev Singh")


@pytest.fixture
def harness(migrated_sqlite_url: str) -> Iterator[Harness]:
    """Foghorn whose incidents get a room on Slack, wherever they are declared, for an hour longer than they last."""
    rooms = CROWD.rooms.model_copy(update={"where": "all", "archive_after_hours": 1})
    organisation = CROWD.model_copy(update={"rooms": rooms})
    harness = Harness(migrated_sqlite_url, organisation)
    harness.actions = replace(harness.actions, platforms=("local", "slack"), room_platforms=("slack",))
    harness.desk.close()
    harness.desk = Desk(harness.store, harness.actions)
    yield harness
    harness.close()


def make_room(harness: Harness) -> None:
    with harness.store.write() as tx:
        incident = harness.incident()
        tx.session.add(Room(platform="slack", channel="C1", incident_id=incident.id, name="inc-api"))


def steps(harness: Harness, kind: DeliveryKind) -> list[object]:
    with harness.store.read() as tx:
        return [room_step_of(tx, harness.actions, row) for row in harness.rows(Delivery) if row.kind is kind]


def joins(harness: Harness, *, private: bool = False) -> object:
    with harness.store.write("slack") as tx:
        return join(DEV, "C1", private=private)(tx, harness.actions)


def test_a_room_that_could_not_be_made_says_why(harness: Harness) -> None:
    harness.ana("declare API down")
    with harness.store.write() as tx:
        [row] = [tx.session.merge(row) for row in harness.rows(Delivery) if row.kind is DeliveryKind.ROOM]
        row.state, row.reason = DeliveryState.DEAD, "Slack rejected the token."

    with harness.store.read() as tx:
        found = rooms.room_of("INC-1", "slack")(tx, harness.actions)

    assert found == rooms.RoomState("INC-1", False, failed=True, reason="Slack rejected the token.")


def test_retry_makes_another_room_where_one_failed(harness: Harness) -> None:
    harness.ana("declare API down")
    with harness.store.write() as tx:
        for row in harness.rows(Delivery):
            tx.session.merge(row).state = DeliveryState.DEAD

    answer = harness.ana("deliveries INC-1 retry:yes")

    assert isinstance(answer, Notice)
    assert not answer.refused
    assert [r.state.value for r in harness.rows(Delivery) if r.kind is DeliveryKind.ROOM] == ["cancelled", "due"]


def test_a_card_that_could_not_be_posted_is_posted_with_the_next_change(harness: Harness) -> None:
    harness.ana("declare API down")
    make_room(harness)
    with harness.store.write() as tx:
        for row in harness.rows(Delivery):
            if row.kind is DeliveryKind.CARD:
                tx.session.merge(row).state = DeliveryState.DEAD

    harness.ana("severity 1")

    dead, again = [row for row in harness.rows(Delivery) if row.kind is DeliveryKind.CARD]
    assert (dead.state.value, again.state.value) == ("dead", "due")
    assert again.id in [row.target for row in harness.rows(Delivery) if row.kind is DeliveryKind.PIN]


def next_kinds(harness: Harness) -> set[DeliveryKind]:
    """What a worker would take for the room now; all of it is sent."""
    with harness.store.write() as tx:
        rows = deliveries.claim(
            tx, owner="w", at=harness.clock.now, lease=timedelta(minutes=1), limit=50, repeated=50, platform="slack"
        )
        for row, _repeated in rows:
            row.state, row.reference = DeliveryState.SENT, "1.0"
        return {row.kind for row, _repeated in rows}


def test_the_card_comes_first_in_a_room_then_the_draft_and_the_link_to_the_status_page(harness: Harness) -> None:
    harness.ana("declare API down on:api=partial")
    assert next_kinds(harness) == {DeliveryKind.ROOM}

    assert next_kinds(harness) == {DeliveryKind.CARD, DeliveryKind.TOPIC}

    assert next_kinds(harness) == {
        DeliveryKind.REVIEW, DeliveryKind.INVITATION, DeliveryKind.BOOKMARK, DeliveryKind.PIN
    }  # fmt: skip


def test_a_room_carries_the_mark_of_its_incident(harness: Harness) -> None:
    harness.ana("declare API down")

    [step] = steps(harness, DeliveryKind.ROOM)

    assert isinstance(step, OpenRoom)
    assert step.mark == harness.incident().id


def test_who_is_handed_a_role_is_brought_in(harness: Harness) -> None:
    harness.ana("declare API down")
    before = len(steps(harness, DeliveryKind.INVITATION))

    harness.ana("handover @ben")

    assert len(steps(harness, DeliveryKind.INVITATION)) == before + 1


def test_who_is_no_longer_invited_is_taken_out(harness: Harness) -> None:
    harness.ana("declare Leak private:yes")
    harness.ana("invite @ben")
    with harness.store.write() as tx:
        ben = next(person for person in harness.rows(Person) if person.handle == "ben")
        tx.session.add(Identity(platform="slack", account="U0BEN", person_id=ben.id))

    assert steps(harness, DeliveryKind.INVITATION)[-1] == Invitation(("U0BEN",))
    harness.ana("uninvite @ben")

    assert steps(harness, DeliveryKind.INVITATION)[-1] == Removal(("U0BEN",))


def test_who_comes_late_reads_what_customers_read(harness: Harness) -> None:
    harness.ana("declare API down sev:3 on:api=major")
    make_room(harness)
    harness.later(2)
    harness.ana("publish")

    welcome = joins(harness)

    assert f"Customers last read, at {harness.organisation.zone.clock(harness.clock.now)}" in say(welcome)  # type: ignore[arg-type]


def test_who_is_there_from_the_start_needs_no_summary(harness: Harness) -> None:
    harness.ana("declare API down")
    make_room(harness)

    assert joins(harness) is None


def test_being_in_a_private_room_means_being_invited(harness: Harness) -> None:
    harness.ana("declare Leak private:yes")
    make_room(harness)
    harness.later(2)

    joins(harness, private=True)

    assert harness.record("invited") == ["Dev Singh may see it"]


def test_a_public_channel_invites_nobody_to_a_private_incident(harness: Harness) -> None:
    harness.ana("declare Leak private:yes")
    make_room(harness)
    harness.later(2)

    assert (joins(harness), harness.record("invited")) == (None, [])


def test_a_message_is_noted_once(harness: Harness) -> None:
    harness.ana("declare API down")
    link = "https://example.slack.com/archives/C1/p1"

    harness.run("ana", "note", text="Dev Singh: it fails", message_link=link, incident="INC-1")
    again = harness.run("ben", "note", text="Dev Singh: it fails", message_link=link, incident="INC-1")

    assert "already" in say(again)
    assert harness.record("note") == [f"Dev Singh: it fails\nCopied at 5:15 AM ET (09:15 UTC) from {link}"]


def test_a_subscribed_channel_is_told_why_messages_come(harness: Harness) -> None:
    run_line(harness.desk, "subscribe slack:C9 on:api", Account("cli", "ana"), Place("cli"))

    [told] = [row for row in harness.rows(Delivery) if str(row.destination) == "slack:C9"]

    assert told.body.startswith("Ana Silva subscribed this channel to incident updates: customers, API")


def test_where_the_commander_left_an_approver_hears_of_a_lost_room(harness: Harness) -> None:
    harness.ana("declare API down")
    make_room(harness)
    with harness.store.write() as tx:
        tx.session.merge(harness.person("ana")).active = False
        incident = tx.session.merge(harness.incident())
        gone = PlaceHidden("Foghorn was removed from it.", permanent=True)
        card = tx.session.merge(next(row for row in harness.rows(Delivery) if row.kind is DeliveryKind.CARD))
        room_actions.handle_lost_room(tx, harness.actions, incident, card, "C1", gone)

    told = {str(row.destination) for row in harness.rows(Delivery) if "another one is being made" in row.body}

    assert told == {"local:@ben", "local:@chi"}


def test_a_fourth_room_is_made_only_when_the_commander_asks_for_it(harness: Harness) -> None:
    harness.ana("declare API down")
    for number in range(1, 4):
        harness.deliver()
        with harness.store.write() as tx:
            incident = tx.session.merge(harness.incident())
            tx.session.add(Room(platform="slack", channel=f"C{number}", incident_id=incident.id, name="inc-api"))
            card = tx.session.merge([row for row in harness.rows(Delivery) if row.kind is DeliveryKind.CARD][-1])
            tx.session.flush()
            gone = PlaceArchived("The channel is archived.", permanent=True)
            room_actions.handle_lost_room(tx, harness.actions, incident, card, f"C{number}", gone)

    made = [row.state.value for row in harness.rows(Delivery) if row.kind is DeliveryKind.ROOM]
    told = [row.body for row in harness.sent_to("local:@ana") if "no longer has a room on Slack" in row.body]
    assert (made, len(told)) == (["cancelled", "cancelled", "dead"], 1)
    harness.ana("deliveries INC-1 retry:yes")
    assert [row.state.value for row in harness.rows(Delivery) if row.kind is DeliveryKind.ROOM][-1] == "due"


def test_who_reopens_an_incident_reads_that_its_room_was_archived(harness: Harness) -> None:
    harness.ana("declare API down on:api=partial sev:4")
    make_room(harness)
    harness.ana("publish")
    harness.deliver()
    harness.later(5)
    harness.ana("resolve end:05:16")
    harness.ana("publish")
    harness.ben("approve")
    assert "archived" not in say(harness.ana("show INC-1"))
    for row in harness.deliver():
        if row.kind is DeliveryKind.ARCHIVE:
            with harness.store.write() as tx:
                tx.session.merge(row).reference = "done"

    assert "The room on Slack was archived. Foghorn opens it again" in say(harness.ana("reopen INC-1"))


def test_who_only_copies_the_published_words_is_let_into_no_private_room(harness: Harness) -> None:
    harness.ana("declare Somebody is inside private:yes")
    make_room(harness)
    harness.invite("Dev Singh", support=True)
    with harness.store.write() as tx:
        tx.session.add(Identity(platform="slack", account=DEV.id, person_id=harness.person("dev-singh").id))

    assert joins(harness, private=True) is None
    assert harness.rows(Invited) == []
