"""Who is called: whoever gets a role, and the roles that nobody holds."""

import pytest

from bot.actions import people
from bot.domain.deliveries import Delivery
from bot.reading.context import ReadContext
from bot.reading.home import home
from bot.reading.posts import post_of
from bot.views import Form
from tests.harness import MORE_PEOPLE, Harness, buttons, organisation, say


def read(harness: Harness, message: Delivery) -> str:
    """What a message says if it is sent now."""
    with harness.store.read() as tx:
        post = post_of(tx, harness.actions, message)
    assert post is not None
    return say(post)


def test_who_is_handed_an_incident_reads_what_is_promised_and_what_to_do_next(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ana("assign comms me")
    crowd.ana("handover @dia")

    (message,) = crowd.sent_to("local:@dia")
    assert read(crowd, message).splitlines() == [
        "INC-1 · SEV2 · API errors",
        "Ana Silva handed this incident to you. You are now commander and communications lead.",
        "Nothing is public yet. First update due by 5:20 AM ET (09:20 UTC).",
        "Open in the console",
        "  > Open draft: show INC-1 draft:yes",
        "  - Update: update INC-1",
        "  - Hand over: handover INC-1",
    ]


def test_who_is_given_a_role_is_told_directly_and_who_takes_one_is_not(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ben("assign comms @dia")
    crowd.ben("assign scribe me")

    (message,) = crowd.sent_to("local:@dia")
    assert "Ben Osei made you communications lead." in read(crowd, message)
    assert [crowd.sent_to(f"local:@{handle}") for handle in ("ana", "ben")] == [[], []]


@pytest.mark.parametrize("meanwhile", ["assign comms @chi", "cancel"])
def test_a_role_that_is_lost_before_its_message_was_sent_is_not_told(crowd: Harness, meanwhile: str) -> None:
    crowd.ana("declare API errors")
    crowd.ana("assign comms @dia")
    crowd.ana(meanwhile)

    (message,) = crowd.sent_to("local:@dia")
    with crowd.store.read() as tx:
        assert post_of(tx, crowd.actions, message) is None


def test_the_console_shows_what_a_new_holder_was_told_until_they_act(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    crowd.ana("assign comms @dia")
    crowd.deliver()

    with crowd.store.read() as tx:
        (message,) = home(ReadContext(tx, crowd.actions, crowd.person("dia"))).direct
    assert "Ana Silva made you communications lead." in say(message.post)

    crowd.later(1)
    crowd.dia("note I am reading the logs")
    with crowd.store.read() as tx:
        assert home(ReadContext(tx, crowd.actions, crowd.person("dia"))).direct == ()


def test_the_card_asks_for_roles_that_nobody_holds(crowd: Harness) -> None:
    card = crowd.ana("declare API errors")
    assert "Take command" not in buttons(card)

    form = crowd.press("dia", buttons(card)["Assign communications lead"])
    assert isinstance(form, Form)
    assert [field.name for field in form.fields if field.typed] == ["role"]
    assert "Assign communications lead" not in buttons(crowd.ana("assign comms @dia"))


def test_a_commander_who_left_leaves_a_button_to_take_command(crowd: Harness) -> None:
    crowd.ana("declare API errors")
    with crowd.store.write() as tx:
        people.follow_configuration(tx, organisation(more=MORE_PEOPLE, without=["ana"], escalate_to=""))

    card = crowd.dia("show INC-1")
    assert "Commander: nobody yet" in say(card)
    taken = crowd.press("dia", buttons(card)["Take command"])
    assert "Dia Roy is now commander of INC-1." in say(taken)
