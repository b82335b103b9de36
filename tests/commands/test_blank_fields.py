"""A field that a form sends back blank: what stood there is taken back, in a typed line it stays."""

from bot.views import DraftReview
from tests.harness import Harness, say


def customers(answer: object) -> str:
    assert isinstance(answer, DraftReview)
    return next(text.body for text in answer.texts if text.audience == "customers")


def test_a_fact_sent_back_blank_becomes_unknown_again(harness: Harness) -> None:
    harness.ana("declare API down sev:3 on:api=major")
    harness.ana('update investigating workaround:"Use the website."')

    answer = harness.submit("ana", "update", {"stage": "investigating", "workaround": ""})

    assert "Use the website." not in customers(answer)


def test_a_fact_that_a_line_does_not_name_stays(harness: Harness) -> None:
    harness.ana("declare API down sev:3 on:api=major")
    harness.ana('update investigating workaround:"Use the website."')

    answer = harness.ana("update investigating who:worldwide")

    assert "Use the website." in customers(answer)


def test_a_text_sent_back_blank_is_refused(harness: Harness) -> None:
    harness.ana("declare API down sev:3 on:api=major")

    answer = harness.submit("ana", "edit", {"title": "API: down", "customers": " "})

    assert say(answer).startswith("There is no text to publish.")
