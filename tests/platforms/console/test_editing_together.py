"""Two people edit one draft in their browsers, without a script: nobody saves over words they have not read."""

import pytest

from tests.platforms.console.browse import Browse
from tests.platforms.console.world import World


@pytest.fixture
def both(world: World) -> tuple[Browse, Browse]:
    """Ana and Ben in the room of a first draft."""
    ana, ben = world.browser("ana"), world.browser("ben")
    ana.run("declare API errors sev:3 on:api=major")
    ben.open("/console/incidents/INC-1")
    return ana, ben


def fields(browse: Browse, label: str) -> dict[str, str]:
    """What stands in the form whose button says so."""
    form = next(form for form in browse.page.forms if label in form.buttons)
    return {name: values[0] for name, values in form.fields.items() if values}


def test_the_edit_form_comes_back_with_both_texts(both: tuple[Browse, Browse]) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Edit")
    ben.submit("Save", customers="Ben: the API returns errors.", developers="Ben: code 503.")

    words = ana.submit("Save", customers="Ana: the API is slow.", support="Ana: it is slow.")

    assert ana.status == 422
    assert "Ben Osei saved revision 2 at 5:15 AM ET (09:15 UTC) while you were writing" in words
    assert "Ben Osei changed this in the meantime. In the draft now: Ben: the API returns errors." in words
    kept = fields(ana, "Save")
    assert kept["customers"] == "Ana: the API is slow."
    assert kept["developers"] == "Ben: code 503."
    assert kept["support"] == "Ana: it is slow."


def test_saving_again_keeps_what_both_wrote(both: tuple[Browse, Browse]) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Edit")
    ben.submit("Save", developers="Some requests fail.")
    ana.submit("Save", customers="The API is slow.")

    words = ana.submit("Save")

    assert ana.status == 200
    assert ["The API is slow." in words, "Some requests fail." in words] == [True, True]


def test_saving_again_without_a_choice_replaces_nothing(both: tuple[Browse, Browse], world: World) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Edit")
    ben.submit("Save", customers="Ben: the API returns errors.", support="Ben: it fails.")
    ana.submit("Save", customers="Ana: the API is slow.", support="Ana: it is slow.")

    again = ana.submit("Save", **{"choose.2.support": "mine"})

    assert ana.status == 422
    assert "In the draft now: Ben: the API returns errors." in again
    assert "In the draft now: Ben: it fails." in again
    assert fields(ana, "Save")["customers"] == "Ana: the API is slow."
    assert "Ben: the API returns errors." in ben.open("/console/incidents/INC-1")
    assert world.harness.record("replaced") == []


def test_each_text_is_saved_as_it_was_chosen(both: tuple[Browse, Browse]) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Edit")
    ben.submit("Save", customers="Ben: the API returns errors.", support="Ben: it fails.")
    ana.submit("Save", customers="Ana: the API is slow.", support="Sign-in is slow.")

    words = ana.submit("Save", **{"choose.2.customers": "theirs", "choose.2.support": "mine"})

    assert ana.status == 200
    assert ["This is what customers are told: Ben: the API" in words, "Ana: the API" in words] == [True, False]
    assert "Sign-in is slow." in words
    assert "kept in the timeline: support en by Ben Osei: Ben: it fails." in words


def test_somebody_who_saves_in_between_is_shown_as_well(both: tuple[Browse, Browse], world: World) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Edit")
    ben.submit("Save", customers="Ben: errors.")
    ana.submit("Save", customers="Ana: slow.")
    world.harness.chi('edit rev:2 customers:"Chi: down."')

    words = ana.submit("Save", customers="The API is slow and returns errors.", **{"choose.2.customers": "mine"})

    assert "Chi Nakamura changed this in the meantime. In the draft now: Chi: down." in words
    assert fields(ana, "Save")["customers"] == "The API is slow and returns errors."
    assert "The API is slow and returns errors." in ana.submit("Save", **{"choose.3.customers": "mine"})
    assert ana.status == 200


def test_the_update_form_comes_back_with_both_facts(both: tuple[Browse, Browse]) -> None:
    ana, ben = both
    ana.press("Update")
    ben.press("Update")
    ben.submit("Draft it", sees="requests fail", message="Ben: we see errors.")

    words = ana.submit("Draft it", sees="everything is slow", who="worldwide")

    assert ana.status == 422
    assert "Ben Osei changed this in the meantime. In the draft now: requests fail" in words
    kept = fields(ana, "Draft it")
    assert (kept["sees"], kept["who"], kept["message"]) == ("everything is slow", "worldwide", "Ben: we see errors.")
    assert "Replaced in this revision and kept in the timeline: sees by Ben Osei: requests fail" in ana.submit(
        "Draft it", **{"choose.2.sees": "mine"}
    )


def test_words_of_a_draft_that_is_gone_are_kept_in_the_form(both: tuple[Browse, Browse]) -> None:
    ana, ben = both
    ana.press("Edit")
    ben.press("Publish")

    words = ana.submit("Save", customers="Ana: the API is slow.")

    assert "Ben Osei already published update 1, investigating" in words
    assert fields(ana, "Save")["customers"] == "Ana: the API is slow."
