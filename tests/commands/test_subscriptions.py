"""Who is told: everybody who heard the first hears the last; who comes later gets the current text once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from bot.domain.deliveries import DeliveryKind, DeliveryState, Operation
from bot.domain.subscriptions import Mode, Subscription
from bot.views import DeliveryReport, Form, Listing
from tests.harness import Harness, say


def updates_sent(harness: Harness, destination: str) -> list[int]:
    """The numbers of the updates a destination was sent, in order."""
    number = {update.id: update.number for update in harness.published()}
    sent = [row for row in harness.sent_to(destination) if row.kind in (DeliveryKind.UPDATE, DeliveryKind.HEADLINE)]
    return [number[row.update_id] or 0 for row in sent if row.update_id and row.state is not DeliveryState.CANCELLED]


def publish(harness: Harness, *lines: str) -> None:
    answers = [harness.ana(line) for line in (*lines, "publish")]
    if not isinstance(answers[-1], DeliveryReport):
        answers.append(harness.ben("approve"))
    assert isinstance(answers[-1], DeliveryReport), say(answers[-1])
    harness.deliver()


def only(harness: Harness, *lines: str) -> Sequence[Subscription]:
    """Nobody is subscribed but as these lines say."""
    for row in harness.rows(Subscription):
        harness.ana(f"unsubscribe {str(row.destination).removeprefix('local:')}")
    for line in lines:
        harness.ana(line)
    return harness.rows(Subscription)


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_outside_a_channel_the_form_asks_for_one(harness: Harness, verb: str) -> None:
    form = harness.ana(verb)

    assert isinstance(form, Form)
    assert form.fields[0].name == "channel"
    assert "Channel is required." in say(form)


def test_shrunk_dropped_and_resolved_it_reaches_everybody_who_heard_the_first(harness: Harness) -> None:
    only(harness, "subscribe #api-status on:api", "subscribe #status min:2", "subscribe #business on:business")
    publish(harness, "declare Errors sev:1 on:api=major,business=major")
    publish(harness, "impact business=operational", "severity 3", "update identified")
    publish(harness, "impact api=operational", "severity 4", "update fix fixed:05:15")
    publish(harness, "resolve end:05:15")

    for destination in ("local:#api-status", "local:#status", "local:#business"):
        assert updates_sent(harness, destination) == [1, 2, 3, 4]


def test_a_filter_keeps_others_away(harness: Harness) -> None:
    only(harness, "subscribe #api-status on:api", "subscribe #status min:1", "subscribe #business on:business")
    publish(harness, "declare Errors sev:2 on:business=major")

    assert [updates_sent(harness, f"local:{name}") for name in ("#api-status", "#status", "#business")] == [[], [], [1]]


def test_without_a_component_everybody_is_told(harness: Harness) -> None:
    publish(harness, "declare Something is slow sev:3")

    assert len({row.destination for row in harness.sent_to("local:#status") + harness.sent_to("local:#business")}) == 2


def test_when_it_grows_the_new_ones_are_told(harness: Harness) -> None:
    only(harness, "subscribe #api-status on:api")
    publish(harness, "declare Errors sev:3 on:business=major")
    publish(harness, "impact api=major", "update More is affected.")

    assert updates_sent(harness, "local:#api-status") == [2]


def test_who_subscribes_in_the_middle_gets_the_current_text_once(harness: Harness) -> None:
    only(harness)
    publish(harness, "declare Errors sev:3 on:api=major")
    publish(harness, "update identified")

    harness.ana("subscribe #status")
    harness.ana("subscribe #status mode:current")

    assert updates_sent(harness, "local:#status") == [2]
    publish(harness, "update monitoring")
    assert updates_sent(harness, "local:#status") == [2, 3]


def test_who_comes_back_in_the_middle_gets_what_they_missed_of_it(harness: Harness) -> None:
    only(harness, "subscribe #status")
    publish(harness, "declare Errors sev:3 on:api=major")
    harness.ana("unsubscribe #status")
    publish(harness, "update identified")

    harness.ana("subscribe #status")

    assert updates_sent(harness, "local:#status") == [1, 2]


def test_before_the_first_text_a_new_subscriber_gets_nothing(harness: Harness) -> None:
    only(harness)
    harness.ana("declare Errors on:api=major")

    harness.ana("subscribe #status")

    assert updates_sent(harness, "local:#status") == []


def test_of_a_resolved_incident_a_new_subscriber_gets_nothing(harness: Harness) -> None:
    only(harness)
    publish(harness, "declare Errors sev:3 on:api=major")
    publish(harness, "resolve end:05:15")

    harness.ana("subscribe #status")

    assert updates_sent(harness, "local:#status") == []


def test_subscribing_twice_replaces_the_first(harness: Harness) -> None:
    (row,) = [row for row in harness.rows(Subscription) if str(row.destination) == "local:#status"]

    answer = harness.ana("subscribe #status on:api,codex min:2 audience:developers mode:thread")

    assert say(answer).strip() == (
        "#status was already subscribed. Changed: audience: customers → developers; components: every component → "
        "Codex, API; severity: SEV4 and worse → SEV2 and worse; mode: a message for each update → a headline and a "
        "thread."
    )
    (now,) = [row for row in harness.rows(Subscription) if str(row.destination) == "local:#status"]
    assert (now.id, now.components, now.mode) == (row.id, ["api", "codex"], Mode.THREAD)


def test_subscribing_again_with_the_same_settings_changes_nothing(harness: Harness) -> None:
    harness.ana("subscribe #status language:en")

    answer = say(harness.ana("subscribe #status language:en"))

    assert "#status is already subscribed with these settings: customers, every component" in answer


def test_of_many_who_subscribe_one_channel_at_once_one_subscription_is_left(either: Harness) -> None:
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
    harness = Harness(migrated_sqlite_url, platforms=("local", "slack"))
    before = harness.rows(Subscription)

    refusal = say(harness.ana("subscribe slack:#nosuchchannel"))

    assert "There is no channel “#nosuchchannel” on Slack that Foghorn can see. Nothing was changed." in refusal
    assert [row.destination for row in harness.rows(Subscription)] == [row.destination for row in before]
    harness.close()


def test_unsubscribing_ends_it_also_for_open_incidents(harness: Harness) -> None:
    publish(harness, "declare Errors sev:3 on:api=major")

    assert "#status gets no further updates." in say(harness.ana("unsubscribe #status"))

    publish(harness, "update identified")
    assert updates_sent(harness, "local:#status") == [1]


def test_unsubscribing_cancels_what_was_not_sent(harness: Harness) -> None:
    harness.ana("declare Errors sev:3 on:api=major")
    harness.ana("publish")

    harness.ana("unsubscribe #status")

    assert [row.state for row in harness.sent_to("local:#status")] == [DeliveryState.CANCELLED]


def test_unsubscribing_a_stranger_is_refused(harness: Harness) -> None:
    harness.ana("unsubscribe #status")

    assert "#status is not subscribed" in say(harness.ana("unsubscribe #status"))


def test_an_unknown_channel_is_refused_with_the_known_ones(harness: Harness) -> None:
    assert "There is no channel “#statsu”." in say(harness.ana("subscribe #statsu"))


def test_only_administrators_subscribe(crowd: Harness) -> None:
    assert "Only administrators can subscribe here. Ask Ana Silva or Ben Osei" in say(crowd.dia("subscribe #status"))


def test_subscriptions_lists_them(harness: Harness) -> None:
    listing = harness.ana("subscriptions")

    assert isinstance(listing, Listing)
    assert "#api-status: developers, Codex, API, SEV4 and worse, a headline and a thread, en." in say(listing)


def test_one_message_is_kept_current(harness: Harness) -> None:
    publish(harness, "declare Errors sev:3 on:api=major")
    publish(harness, "update identified")

    first, second = harness.sent_to("local:#support")
    assert (first.kind, first.operation) == (DeliveryKind.HEADLINE, Operation.SEND)
    assert (second.kind, second.operation, second.target) == (DeliveryKind.HEADLINE, Operation.EDIT, first.id)


def test_a_thread_gets_the_headline_edited_and_a_reply(harness: Harness) -> None:
    publish(harness, "declare Errors sev:3 on:api=major")
    publish(harness, "update identified")

    first, *rest = harness.sent_to("local:#api-status")
    assert [(row.kind, row.operation, row.target) for row in rest] == [
        (DeliveryKind.HEADLINE, Operation.EDIT, first.id),
        (DeliveryKind.UPDATE, Operation.REPLY, first.id),
    ]


def test_whose_audience_was_left_out_reads_the_customers_text(harness: Harness) -> None:
    only(harness, "subscribe #api-status audience:developers")
    publish(harness, "declare Errors sev:3 on:api=major", "update without:developers")

    (row,) = harness.sent_to("local:#api-status")
    assert row.text_id == harness.text(harness.published()[0], "customers").id


def test_the_deliveries_say_who_got_it_and_why_not(harness: Harness) -> None:
    harness.ana("declare Errors sev:3 on:api=major")
    harness.ana("publish")
    harness.deliver(dead=["local:#status"])

    words = say(harness.ana("deliveries"))

    assert "Sent to 2 of 3" in words
    assert "#status" in words
    assert "the channel was deleted" in words


def test_retry_sends_only_what_failed(harness: Harness) -> None:
    harness.ana("declare Errors sev:3 on:api=major")
    harness.ana("publish")
    harness.deliver(dead=["local:#status"])

    assert "Retrying 1." in say(harness.ana("deliveries retry:yes"))
    assert [str(row.destination) for row in harness.deliver()] == ["local:#status"]
    assert "There is nothing to retry." in say(harness.ana("deliveries retry:yes"))
