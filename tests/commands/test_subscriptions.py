"""Who is told: everybody who heard the first hears the last; who comes later gets the current text once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from bot.domain.deliveries import DeliveryKind, DeliveryState, Operation
from bot.domain.subscriptions import Mode, Subscription
from bot.views import DeliveryReport, Form, Listing
from tests.house import House, say


def updates_sent(house: House, destination: str) -> list[int]:
    """The numbers of the updates a destination was sent, in order."""
    number = {update.id: update.number for update in house.published()}
    sent = [row for row in house.sent_to(destination) if row.kind in (DeliveryKind.UPDATE, DeliveryKind.HEADLINE)]
    return [number[row.update_id] or 0 for row in sent if row.update_id and row.state is not DeliveryState.CANCELLED]


def publish(house: House, *lines: str) -> None:
    answers = [house.ana(line) for line in (*lines, "publish")]
    if not isinstance(answers[-1], DeliveryReport):
        answers.append(house.ben("approve"))
    assert isinstance(answers[-1], DeliveryReport), say(answers[-1])
    house.deliver()


def only(house: House, *lines: str) -> Sequence[Subscription]:
    """Nobody is subscribed but as these lines say."""
    for row in house.rows(Subscription):
        house.ana(f"unsubscribe {str(row.destination).removeprefix('local:')}")
    for line in lines:
        house.ana(line)
    return house.rows(Subscription)


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_outside_a_channel_the_form_asks_for_one(house: House, verb: str) -> None:
    form = house.ana(verb)

    assert isinstance(form, Form)
    assert form.fields[0].name == "channel"
    assert "Channel is required." in say(form)


def test_shrunk_dropped_and_resolved_it_reaches_everybody_who_heard_the_first(house: House) -> None:
    only(house, "subscribe #api-status on:api", "subscribe #status min:2", "subscribe #business on:business")
    publish(house, "declare Errors sev:1 on:api=major,business=major")
    publish(house, "impact business=operational", "severity 3", "update identified")
    publish(house, "impact api=operational", "severity 4", "update fix fixed:05:15")
    publish(house, "resolve end:05:15")

    for destination in ("local:#api-status", "local:#status", "local:#business"):
        assert updates_sent(house, destination) == [1, 2, 3, 4]


def test_a_filter_keeps_others_away(house: House) -> None:
    only(house, "subscribe #api-status on:api", "subscribe #status min:1", "subscribe #business on:business")
    publish(house, "declare Errors sev:2 on:business=major")

    assert [updates_sent(house, f"local:{name}") for name in ("#api-status", "#status", "#business")] == [[], [], [1]]


def test_without_a_component_everybody_is_told(house: House) -> None:
    publish(house, "declare Something is slow sev:3")

    assert len({row.destination for row in house.sent_to("local:#status") + house.sent_to("local:#business")}) == 2


def test_when_it_grows_the_new_ones_are_told(house: House) -> None:
    only(house, "subscribe #api-status on:api")
    publish(house, "declare Errors sev:3 on:business=major")
    publish(house, "impact api=major", "update More is affected.")

    assert updates_sent(house, "local:#api-status") == [2]


def test_who_subscribes_in_the_middle_gets_the_current_text_once(house: House) -> None:
    only(house)
    publish(house, "declare Errors sev:3 on:api=major")
    publish(house, "update identified")

    house.ana("subscribe #status")
    house.ana("subscribe #status mode:current")

    assert updates_sent(house, "local:#status") == [2]
    publish(house, "update monitoring")
    assert updates_sent(house, "local:#status") == [2, 3]


def test_who_comes_back_in_the_middle_gets_what_they_missed_of_it(house: House) -> None:
    only(house, "subscribe #status")
    publish(house, "declare Errors sev:3 on:api=major")
    house.ana("unsubscribe #status")
    publish(house, "update identified")

    house.ana("subscribe #status")

    assert updates_sent(house, "local:#status") == [1, 2]


def test_before_the_first_text_a_new_subscriber_gets_nothing(house: House) -> None:
    only(house)
    house.ana("declare Errors on:api=major")

    house.ana("subscribe #status")

    assert updates_sent(house, "local:#status") == []


def test_of_a_resolved_incident_a_new_subscriber_gets_nothing(house: House) -> None:
    only(house)
    publish(house, "declare Errors sev:3 on:api=major")
    publish(house, "resolve end:05:15")

    house.ana("subscribe #status")

    assert updates_sent(house, "local:#status") == []


def test_subscribing_twice_replaces_the_first(house: House) -> None:
    (row,) = [row for row in house.rows(Subscription) if str(row.destination) == "local:#status"]

    answer = house.ana("subscribe #status on:api,codex min:2 audience:developers mode:thread")

    assert say(answer).strip() == (
        "#status was already subscribed. Changed: audience: customers → developers; components: every component → "
        "Codex, API; severity: SEV4 and worse → SEV2 and worse; mode: a message for each update → a headline and a "
        "thread."
    )
    (now,) = [row for row in house.rows(Subscription) if str(row.destination) == "local:#status"]
    assert (now.id, now.components, now.mode) == (row.id, ["api", "codex"], Mode.THREAD)


def test_subscribing_again_with_the_same_settings_changes_nothing(house: House) -> None:
    house.ana("subscribe #status language:en")

    answer = say(house.ana("subscribe #status language:en"))

    assert "#status is already subscribed with these settings: customers, every component" in answer


def test_of_many_who_subscribe_one_channel_at_once_one_subscription_is_left(either: House) -> None:
    audiences = ("customers", "developers", "enterprise", "support", "internal", "customers")
    for row in either.rows(Subscription):
        either.ana(f"unsubscribe {row.destination}")
    with either.store.write() as tx:
        tx.session.exec(delete(Subscription))

    with ThreadPoolExecutor(len(audiences)) as pool:
        answers = list(pool.map(lambda audience: either.ana(f"subscribe #status audience:{audience}"), audiences))

    [row] = either.rows(Subscription)
    assert row.active
    assert [answer for answer in map(say, answers) if "#status" not in answer] == []
    assert sum("gets updates" in say(answer) for answer in answers) == 1


def test_a_name_that_nobody_looked_up_is_never_subscribed(migrated_sqlite_url: str) -> None:
    house = House(migrated_sqlite_url, platforms=("local", "slack"))
    before = house.rows(Subscription)

    refusal = say(house.ana("subscribe slack:#nosuchchannel"))

    assert "There is no channel “#nosuchchannel” on Slack that Foghorn can see. Nothing was changed." in refusal
    assert [row.destination for row in house.rows(Subscription)] == [row.destination for row in before]
    house.close()


def test_unsubscribing_ends_it_also_for_open_incidents(house: House) -> None:
    publish(house, "declare Errors sev:3 on:api=major")

    assert "#status gets no further updates." in say(house.ana("unsubscribe #status"))

    publish(house, "update identified")
    assert updates_sent(house, "local:#status") == [1]


def test_unsubscribing_cancels_what_was_not_sent(house: House) -> None:
    house.ana("declare Errors sev:3 on:api=major")
    house.ana("publish")

    house.ana("unsubscribe #status")

    assert [row.state for row in house.sent_to("local:#status")] == [DeliveryState.CANCELLED]


def test_unsubscribing_a_stranger_is_refused(house: House) -> None:
    house.ana("unsubscribe #status")

    assert "#status is not subscribed" in say(house.ana("unsubscribe #status"))


def test_an_unknown_channel_is_refused_with_the_known_ones(house: House) -> None:
    assert "There is no channel “#statsu”." in say(house.ana("subscribe #statsu"))


def test_only_administrators_subscribe(crowd: House) -> None:
    assert "Only administrators can subscribe here. Ask Ana Silva or Ben Osei" in say(crowd.dia("subscribe #status"))


def test_subscriptions_lists_them(house: House) -> None:
    listing = house.ana("subscriptions")

    assert isinstance(listing, Listing)
    assert "#api-status: developers, Codex, API, SEV4 and worse, a headline and a thread, en." in say(listing)


def test_one_message_is_kept_current(house: House) -> None:
    publish(house, "declare Errors sev:3 on:api=major")
    publish(house, "update identified")

    first, second = house.sent_to("local:#support")
    assert (first.kind, first.operation) == (DeliveryKind.HEADLINE, Operation.SEND)
    assert (second.kind, second.operation, second.target) == (DeliveryKind.HEADLINE, Operation.EDIT, first.id)


def test_a_thread_gets_the_headline_edited_and_a_reply(house: House) -> None:
    publish(house, "declare Errors sev:3 on:api=major")
    publish(house, "update identified")

    first, *rest = house.sent_to("local:#api-status")
    assert [(row.kind, row.operation, row.target) for row in rest] == [
        (DeliveryKind.HEADLINE, Operation.EDIT, first.id),
        (DeliveryKind.UPDATE, Operation.REPLY, first.id),
    ]


def test_whose_audience_was_left_out_reads_the_customers_text(house: House) -> None:
    only(house, "subscribe #api-status audience:developers")
    publish(house, "declare Errors sev:3 on:api=major", "update without:developers")

    (row,) = house.sent_to("local:#api-status")
    assert row.text_id == house.text(house.published()[0], "customers").id


def test_the_deliveries_say_who_got_it_and_why_not(house: House) -> None:
    house.ana("declare Errors sev:3 on:api=major")
    house.ana("publish")
    house.deliver(dead=["local:#status"])

    words = say(house.ana("deliveries"))

    assert "Sent to 2 of 3" in words
    assert "#status" in words
    assert "the channel was deleted" in words


def test_retry_sends_only_what_failed(house: House) -> None:
    house.ana("declare Errors sev:3 on:api=major")
    house.ana("publish")
    house.deliver(dead=["local:#status"])

    assert "Retrying 1." in say(house.ana("deliveries retry:yes"))
    assert [str(row.destination) for row in house.deliver()] == ["local:#status"]
    assert "There is nothing to retry." in say(house.ana("deliveries retry:yes"))
