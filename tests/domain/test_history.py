"""The published history: how a text reads now, how it read before, and when which stage was reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication, PublishedPromise, PublishedText
from bot.domain.lifecycle import Stage, Transition
from bot.domain.spans import Period, failure_spans

NOON = datetime(2026, 4, 20, 16, 0, tzinfo=UTC)


def text(body: str, language: str = "en", audience: Audience = Audience.CUSTOMERS) -> PublishedText:
    return PublishedText(audience, language, "API errors", body)


def publication(number: int, stage: Stage, *texts: PublishedText, **impacts: Impact) -> Publication:
    return Publication(
        id=f"upd_{number}",
        number=number,
        kind=UpdateKind.STAGE,
        move=Transition.FORWARD,
        stage=stage,
        severity=None,
        at=NOON + timedelta(minutes=number),
        by="per_ana",
        alone_because="",
        impacts=impacts,
        promised_at=None,
        promise=None,
        review=None,
        texts=texts,
    )


def history(*publications: Publication, closed_at: datetime | None = None) -> IncidentHistory:
    return IncidentHistory(
        number=1,
        key="INC-1",
        public=True,
        stage=publications[-1].stage,
        opened_at=publications[0].at,
        closed_at=closed_at,
        closed_as=None,
        survivor="",
        impacts=publications[-1].impacts,
        failures=failure_spans(publications, closed_at),
        publications=publications,
    )


def corrected(update: Publication, number: int, *texts: PublishedText) -> Publication:
    correction = replace(
        publication(number, update.stage), kind=UpdateKind.CORRECTION, corrects=update.number, corrected=texts
    )
    return replace(update, corrections=(*update.corrections, correction))


def test_a_text_reads_as_its_last_correction_says() -> None:
    update = publication(1, Stage.IDENTIFIED, text("Signing in works."))
    update = corrected(update, 2, text("Some sign-ins fail."))
    update = corrected(update, 3, text("Most sign-ins fail."))

    now, original = update.text(Audience.CUSTOMERS, "en"), update.original(Audience.CUSTOMERS, "en")
    assert now is not None
    assert original is not None
    assert now.body == "Most sign-ins fail."
    assert [(each.corrected_at, each.body) for each in update.earlier(original)] == [
        (NOON + timedelta(minutes=2), "Signing in works."),
        (NOON + timedelta(minutes=3), "Some sign-ins fail."),
    ]


def test_a_correction_in_one_language_leaves_the_others() -> None:
    update = publication(1, Stage.IDENTIFIED, text("Signing in works."), text("Anmelden geht.", "de"))
    update = corrected(update, 2, text("Some sign-ins fail."))

    german = update.text(Audience.CUSTOMERS, "de")
    assert german is not None
    assert german.body == "Anmelden geht."


def test_a_missing_language_reads_the_first_one_and_a_missing_audience_nothing() -> None:
    update = publication(1, Stage.IDENTIFIED, text("Signing in works."))

    french = update.text(Audience.CUSTOMERS, "fr")
    assert french is not None
    assert french.language == "en"
    assert update.text(Audience.SUPPORT, "en") is None


def test_the_report_of_the_fix_that_held_counts_and_not_one_that_did_not() -> None:
    told = history(
        publication(1, Stage.INVESTIGATING, api=Impact.PARTIAL),
        publication(3, Stage.IDENTIFIED, api=Impact.MAJOR),
        publication(4, Stage.FIX_IMPLEMENTED, api=Impact.MAJOR),
        publication(5, Stage.INVESTIGATING, api=Impact.MAJOR),
        publication(9, Stage.FIX_IMPLEMENTED, api=Impact.MAJOR),
        publication(10, Stage.MONITORING, api=Impact.OPERATIONAL),
    )

    assert told.report_to_fix == Period(NOON + timedelta(minutes=3), NOON + timedelta(minutes=9))
    assert told.peak is Impact.MAJOR


def test_a_stage_was_reached_when_it_was_first_published() -> None:
    told = history(
        publication(1, Stage.INVESTIGATING),
        publication(2, Stage.MONITORING),
        publication(3, Stage.INVESTIGATING),
    )

    assert told.stages == {
        Stage.INVESTIGATING: NOON + timedelta(minutes=1),
        Stage.MONITORING: NOON + timedelta(minutes=2),
    }


def test_a_promise_is_kept_until_its_minute_ends() -> None:
    by = NOON.replace(second=30)

    assert PublishedPromise(by, by + timedelta(seconds=29)).kept
    assert not PublishedPromise(by, by + timedelta(seconds=30)).kept
    assert not PublishedPromise(by, None).late(by + timedelta(seconds=29))
    assert PublishedPromise(by, None).late(by + timedelta(seconds=30))
