"""Titles, slots, and the values templates are given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import NEXT_UPDATE, TIME, Facts, Kind
from bot.domain.lifecycle import Move, Stage
from bot.domain.severity import Severity
from bot.domain.wording import (
    TEMPLATES,
    context,
    fill,
    promise_sentence,
    template_name,
    title,
    with_promise,
    words_without_promise,
)
from tests.reference import (
    CORRECTION,
    ESCALATION,
    FIRST,
    FIX_IMPLEMENTED,
    IDENTIFIED,
    LINK,
    MONITORING,
    NO_CHANGE,
    ORGANISATION,
    RESOLVED,
    STORY,
    TITLE,
    et,
)

ZONE = ORGANISATION.zone
GROUPED = ORGANISATION.model_copy(
    update={
        "components": tuple(
            ORGANISATION.components[0].model_copy(
                update={"key": f"s{n}", "name": f"S{n}", "group": "Apps" if n < 5 else ""}
            )
            for n in range(7)
        )
    }
)


def values(moment, audience=Audience.CUSTOMERS, organisation=ORGANISATION):
    return context(moment, organisation, audience)


def with_facts(moment, **facts):
    return replace(moment, facts=moment.facts.model_copy(update=facts))


def test_every_moment_has_one_of_the_seven_texts():
    assert [template_name(moment) for moment in STORY.values()] == [
        "investigating",
        "investigating",
        "no_change",
        "identified",
        "correction",
        "fix_implemented",
        "monitoring",
        "resolved",
    ]


def test_a_cancellation_is_worded_by_the_resolved_text():
    assert template_name(replace(RESOLVED, kind=Kind.CANCELLATION)) == "resolved"


def test_a_stage_never_published_is_worded_as_investigating():
    assert template_name(replace(FIRST, stage=Stage.DECLARED)) in TEMPLATES


class TestTitle:
    """What customers read first."""

    def test_the_published_title_stays(self):
        assert title(IDENTIFIED, ORGANISATION) == TITLE

    def test_a_grown_incident_gets_a_new_one(self):
        facts = ESCALATION.facts.model_copy(update={"symptom": "errors and endless loading"})
        moment = replace(ESCALATION, facts=facts)
        assert title(moment, ORGANISATION) == "ChatGPT, ChatGPT Business, Codex and API: errors and endless loading"

    def test_a_symptom_too_long_gives_its_first_part(self):
        assert title(ESCALATION, ORGANISATION) == "ChatGPT, ChatGPT Business, Codex and API: pages load without end"

    def test_without_symptom_the_impact_stands_there(self):
        assert title(with_facts(FIRST, symptom=""), ORGANISATION) == "ChatGPT Business: degraded performance"

    def test_a_verb_is_no_heading(self):
        assert (
            title(with_facts(FIRST, symptom="does not load"), ORGANISATION) == "ChatGPT Business: degraded performance"
        )

    def test_without_components_it_speaks_of_our_services(self):
        moment = replace(with_facts(FIRST, symptom=""), impacts={})
        assert title(moment, ORGANISATION) == "Some of our services: not working as expected"

    def test_it_ends_at_a_word_within_80_characters(self):
        assert title(replace(IDENTIFIED, title="wide " * 40), ORGANISATION) == ("wide " * 16).strip()

    def test_it_does_not_end_in_a_word_that_leads_on(self):
        assert title(replace(IDENTIFIED, title="wide " * 15 + "and narrow"), ORGANISATION) == ("wide " * 15).strip()

    def test_one_without_words_is_none(self):
        assert title(replace(FIRST, title="."), ORGANISATION) == "ChatGPT Business: degraded performance"


class TestComponents:
    """Who is named, and how."""

    def test_they_stand_in_the_order_of_the_configuration(self):
        moment = replace(IDENTIFIED, impacts=dict(reversed(IDENTIFIED.impacts.items())))
        assert values(moment)["components"] == "ChatGPT, ChatGPT Business, Codex and the API"

    def test_developers_read_first_what_their_channel_follows(self):
        assert values(IDENTIFIED, Audience.DEVELOPERS)["components"] == "Codex, the API, ChatGPT and ChatGPT Business"

    def test_operational_ones_are_not_named_while_others_fail(self):
        moment = replace(FIRST, impacts={"chatgpt": Impact.OPERATIONAL, "api": Impact.MAJOR})
        assert values(moment)["components"] == "the API"

    def test_all_are_named_once_they_recover(self):
        moment = replace(FIX_IMPLEMENTED, impacts={"chatgpt": Impact.OPERATIONAL, "api": Impact.MAJOR})
        assert values(moment)["components"] == "ChatGPT and the API"

    def test_at_monitoring_those_that_fail_still_are_named_apart(self):
        moment = replace(MONITORING, impacts={"chatgpt": Impact.OPERATIONAL, "api": Impact.MAJOR})
        assert (values(moment)["components"], values(moment)["lagging"]) == ("ChatGPT", "The API is still failing.")

    def test_five_that_are_a_whole_group_read_as_the_group(self):
        moment = replace(IDENTIFIED, impacts={f"s{n}": Impact.MAJOR for n in range(5)})
        assert values(moment, organisation=GROUPED)["components"] == "all Apps services"

    def test_five_and_more_are_counted(self):
        moment = replace(IDENTIFIED, impacts={f"s{n}": Impact.MAJOR for n in range(6)})
        assert values(moment, organisation=GROUPED)["components"] == "6 services, S0 and S1 among them,"

    def test_one_removed_from_the_configuration_is_still_named(self):
        moment = replace(FIRST, impacts={"api": Impact.MAJOR, "old-one": Impact.MAJOR})
        assert values(moment)["components"] == "the API and old-one"

    def test_only_confirmed_ones_are_said_to_work(self):
        assert values(with_facts(FIRST, unaffected=("codex",)))["unaffected"] == "Codex works normally."

    def test_one_that_fails_is_never_said_to_work(self):
        assert values(with_facts(FIRST, unaffected=("business",)))["unaffected"] == ""


class TestFailing:
    """The sentence that says what fails since when."""

    def test_it_begins_with_the_time(self):
        assert str(values(ESCALATION)["failing"]).startswith("Since 11:44 ET (15:44 UTC), ChatGPT, ")

    def test_an_unknown_time_is_the_time_of_declaring(self):
        assert values(with_facts(FIRST, since=None, symptom="", scope=""))["failing"] == (
            "At 05:14 ET (09:14 UTC) we noticed that ChatGPT Business is slow or partly not working."
        )

    def test_another_day_is_named(self):
        moment = with_facts(FIRST, since=et("05:12") - timedelta(days=1))
        assert str(values(moment)["failing"]).startswith("Since 19 April 2026, 05:12 ET (09:12 UTC), ")

    @pytest.mark.parametrize(
        ("impact", "words"),
        [
            (Impact.DEGRADED, "the API has been slow or partly not working"),
            (Impact.PARTIAL, "the API has been failing for some requests"),
            (Impact.MAJOR, "the API has not been working"),
            (Impact.MAINTENANCE, "the API has been under maintenance"),
        ],
    )
    def test_without_symptom_the_impact_speaks(self, impact, words):
        moment = with_facts(replace(FIRST, impacts={"api": impact}), symptom="", scope="")
        assert values(moment)["failing"] == f"Since 05:12 ET (09:12 UTC), {words}."

    def test_different_impacts_read_worst_first(self):
        impacts = {"chatgpt": Impact.DEGRADED, "codex": Impact.MAJOR, "api": Impact.MAJOR}
        moment = with_facts(replace(FIRST, impacts=impacts), symptom="", scope="")
        assert values(moment)["failing"] == (
            "Since 05:12 ET (09:12 UTC), Codex and the API have not been working, "
            "and ChatGPT has been slow or partly not working."
        )

    @pytest.mark.parametrize(
        ("symptom", "words"),
        [
            ("errors", "has not worked as expected for some enterprise workspaces: errors"),
            ("does not load.", "has not worked as expected for some enterprise workspaces: it does not load"),
            ("returns errors", "has not worked as expected for some enterprise workspaces: it returns errors"),
            ("have not loaded", "has not loaded for some enterprise workspaces"),
        ],
    )
    def test_a_symptom_fits_however_it_is_typed(self, symptom, words):
        moment = with_facts(FIRST, symptom=symptom)
        assert values(moment)["failing"] == f"Since 05:12 ET (09:12 UTC), ChatGPT Business {words}."

    @pytest.mark.parametrize(
        ("scope", "words"),
        [
            ("worldwide", "failing worldwide"),
            ("Worldwide.", "failing worldwide"),
            ("users in Europe", "failing for users in Europe"),
            ("EU customers", "failing for EU customers"),
            ("about half of API requests", "failing for about half of API requests"),
        ],
    )
    def test_a_scope_fits_however_it_is_typed(self, scope, words):
        moment = with_facts(replace(FIRST, impacts={"api": Impact.MAJOR}), symptom="", scope=scope)
        assert str(values(moment)["failing"]).endswith(f"{words}.")

    def test_a_grown_failure_does_not_reach_back_to_the_smaller_one(self):
        moment = with_facts(ESCALATION, since=et("05:12"))
        assert str(values(moment)["failing"]).startswith("ChatGPT, ChatGPT Business, Codex and the API are now failing")

    def test_a_returned_failure_does_not_reach_back_to_before_the_fix(self):
        moment = with_facts(replace(IDENTIFIED, move=Move.BACK), fixed_at=et("12:00"))
        assert " are again failing worldwide" in str(values(moment)["failing"])

    def test_a_reopened_failure_begins_after_it_was_closed(self):
        moment = replace(ESCALATION, grown=False, move=Move.REOPENED, closed_at=et("11:00"))
        assert "Codex and the API have again been failing worldwide" in str(values(moment)["failing"])


class TestFacts:
    """How what a person typed reads."""

    def test_a_sentence_gets_its_capital_and_stop(self):
        assert values(with_facts(MONITORING, news="error rates are back"))["news"] == "Error rates are back."

    @pytest.mark.parametrize("typed", ["Really?", "“Yes.”", "iOS fails.", "ログインできません。"])
    def test_a_finished_sentence_stays_as_it_is(self, typed):
        assert values(with_facts(MONITORING, news=typed))["news"] == typed

    def test_lines_become_one(self):
        assert values(with_facts(MONITORING, news="one\n\n two "))["news"] == "One two."

    def test_from_sev2_up_a_missing_workaround_is_said(self):
        assert values(IDENTIFIED)["workaround"] == "There is no workaround yet."

    def test_below_it_is_not(self):
        assert values(replace(IDENTIFIED, severity=Severity.SEV3))["workaround"] == ""

    def test_harm_may_be_a_whole_apology(self):
        assert (
            values(with_facts(RESOLVED, harm="We are sorry that you waited."))["apology"]
            == "We are sorry that you waited."
        )

    def test_wrong_words_that_are_no_sentence_are_quoted(self):
        assert values(with_facts(CORRECTION, wrong="about half"))["wrong"] == "“about half”"

    def test_wrong_words_that_begin_with_a_name_keep_its_capital(self):
        assert values(with_facts(CORRECTION, wrong="ChatGPT works."))["wrong"] == "that ChatGPT works"

    def test_without_word_on_it_the_watch_lasts_as_long_as_its_cadence(self):
        assert values(with_facts(MONITORING, watch="", watch_for=""))["watch_for"] == "an hour"

    def test_the_window_over_midnight_names_both_days(self):
        moment = with_facts(RESOLVED, ended_at=et("12:51") + timedelta(days=1, hours=2))
        assert (
            values(moment)["window"]
            == "from 20 April 2026, 11:44 ET (15:44 UTC) to 21 April 2026, 14:51 ET (18:51 UTC)"
        )

    def test_times_the_wrong_way_round_give_no_length(self):
        assert values(with_facts(RESOLVED, since=et("13:59")))["lasted"] == ""

    def test_values_are_plain(self):
        assert all(_plain(value) for audience in Audience for value in values(RESOLVED, audience).values())


class TestSlots:
    """What is filled at publication, and what a person edits."""

    def test_the_promise_names_zone_and_utc(self):
        assert promise_sentence(et("13:06"), et("12:51"), ZONE) == "Next update by 13:06 ET (17:06 UTC)."

    def test_the_promise_names_another_day(self):
        late = datetime(2026, 4, 21, 3, 50, tzinfo=UTC)
        promised = promise_sentence(late + timedelta(minutes=25), late, ZONE)
        assert promised == "Next update by 21 April 2026, 00:15 ET (04:15 UTC)."

    def test_both_slots_are_filled(self):
        body = f"In place since {TIME}. {NEXT_UPDATE} {LINK}"
        assert fill(body, now=et("12:51"), promise_at=et("13:06"), zone=ZONE) == (
            f"In place since 12:51 ET (16:51 UTC). Next update by 13:06 ET (17:06 UTC). {LINK}"
        )

    def test_without_promise_its_slot_vanishes(self):
        assert (
            fill(f"All well. {NEXT_UPDATE} {LINK}", now=et("12:51"), promise_at=None, zone=ZONE) == f"All well. {LINK}"
        )

    def test_a_stop_typed_behind_the_slot_is_not_doubled(self):
        filled = fill(f"Wait. {NEXT_UPDATE}.", now=et("12:51"), promise_at=et("13:06"), zone=ZONE)
        assert filled == "Wait. Next update by 13:06 ET (17:06 UTC)."

    @pytest.mark.parametrize("audience", list(Audience))
    @pytest.mark.parametrize("closing", [False, True])
    def test_what_is_taken_off_for_editing_is_put_back(self, audience, closing):
        body = with_promise("Some words.", audience, LINK, closing=closing)
        assert with_promise(words_without_promise(body), audience, LINK, closing=closing) == body

    @pytest.mark.parametrize("audience", list(Audience))
    def test_nobody_edits_what_foghorn_writes(self, audience):
        assert words_without_promise(with_promise("Some words.", audience, LINK, closing=False)) == "Some words."

    def test_a_slot_moved_by_a_person_stays_there(self):
        words = f"First. {NEXT_UPDATE} Last."
        assert words_without_promise(with_promise(words, Audience.SUPPORT, LINK, closing=False)) == words

    def test_a_link_typed_by_a_person_stays(self):
        assert words_without_promise(f"See {LINK} {NEXT_UPDATE}") == f"See {LINK}"

    def test_a_slot_typed_as_a_fact_is_a_slot(self):
        assert Facts(news=NEXT_UPDATE).news in str(values(with_facts(NO_CHANGE, news=NEXT_UPDATE))["news"])


def _plain(value):
    if isinstance(value, dict):
        return all(isinstance(item, str) for pair in value.items() for item in pair)
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, str | bool | int)
