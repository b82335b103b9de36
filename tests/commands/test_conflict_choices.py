"""After an edit conflict, a form asks for each text which of the two to save, and saves nothing before it knows."""

from collections.abc import Iterator

import pytest

from bot.intake.conflicts import chosen, with_choices, with_one_choice
from bot.views import Answer, DraftReview, Form
from tests.harness import Harness, organisation, say


def opened(answer: Answer) -> Form:
    """A form as a browser or modal has it open."""
    assert isinstance(answer, Form), say(answer)
    return answer


def saved(harness: Harness, handle: str, form: Form, **typed: str) -> Answer:
    """Send a form in: all of its fields, some typed anew."""
    fields = {field.name: field.typed for field in form.fields}
    return harness.submit(handle, form.verb, {**dict(form.kept), "incident": form.incident, **fields, **typed})


def asked(answer: Answer, sent: Form) -> Form:
    """A form that came back after `sent`, with its choices, as Slack, Discord, and the console show it."""
    return opened(with_choices(answer, dict(sent.kept)))


def decided(harness: Harness, form: Form, **choices: str) -> Answer:
    """Ana sends a form with choices, by the fields they are about; `every` is for all of them."""
    now = next(field.name.split(".")[1] for field in form.fields if field.name.startswith("choose."))
    made = {f"choose.{now}.{field if field != 'every' else ''}": choice for field, choice in choices.items()}
    fields = {field.name: field.typed for field in form.fields}
    typed = chosen({**dict(form.kept), "incident": form.incident, **fields, **made})
    return harness.submit("ana", form.verb, typed)


def texts(harness: Harness) -> dict[str, str]:
    """The draft's texts by audience, without the promise."""
    return {field.name: field.typed for field in opened(harness.ana("edit")).fields}


@pytest.fixture
def drafted(either: Harness) -> Harness:
    """Ana's first draft of INC-1, revision 1."""
    either.ana("declare API errors sev:3 on:api=major")
    return either


@pytest.fixture
def conflict(drafted: Harness) -> Form:
    """Ana's form, after Ben saved other words for customers and developers as revision 2."""
    mine, theirs = opened(drafted.ana("edit")), opened(drafted.ben("edit"))
    saved(drafted, "ben", theirs, customers="Ben: it fails.", developers="Ben: code 503.")
    typed = {"customers": "Ana: it is slow.", "developers": "Ana: code 500.", "title": "API: slow"}
    return asked(saved(drafted, "ana", mine, **typed), mine)


def test_each_conflict_has_a_choice_below_it(conflict: Form) -> None:
    names = [field.name for field in conflict.fields]

    assert names[names.index("customers") + 1] == "choose.2.customers"
    assert names[names.index("developers") + 1] == "choose.2.developers"
    assert len([name for name in names if name.startswith("choose.")]) == 2
    assert all(field.required and not field.typed for field in conflict.fields if field.name.startswith("choose."))


@pytest.mark.parametrize("choices", [{}, {"customers": "mine"}, {"customers": "mine", "developers": "neither"}])
def test_nothing_is_saved_while_a_choice_is_missing(drafted: Harness, conflict: Form, choices: dict[str, str]) -> None:
    back = opened(decided(drafted, conflict, **choices))

    assert {field.name: field.theirs for field in back.fields if field.theirs} == {
        "customers": "Ben: it fails.",
        "developers": "Ben: code 503.",
    }
    assert [drafted.draft().revision, drafted.record("replaced")] == [2, []]


def test_a_choice_saves_one_text_and_keeps_another(drafted: Harness, conflict: Form) -> None:
    assert isinstance(decided(drafted, conflict, customers="theirs", developers="mine"), DraftReview)

    found = texts(drafted)
    assert (found["customers"], found["developers"]) == ("Ben: it fails.", "Ana: code 500.")
    assert found["title"] == "API: slow"
    assert drafted.record("replaced") == ["developers en by Ben Osei: Ben: code 503."]


def test_a_choice_is_about_the_words_that_were_shown_with_it(drafted: Harness, conflict: Form) -> None:
    drafted.chi('edit rev:2 customers:"Chi: it is down."')

    back = opened(decided(drafted, conflict, customers="mine", developers="theirs"))

    assert {field.name: field.theirs for field in back.fields if field.theirs} == {"customers": "Chi: it is down."}
    assert texts(drafted)["developers"] == "Ben: code 503."


@pytest.mark.parametrize(("choice", "by"), [("mine", "Ana"), ("theirs", "Ben"), ("", "Ben")])
def test_one_choice_for_the_whole_form_is_about_its_conflicts(
    drafted: Harness, conflict: Form, choice: str, by: str
) -> None:
    answer = decided(drafted, with_one_choice(conflict), every=choice)

    found = texts(drafted)
    assert [found[each].partition(":")[0] for each in ("customers", "developers")] == [by, by]
    assert (found["title"] == "API: slow") is bool(choice)
    assert isinstance(answer, DraftReview) is bool(choice)


def test_a_typed_edit_that_came_back_as_a_form_is_saved_by_choice(drafted: Harness) -> None:
    drafted.ben('edit customers:"Ben: it fails."')
    back = opened(with_choices(drafted.ana('edit customers:"Ana: it is slow."'), {}))

    assert isinstance(decided(drafted, back), Form)
    assert isinstance(decided(drafted, back, customers="mine"), DraftReview)
    assert texts(drafted)["customers"] == "Ana: it is slow."


def test_a_fact_and_an_impact_keep_what_is_in_the_draft(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))
    drafted.ben('update sees:"requests fail"')
    drafted.ben("impact api=degraded")
    back = saved(drafted, "ana", form, sees="everything is slow", who="worldwide", impacts="api=partial")

    review = decided(drafted, asked(back, form), sees="theirs", impacts="theirs")

    assert isinstance(review, DraftReview)
    facts = drafted.draft().facts
    assert (facts.sees, facts.who) == ("requests fail", "worldwide")
    assert "Degraded performance: API" in say(drafted.ana("show"))


@pytest.fixture
def bilingual(migrated_sqlite_url: str) -> Iterator[Harness]:
    """A draft in English and German."""
    harness = Harness(migrated_sqlite_url, organisation(languages=("en", "de")))
    harness.ana("declare API errors sev:3 on:api=major")
    harness.ana('update investigating sees:"Requests fail" who:"everybody"')
    yield harness
    harness.close()


def test_a_translation_keeps_what_is_in_the_draft(bilingual: Harness) -> None:
    mine = opened(bilingual.ana("translate de"))
    bilingual.ben('translate de sees:"Anfragen schlagen fehl" who:alle')
    back = asked(saved(bilingual, "ana", mine, sees="Anfragen scheitern", who="jeder"), mine)

    assert isinstance(decided(bilingual, back, sees="theirs", who="theirs"), DraftReview)

    assert bilingual.draft().facts.translated["de"] == {"sees": "Anfragen schlagen fehl", "who": "alle"}
