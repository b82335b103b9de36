"""Two people write in one draft: nobody saves over words that they have not read, and no words are lost silently."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import delete

from bot.domain.revisions import DraftRevision
from bot.views import Answer, DeliveryReport, DraftReview, Form
from tests.harness import Harness, organisation, say
from tests.samples import ANSWERS


def texts(harness: Harness) -> dict[str, str]:
    """The draft's texts by audience, without the promise."""
    form = harness.ana("edit")
    assert isinstance(form, Form)
    return {field.name: field.typed for field in form.fields}


def opened(answer: Answer) -> Form:
    """A form as a browser or modal has it open."""
    assert isinstance(answer, Form), say(answer)
    return answer


def saved(harness: Harness, handle: str, form: Form, **typed: str) -> Answer:
    """Send a form in: all of its fields, some typed anew."""
    fields = {field.name: field.typed for field in form.fields}
    return harness.submit(handle, form.verb, {**dict(form.kept), "incident": form.incident, **fields, **typed})


@pytest.fixture
def drafted(either: Harness) -> Harness:
    """Ana's first draft of INC-1, revision 1."""
    either.ana("declare API errors sev:3 on:api=major")
    either.at("05:20")
    return either


# ---- words edited by hand


def test_after_a_conflict_the_form_has_what_was_typed_and_the_other_words_beside_it(drafted: Harness) -> None:
    mine, theirs = opened(drafted.ana("edit")), opened(drafted.ben("edit"))
    saved(drafted, "ben", theirs, customers="Ben: the API returns errors.")

    form = opened(saved(drafted, "ana", mine, customers="Ana: the API is slow."))

    fields = {field.name: field for field in form.fields}
    assert fields["customers"].typed == "Ana: the API is slow."
    assert fields["customers"].theirs == "Ben: the API returns errors."
    assert [field.name for field in form.fields if field.theirs] == ["customers"]
    assert form.refused
    assert "Ben Osei saved revision 2 at 5:20 AM ET (09:20 UTC) while you were writing" in say(form)
    assert "Ben Osei changed this in the meantime." in say(form)
    assert texts(drafted)["customers"] == "Ben: the API returns errors."


def test_saving_again_keeps_the_texts_that_only_the_other_person_changed(drafted: Harness) -> None:
    mine, theirs = opened(drafted.ana("edit")), opened(drafted.ben("edit"))
    saved(drafted, "ben", theirs, developers="Ben: requests fail with code 503.", customers="Ben: the API is down.")

    form = opened(saved(drafted, "ana", mine, customers="Ana: the API is slow.", title="API: errors"))
    assert {field.name: field.typed for field in form.fields}["developers"] == "Ben: requests fail with code 503."
    saved(drafted, "ana", form, customers="Both: the API is slow or down.")

    found = texts(drafted)
    assert found["customers"] == "Both: the API is slow or down."
    assert found["developers"] == "Ben: requests fail with code 503."
    assert found["title"] == "API: errors"


def test_a_third_person_who_saves_in_between_makes_a_new_conflict(drafted: Harness) -> None:
    first, second = opened(drafted.ana("edit")), opened(drafted.ben("edit"))
    saved(drafted, "ben", second, customers="Ben: errors.")
    form = opened(saved(drafted, "ana", first, customers="Ana: errors."))
    third = opened(drafted.chi("edit"))
    saved(drafted, "chi", third, customers="Chi: errors.")

    again = opened(saved(drafted, "ana", form, customers="Ana and Ben: errors."))

    customers = next(field for field in again.fields if field.name == "customers")
    assert (customers.typed, customers.theirs) == ("Ana and Ben: errors.", "Chi: errors.")
    assert "Chi Nakamura saved revision 3" in say(again)
    assert isinstance(saved(drafted, "ana", again), DraftReview)
    assert texts(drafted)["customers"] == "Ana and Ben: errors."


def test_what_was_saved_over_knowingly_stays_in_the_timeline(drafted: Harness) -> None:
    mine, theirs = opened(drafted.ana("edit")), opened(drafted.ben("edit"))
    saved(drafted, "ben", theirs, customers="Ben: the API returns errors.")

    review = saved(drafted, "ana", opened(saved(drafted, "ana", mine, customers="Ana: the API is slow.")))

    assert drafted.record("replaced") == ["customers en by Ben Osei: Ben: the API returns errors."]
    assert "Replaced in this revision and kept in the timeline: customers en by Ben Osei" in say(review)


def test_own_words_are_replaced_without_a_word(drafted: Harness) -> None:
    drafted.ana('edit customers:"The API is slow."')

    review = drafted.ana('edit customers:"The API is very slow."')

    assert isinstance(review, DraftReview)
    assert drafted.record("replaced") == []
    assert texts(drafted)["customers"] == "The API is very slow."


def test_a_typed_edit_does_not_replace_words_that_another_person_wrote(drafted: Harness) -> None:
    drafted.ben('edit customers:"Ben: the API returns errors."')

    form = opened(drafted.ana('edit customers:"Ana: the API is slow."'))

    assert "Someone else edited this text by hand" in say(form)
    assert "Ben: the API returns errors." in say(form)
    assert "revision:2" in say(form)
    assert texts(drafted)["customers"] == "Ben: the API returns errors."
    assert isinstance(drafted.ana('edit rev:2 customers:"Both: the API is slow."'), DraftReview)


def test_a_typed_edit_replaces_words_that_were_written_from_the_facts(drafted: Harness) -> None:
    drafted.ben('update investigating news:"We see errors."')

    assert isinstance(drafted.ana('edit customers:"The API is slow."'), DraftReview)


def test_words_written_from_new_facts_are_shown_before_they_are_replaced(drafted: Harness) -> None:
    mine = opened(drafted.ana("edit"))
    drafted.ben('update investigating news:"Requests fail since a deployment."')

    form = opened(saved(drafted, "ana", mine, customers="Ana: the API is slow."))

    fields = {field.name: field for field in form.fields}
    assert "Requests fail since a deployment." in fields["customers"].theirs
    assert "Requests fail since a deployment." in fields["developers"].typed


def test_words_of_a_correction_are_shown_too(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=major")
    either.ana("publish")
    either.ana('correct wrong:"API" right:"public API"')
    mine, theirs = opened(either.ana("edit")), opened(either.ben("edit"))
    saved(either, "ben", theirs, corrected_customers="Ben: only the API fails.")

    form = opened(saved(either, "ana", mine, corrected_customers="Ana: the public API fails."))

    corrected = next(field for field in form.fields if field.name == "corrected_customers")
    assert (corrected.typed, corrected.theirs) == ("Ana: the public API fails.", "Ben: only the API fails.")


def test_words_with_a_secret_are_kept_nowhere(drafted: Harness) -> None:
    secret = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    drafted.ben(f'edit customers:"Ben: {secret}"')
    drafted.ana('edit rev:2 customers:"The API is slow."')

    assert drafted.record("replaced") == []
    assert secret not in str([row.words for row in drafted.rows(DraftRevision)])
    assert isinstance(drafted.ana("publish"), DeliveryReport)
    assert drafted.rows(DraftRevision) == []


def test_what_was_edited_by_hand_is_in_the_timeline_after_a_discard(drafted: Harness) -> None:
    drafted.ben('edit developers:"Ben: code 503."')

    drafted.ana("discard")

    assert "developers: Ben: code 503." in drafted.record("discarded")[0]


# ---- facts


def test_a_fact_that_another_person_typed_is_not_replaced_silently(drafted: Harness) -> None:
    drafted.ana('update identified cause:"a failed deployment" news:"We found the cause."')

    review = drafted.ben('update identified cause:"a full disk"')

    assert isinstance(review, DraftReview)
    assert drafted.record("replaced") == ["cause by Ana Silva: a failed deployment"]
    assert "kept in the timeline: cause by Ana Silva: a failed deployment" in say(review)
    assert "We found the cause." in say(review)


def test_the_note_about_replaced_facts_goes_with_the_next_revision(drafted: Harness) -> None:
    drafted.ana('update identified cause:"a failed deployment"')
    drafted.ben('update identified cause:"a full disk"')

    assert "kept in the timeline" not in say(drafted.ben("update who:worldwide"))


def test_a_time_that_another_person_typed_is_not_replaced_silently(drafted: Harness) -> None:
    drafted.ana("update since:05:00 next:06:10")

    drafted.ben("update since:05:10 next:06:20")

    assert drafted.record("replaced") == [
        "since by Ana Silva: 5:00 AM ET (09:00 UTC) on April 20, 2026; "
        "next at by Ana Silva: 6:10 AM ET (10:10 UTC) on April 20, 2026"
    ]


def test_what_customers_have_read_gives_way_silently(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=major")
    either.ana('update investigating sees:"requests fail"')
    either.ana("publish")
    either.ana("update identified")

    either.ben('update sees:"some requests fail"')

    assert either.record("replaced") == []


def test_an_update_form_leaves_facts_alone_that_it_only_sends_back(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))
    drafted.ben('update identified sees:"requests fail" cause:"a full disk" next:06:10')

    review = saved(drafted, "ana", form, who="worldwide")

    assert isinstance(review, DraftReview)
    draft = drafted.draft()
    assert (draft.facts.sees, draft.facts.cause, draft.facts.who) == ("requests fail", "a full disk", "worldwide")
    assert (draft.stage, draft.next_at is None) == ("identified", False)


def test_an_update_form_comes_back_with_facts_that_were_changed_meanwhile(drafted: Harness) -> None:
    drafted.ana('update sees:"pages are slow"')
    form = opened(drafted.ana("update"))
    drafted.ben('update identified sees:"requests fail"')

    back = opened(saved(drafted, "ana", form, sees="everything is slow", who="worldwide", stage="monitoring"))

    fields = {field.name: field for field in back.fields}
    assert (fields["sees"].typed, fields["sees"].theirs) == ("everything is slow", "requests fail")
    assert (fields["stage"].typed, fields["stage"].theirs) == ("monitoring", "identified")
    assert fields["who"].typed == "worldwide"
    assert back.refused
    assert "Ben Osei saved revision 3" in say(back)
    assert drafted.draft().facts.sees == "requests fail"
    assert isinstance(saved(drafted, "ana", back, stage="identified"), DraftReview)
    assert drafted.draft().facts.sees == "everything is slow"
    assert drafted.record("replaced")[-1] == "sees by Ben Osei: requests fail"


def test_an_update_form_does_not_set_back_an_impact_that_was_set_meanwhile(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))
    drafted.ben("impact api=degraded")

    saved(drafted, "ana", form, who="worldwide")

    assert "Degraded performance: API" in say(drafted.ana("show"))


def test_a_form_that_was_open_while_its_draft_was_published_drafts_only_what_was_changed(drafted: Harness) -> None:
    drafted.ana('update news:"We are looking into errors."')
    form = opened(drafted.ana("update"))
    drafted.ben("publish")

    saved(drafted, "ana", form, sees="requests fail")

    draft = drafted.draft()
    assert (draft.facts.sees, draft.facts.message) == ("requests fail", "")


def test_a_form_opened_before_there_was_a_draft_shows_what_was_drafted_meanwhile(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=major")
    either.ana("publish")
    form = opened(either.ana("update"))
    either.ben('update identified news:"Ben found it."')

    back = opened(saved(either, "ana", form, message="Ana found it.", stage="identified"))

    news = next(field for field in back.fields if field.name == "message")
    assert (news.typed, news.theirs) == ("Ana found it.", "Ben found it.")


def test_the_closing_form_starts_from_what_is_drafted_already(drafted: Harness) -> None:
    drafted.ana("publish")
    drafted.ben('resolve end:05:18 sees:"requests fail" data:"No data was lost."')

    form = opened(drafted.ana("resolve"))

    shown = {field.name: field.typed for field in form.fields}
    assert (shown["sees"], shown["data"]) == ("requests fail", "No data was lost.")


def test_the_closing_form_comes_back_with_what_was_changed_meanwhile(drafted: Harness) -> None:
    drafted.ana("publish")
    drafted.ana("resolve end:05:18")
    form = opened(drafted.ana("resolve"))
    drafted.ben('resolve end:05:19 data:"Some requests were lost."')

    back = opened(saved(drafted, "ana", form, data="No data was lost."))

    fields = {field.name: field for field in back.fields}
    assert (fields["data"].typed, fields["data"].theirs) == ("No data was lost.", "Some requests were lost.")
    assert fields["end"].typed == "2026-04-20 05:19"


def test_a_note_for_one_audience_is_not_lost_to_a_form_that_only_sends_it_back(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))
    drafted.ben('update developers:"Ben: retry after a minute."')

    saved(drafted, "ana", form, sees="requests fail", support="Ana: ask for the request id.")

    assert drafted.draft().facts.notes == {
        "developers": "Ben: retry after a minute.",
        "support": "Ana: ask for the request id.",
    }


def test_a_note_for_one_audience_comes_back_where_somebody_else_wrote_another(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))
    drafted.ben('update developers:"Ben: retry after a minute."')

    back = opened(saved(drafted, "ana", form, developers="Ana: do not retry."))

    note = next(field for field in back.fields if field.name == "developers")
    assert (note.typed, note.theirs) == ("Ana: do not retry.", "Ben: retry after a minute.")


# ---- other languages


@pytest.fixture
def bilingual(migrated_sqlite_url: str) -> Iterator[Harness]:
    """A draft in English and German: what users see is `Requests fail`."""
    harness = Harness(migrated_sqlite_url, organisation(languages=("en", "de")))
    harness.ana("declare API errors sev:3 on:api=major")
    harness.ana('update investigating sees:"Requests fail" who:"everybody"')
    yield harness
    harness.close()


def test_the_form_of_a_translation_comes_back_with_both(bilingual: Harness) -> None:
    mine, theirs = opened(bilingual.ana("translate de")), opened(bilingual.ben("translate de"))
    saved(bilingual, "ben", theirs, sees="Anfragen schlagen fehl", who="alle")

    back = opened(saved(bilingual, "ana", mine, sees="Anfragen scheitern"))

    fields = {field.name: field for field in back.fields}
    assert (fields["sees"].typed, fields["sees"].theirs) == ("Anfragen scheitern", "Anfragen schlagen fehl")
    assert fields["who"].typed == "alle"
    assert isinstance(saved(bilingual, "ana", back), DraftReview)
    assert bilingual.draft().facts.translated["de"] == {"sees": "Anfragen scheitern", "who": "alle"}
    assert bilingual.record("replaced") == ["de.sees by Ben Osei: Anfragen schlagen fehl"]


def test_a_translation_that_new_words_of_the_first_language_leave_behind_stays_in_the_timeline(
    bilingual: Harness,
) -> None:
    bilingual.ben('translate de sees:"Anfragen schlagen fehl"')

    bilingual.ana('update sees:"Sign-in fails"')

    assert bilingual.record("replaced") == ["de.sees by Ben Osei: Anfragen schlagen fehl"]


def test_a_form_with_nothing_typed_is_asked_for_again(drafted: Harness) -> None:
    form = opened(drafted.ana("update"))

    assert isinstance(drafted.submit("ana", "update", dict(form.kept)), Form)


def test_revisions_are_forgotten_with_their_draft(drafted: Harness) -> None:
    drafted.ben('edit customers:"The API is slow."')
    assert len(drafted.rows(DraftRevision)) == 2

    drafted.ana("publish")

    assert drafted.rows(DraftRevision) == []


def test_a_draft_that_was_open_before_revisions_were_kept_can_be_edited(drafted: Harness) -> None:
    with drafted.store.write() as tx:
        tx.session.execute(delete(DraftRevision))

    assert isinstance(saved(drafted, "ana", opened(drafted.ana("edit")), customers="The API is slow."), DraftReview)
    assert isinstance(saved(drafted, "ben", opened(drafted.ben("update")), sees="requests fail"), DraftReview)


def test_a_form_says_who_changed_what_and_what_it_says_now() -> None:
    form = next(view for view in ANSWERS if isinstance(view, Form))
    field = replace(form.fields[0], theirs="Their words.")

    assert "In the draft now: Their words." in say(replace(form, fields=(field,)))
