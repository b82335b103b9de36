"""What becomes of a message that waited when the backup was made, by what its platform says."""

import pytest

from bot.actions import outbox, restored, subscriptions
from bot.domain.audiences import Audience
from bot.domain.deliveries import Delivery
from bot.domain.destinations import Destination
from bot.domain.severity import Severity
from bot.domain.subscriptions import Mode, SubscriptionSettings
from tests.harness import Harness


@pytest.mark.parametrize(
    ("said", "hours", "becomes"),
    [
        ({"": "C0123/1.2"}, 2, ("sent", "C0123/1.2", False)),
        ({"": None}, 0, ("due", "", True)),
        ({"": None}, 2, ("dead", "", True)),
        ({}, 0, ("dead", "", True)),
    ],
    ids=["arrived", "did not arrive", "too long ago to be found", "nobody knows"],
)
def test_only_a_message_that_did_not_arrive_is_sent(
    harness: Harness, said: dict[str, str | None], hours: int, becomes: tuple[str, str, bool]
) -> None:
    with harness.store.write() as tx:
        settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, Mode.EVERY, "en")
        subscriptions.subscribe(tx, None, Destination("slack", "C0123"), settings)
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("publish")
    harness.later(60 * hours)
    with harness.store.write() as tx:
        (asked,) = [each for each in restored.questions(tx) if each.platform == "slack"]
        found = dict.fromkeys([asked.delivery] if said else [], said.get(""))
        restored.settle(tx, harness.organisation.zone, found, 0)

    (row,) = [row for row in harness.rows(Delivery) if row.id == asked.delivery]
    assert (row.state.value, row.reference, row.in_doubt) == becomes


def test_what_a_person_has_to_ask_for_is_not_sent_because_its_channel_is_well(harness: Harness) -> None:
    place = Destination("slack", "C0123")
    with harness.store.write() as tx:
        settings = SubscriptionSettings(Audience.CUSTOMERS, (), Severity.SEV4, Mode.EVERY, "en")
        subscriptions.subscribe(tx, None, place, settings)
    harness.ana("declare API errors sev:3 on:api=partial")
    harness.ana("publish")
    with harness.store.write() as tx:
        restored.settle(tx, harness.organisation.zone, {}, 0)

    with harness.store.write() as tx:
        assert outbox.revive(tx, place) == 0
    harness.ana("deliveries INC-1 retry:yes")

    assert [row.state.value for row in harness.sent_to("slack:C0123")] == ["due"]
