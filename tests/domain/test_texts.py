"""The 42 built-in texts: on the reference incident, and on whatever else may be known."""

import re
from dataclasses import replace

import pytest

from bot.domain.audiences import Audience
from bot.domain.facts import NEXT_UPDATE, TIME, Kind
from bot.domain.lifecycle import Move, Stage
from bot.domain.lint import Subject, Weight, lint
from bot.domain.severity import Severity
from bot.domain.trials import trials
from bot.domain.wording import TEMPLATES, context, fill, is_closing, template_name, title
from bot.templating import Templates
from tests.reference import (
    ALL_FOUR,
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
    WELL,
    et,
)

TEXTS = Templates()
TRIALS = dict(trials(ORGANISATION, et("14:00")))
HOLE = re.compile(r" {2}|\s[.,;:!?](?!\w)|[.,;:] [.,;:]|[,;:]\.|\(\)|“”|[a-z)]\.[A-Z]|\bthat \.|None|Undefined")
PROMISES = {
    "05:20": "06:20",
    "11:44": "11:59",
    "11:58": "12:14",
    "12:12": "12:27",
    "12:18": "12:27",
    "12:51": "13:06",
    "13:05": "14:05",
}


def draft(moment, audience=Audience.CUSTOMERS):
    return TEXTS.render_update("en", audience, template_name(moment), context(moment, ORGANISATION, audience)).body


def published(moment, audience=Audience.CUSTOMERS, promise="14:15"):
    promise_at = None if is_closing(moment) else et(promise)
    return fill(draft(moment, audience), now=moment.now, promise_at=promise_at, zone=ORGANISATION.zone)


def changed(moment, *, facts=None, **changes):
    return replace(moment, facts=moment.facts.model_copy(update=facts or {}), **changes)


def test_the_trials_reach_every_text_and_every_kind():
    assert {template_name(moment) for moment in TRIALS.values()} == set(TEMPLATES)
    assert {moment.kind for moment in TRIALS.values()} == set(Kind)


@pytest.mark.parametrize("audience", list(Audience))
class TestWhateverIsKnown:
    """On every trial."""

    def test_no_text_has_a_hole(self, audience):
        holes = {name: published(moment, audience) for name, moment in TRIALS.items() if "only a stop" not in name}
        typed = ("markup", "template syntax", "whole sentences", "right to left")  # have some of their own
        assert not {n: t for n, t in holes.items() if HOLE.search(t) and not n.endswith(typed)}

    def test_a_stop_alone_is_nothing(self, audience):
        texts = {name: published(moment, audience) for name, moment in TRIALS.items() if "only a stop" in name}
        assert not {n: t for n, t in texts.items() if HOLE.search(t.replace("“.”", "“title”"))}

    def test_an_open_text_ends_with_its_promise(self, audience):
        tail = {Audience.SUPPORT: f" It appears here first: {TRIALS['grown, one component'].link}"}
        tail[Audience.SOCIAL] = f" {TRIALS['grown, one component'].link}"
        end = NEXT_UPDATE + tail.get(audience, "")
        still_open = {n: m for n, m in TRIALS.items() if not is_closing(m) and not n.endswith("slots")}
        assert not [name for name, moment in still_open.items() if not draft(moment, audience).endswith(end)]

    def test_a_closing_text_promises_nothing(self, audience):
        closing = {n: m for n, m in TRIALS.items() if is_closing(m) and not n.endswith("slots")}
        assert not [name for name, moment in closing.items() if NEXT_UPDATE in draft(moment, audience)]

    def test_what_a_person_typed_stays_literal(self, audience):
        typed = TRIALS["investigating, template syntax"]
        assert "{{ severity }} {% if x %} {# pages #} ${title} %s {0}" in draft(typed, audience)

    def test_an_open_text_fits_with_everything_known(self, audience):
        usual = {n: m for n, m in TRIALS.items() if n.endswith(("nothing known", "one component", "everything known"))}
        lengths = {n: len(published(m, audience)) for n, m in usual.items() if not is_closing(m)}
        assert not {n: length for n, length in lengths.items() if length > audience.limit}


def test_social_fits_with_any_data():
    lengths = {name: len(published(moment, Audience.SOCIAL)) for name, moment in TRIALS.items()}
    assert not {name: length for name, length in lengths.items() if length > 280}


def test_only_an_unknown_closing_time_is_a_slot():
    assert TIME in draft(changed(FIX_IMPLEMENTED, facts={"fixed_at": None}))
    assert TIME not in draft(FIX_IMPLEMENTED)


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("clock", STORY)
class TestReferenceIncident:
    """On every moment of the story, for every audience."""

    def test_every_text_keeps_its_limit(self, clock, audience):
        assert len(published(STORY[clock], audience, PROMISES.get(clock, "14:05"))) <= audience.limit

    def test_news_reach_every_audience(self, clock, audience):
        moment = changed(STORY[clock], facts={"news": "error rates fell"})
        assert "Error rates fell." in draft(moment, audience)

    def test_the_word_resolved_waits_for_the_end(self, clock, audience):
        assert ("resolved" in draft(STORY[clock], audience).lower()) == (clock == "14:03")

    def test_the_lint_finds_nothing(self, clock, audience):
        moment, promise = STORY[clock], PROMISES.get(clock)
        subject = Subject(
            audience=audience,
            language="en",
            title=title(moment, ORGANISATION),
            body=published(moment, audience, promise or "14:15"),
            stage=moment.stage,
            kind=moment.kind,
            severity=moment.severity,
            first=not moment.told,
            impacts=moment.impacts,
            facts=moment.facts,
            now=moment.now,
            promise_at=et(promise) if promise else None,
            link=moment.link,
        )
        assert [finding for finding in lint(subject, ORGANISATION) if finding.weight is not Weight.NOTE] == []

    def test_only_internal_texts_name_the_severity(self, clock, audience):
        assert ("SEV" in draft(STORY[clock], audience)) == (audience is Audience.INTERNAL)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (
            "05:20",
            "Since 05:12 ET (09:12 UTC), ChatGPT Business has not worked as expected for some enterprise workspaces. "
            "We are investigating and do not yet know how many are affected. ChatGPT, Codex and the API work normally. "
            "Next update by 06:20 ET (10:20 UTC).",
        ),
        (
            "11:44",
            "This incident is larger than we first reported. Since 11:44 ET (15:44 UTC), ChatGPT, ChatGPT Business, "
            "Codex and the API have been failing worldwide: pages load without end and requests return errors. "
            "We are investigating and do not know the cause. There is no workaround yet. "
            "Next update by 11:59 ET (15:59 UTC).",
        ),
        (
            "11:58",
            "No change since 11:44 ET (15:44 UTC). ChatGPT, ChatGPT Business, Codex and the API are still failing "
            "worldwide: pages load without end and requests return errors. We are still looking for the cause. "
            "There is no workaround yet. Next update by 12:14 ET (16:14 UTC).",
        ),
        (
            "12:12",
            "We know where the failure is and are working on a fix. Since 11:44 ET (15:44 UTC), ChatGPT, "
            "ChatGPT Business, Codex and the API have been failing worldwide: pages do not load and about half of "
            "API requests return errors. Signing in works. There is no workaround yet. "
            "Next update by 12:27 ET (16:27 UTC).",
        ),
        (
            "12:18",
            "Correction: at 12:12 ET (16:12 UTC) we said that signing in works. That was wrong, and we are sorry: "
            "some sign-ins fail too. Your password is not the reason, so please do not reset it. ChatGPT, ChatGPT "
            "Business, Codex and the API are still failing, and we are working on a fix. "
            "Next update by 12:27 ET (16:27 UTC).",
        ),
        (
            "12:51",
            "A fix has been in place since 12:51 ET (16:51 UTC), and ChatGPT, ChatGPT Business, Codex and the API "
            "answer again. If you still see an error, reload the page, then sign in again. "
            "We are checking that the fix holds. "
            "Next update by 13:06 ET (17:06 UTC).",
        ),
        (
            "13:05",
            "ChatGPT, ChatGPT Business, Codex and the API have worked normally since 12:51 ET (16:51 UTC). "
            "We will watch errors and loading times for an hour before we close this incident. "
            "Next update by 14:05 ET (18:05 UTC).",
        ),
        (
            "14:03",
            "This incident is resolved. On 20 April 2026, from 11:44 to 12:51 ET (15:44 to 16:51 UTC), 67 minutes, "
            "ChatGPT, ChatGPT Business, Codex and the API failed worldwide. For some enterprise workspaces, ChatGPT "
            "Business was affected from 05:12 ET (09:12 UTC). No data was lost. You do not need to do anything. "
            "We are sorry that you could not work with our services. "
            "By 27 April 2026 we will publish what happened and what we are changing.",
        ),
    ],
)
def test_customers_read(clock, words):
    assert published(STORY[clock], promise=PROMISES.get(clock, "14:05")) == words


@pytest.mark.parametrize(
    ("moment", "audience", "words"),
    [
        (FIRST, Audience.DEVELOPERS, "Codex and the API work normally. You do not need to change anything. Since "),
        (ESCALATION, Audience.DEVELOPERS, "Please lengthen the pauses between retries and tell your own users."),
        (IDENTIFIED, Audience.DEVELOPERS, "Codex, the API, ChatGPT and ChatGPT Business have been failing worldwide"),
        (RESOLVED, Audience.DEVELOPERS, "67 minutes, Codex, the API, ChatGPT and ChatGPT Business failed worldwide."),
        (FIRST, Audience.ENTERPRISE, "send your account team the workspace and the time."),
        (ESCALATION, Audience.ENTERPRISE, "The incident we reported at 05:20 ET (09:20 UTC) has grown."),
        (ESCALATION, Audience.ENTERPRISE, "We will write every 15 minutes."),
        (RESOLVED, Audience.ENTERPRISE, "By 27 April 2026 your account team will send you our review."),
        (ESCALATION, Audience.SUPPORT, "It is not your device, your browser or your account."),
        (RESOLVED, Audience.SUPPORT, f"Everything we publish about it is here: {LINK}"),
        (IDENTIFIED, Audience.SOCIAL, "Signing in works."),
        (
            RESOLVED,
            Audience.SOCIAL,
            "Resolved: ChatGPT, ChatGPT Business, Codex and the API work normally. They failed",
        ),
        (FIRST, Audience.INTERNAL, "SEV3, investigating."),
        (ESCALATION, Audience.INTERNAL, "Raised from SEV3 to SEV1, investigating."),
        (FIX_IMPLEMENTED, Audience.INTERNAL, "67 minutes after the failure began at 11:44 ET (15:44 UTC)."),
        (RESOLVED, Audience.INTERNAL, "SEV1, resolved at 14:03 ET (18:03 UTC)."),
    ],
)
def test_each_audience_reads_its_own(moment, audience, words):
    assert words in published(moment, audience)


@pytest.mark.parametrize("moment", STORY.values(), ids=STORY)
def test_every_support_text_begins_with_thanks(moment):
    assert draft(moment, Audience.SUPPORT).startswith("Thank you for writing to us. ")


def test_nothing_but_a_title_is_still_a_text():
    bare = changed(ESCALATION, facts=dict.fromkeys(("symptom", "scope"), "") | {"since": None}, impacts={}, grown=False)
    assert published(bare, promise="11:59") == (
        "At 05:14 ET (09:14 UTC) we noticed that some of our services are not working as they should. "
        "We are investigating and do not yet know how many are affected. There is no workaround yet. "
        "Next update by 11:59 ET (15:59 UTC)."
    )


class TestBranches:
    """What a text says where the story took another turn."""

    def test_a_fix_that_did_not_hold_is_owned(self):
        facts = {"since": et("13:20")}
        back = changed(MONITORING, stage=Stage.IDENTIFIED, move=Move.BACK, facts=facts, impacts=ALL_FOUR)
        assert published(back).startswith(
            "The failure has come back. Since 13:20 ET (17:20 UTC), ChatGPT, ChatGPT Business, Codex and the API have "
            "again been failing worldwide"
        )
        assert "The fix of 12:51 ET (16:51 UTC) did not hold, and we are working on it." in published(back)

    def test_a_reopened_incident_says_when_it_was_closed(self):
        reopened = changed(ESCALATION, grown=False, move=Move.REOPENED, closed_at=et("11:00"))
        words = "We closed this incident at 11:00 ET (15:00 UTC), and the failure has returned. Since 11:44"
        assert published(reopened).startswith(words)

    def test_a_cancelled_one_was_reported_in_error(self):
        cancelled = changed(FIRST, stage=Stage.RESOLVED, kind=Kind.CANCELLATION, title="ChatGPT Business: errors")
        assert published(replace(cancelled, first_published_at=et("05:20"))) == (
            "We reported “ChatGPT Business: errors” at 05:20 ET (09:20 UTC). We have checked: ChatGPT Business worked "
            "normally throughout, and you do not need to do anything."
        )

    def test_a_confirmed_cause_is_said_from_identified_on(self):
        facts = {"cause": "a change we made stopped sign-ins"}
        assert "A change we made stopped sign-ins." in published(changed(IDENTIFIED, facts=facts))
        assert "A change we made" not in published(changed(ESCALATION, facts=facts))

    def test_no_change_at_monitoring_says_what_works(self):
        words = published(changed(MONITORING, kind=Kind.NO_CHANGE), promise="14:05")
        assert "ChatGPT, ChatGPT Business, Codex and the API work normally. We are still watching" in words

    def test_at_a_lower_severity_nothing_is_said_to_have_failed(self):
        small = changed(RESOLVED, severity=Severity.SEV3, impacts=WELL)
        assert "ChatGPT, ChatGPT Business, Codex and the API did not work as expected worldwide." in published(small)

    def test_a_correction_without_words_still_reads_well(self):
        bare = changed(CORRECTION, facts=dict.fromkeys(("wrong", "right", "avoid"), ""))
        words = "Correction: part of what we said at 12:12 ET (16:12 UTC) was wrong, and we are sorry. ChatGPT, "
        assert published(bare).startswith(words)


class TestSocialSheds:
    """What a text too long for social leaves out, in which order."""

    LONG = "pages load without end, requests return errors, and nobody can sign in "

    def test_first_what_we_do(self):
        assert "We are investigating." not in draft(ESCALATION, Audience.SOCIAL)
        assert "There is no workaround yet." in draft(ESCALATION, Audience.SOCIAL)

    def test_then_the_workaround(self):
        moment = changed(NO_CHANGE, facts={"symptom": self.LONG})
        assert "workaround" not in draft(moment, Audience.SOCIAL)
        assert "nobody can sign in." in draft(moment, Audience.SOCIAL)

    def test_at_last_the_components_for_the_title(self):
        moment = changed(NO_CHANGE, facts={"symptom": self.LONG * 3})
        assert draft(moment, Audience.SOCIAL) == (
            f"No change since 11:44 ET (15:44 UTC). {moment.title}. {NEXT_UPDATE} {LINK}"
        )
