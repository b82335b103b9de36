"""The reference incident, line by line as Ana and Ben type it: the record tells the story, every promise is kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.figures import figures
from bot.domain.facts import Kind
from bot.domain.lint.findings import Weight
from bot.domain.updates import Update
from bot.drill.scenario import REFERENCE, load
from bot.store import incidents
from bot.views import Document, DraftReview, Form, Notice
from tests.house import House, say
from tests.reference import SMALL_TITLE, TITLE

STORY = [
    ("05:20", "investigating", "SEV3", "06:20", SMALL_TITLE),
    ("06:18", "no change", "SEV3", "07:20", SMALL_TITLE),
    ("07:18", "no change", "SEV3", "08:20", SMALL_TITLE),
    ("08:18", "no change", "SEV3", "09:20", SMALL_TITLE),
    ("09:18", "no change", "SEV3", "10:20", SMALL_TITLE),
    ("10:18", "no change", "SEV3", "11:20", SMALL_TITLE),
    ("11:18", "no change", "SEV3", "12:20", SMALL_TITLE),
    ("11:44", "investigating", "SEV1", "11:59", TITLE),
    ("11:58", "no change", "SEV1", "12:14", TITLE),
    ("12:12", "identified", "SEV1", "12:27", TITLE),
    ("12:18", "correction", "SEV1", "12:27", TITLE),
    ("12:26", "no change", "SEV1", "12:42", TITLE),
    ("12:41", "no change", "SEV1", "12:57", TITLE),
    ("12:51", "fix implemented", "SEV1", "13:06", TITLE),
    ("13:05", "monitoring", "SEV1", "14:05", TITLE),
    ("14:03", "resolved", "SEV1", "none", TITLE),
]
"""At (ET), moment, severity, next update by, title customers read."""

WORDS = {
    "05:20": (
        "Since 05:12 ET (09:12 UTC), ChatGPT Business has not worked as expected for some enterprise workspaces. "
        "We are investigating and do not yet know how many are affected. ChatGPT, Codex and the API work "
        "normally. Next update by 06:20 ET (10:20 UTC)."
    ),
    "11:44": (
        "This incident is larger than we first reported. Since 11:44 ET (15:44 UTC), ChatGPT, ChatGPT Business, "
        "Codex and the API have been failing worldwide: pages load without end and requests return errors. We are"
        " investigating and do not know the cause. There is no workaround yet. Next update by 11:59 ET (15:59 "
        "UTC)."
    ),
    "12:12": (
        "We know where the failure is and are working on a fix. Since 11:44 ET (15:44 UTC), ChatGPT, ChatGPT "
        "Business and Codex have not loaded or answered worldwide, and about half of API requests have returned "
        "errors. Signing in works. There is no workaround yet. Next update by 12:27 ET (16:27 UTC)."
    ),
    "12:18": (
        "Correction: at 12:12 ET (16:12 UTC) we said that signing in works. That was wrong, and we are sorry: "
        "some sign-ins fail too. Your password is not the reason, so please do not reset it. ChatGPT, ChatGPT "
        "Business, Codex and the API are still failing, and we are working on a fix. Next update by 12:27 ET "
        "(16:27 UTC)."
    ),
    "12:51": (
        "A fix has been in place since 12:51 ET (16:51 UTC), and ChatGPT, ChatGPT Business, Codex and the API "
        "answer again. Some requests may be slow while everybody returns. If you still see an error, reload the "
        "page, then sign in again. We are checking that the fix holds. Next update by 13:06 ET (17:06 UTC)."
    ),
    "13:05": (
        "ChatGPT, ChatGPT Business, Codex and the API have worked normally since 12:51 ET (16:51 UTC). We will "
        "watch errors and loading times for an hour before we close this incident. If something still fails for "
        "you, reload the page, then sign in again. Next update by 14:05 ET (18:05 UTC)."
    ),
    "14:03": (
        "This incident is resolved. On 20 April 2026, from 11:44 to 12:51 ET (15:44 to 16:51 UTC), 67 minutes, "
        "ChatGPT, ChatGPT Business, Codex and the API failed worldwide. For some enterprise workspaces, ChatGPT "
        "Business was affected from 05:12 ET (09:12 UTC). No data was lost. You do not need to do anything. We "
        "are sorry that you could not work with our services. By 27 April 2026 we will publish what happened and "
        "what we are changing."
    ),
}
"""What customers read where there is news."""


def play(house: House) -> list[DraftReview]:
    """Type every line at its time; what was answered as a draft."""
    scenario, reviews = load(REFERENCE), []
    for step in scenario.steps:
        house.clock.now = scenario.moment(step)
        answer = house.as_person(step.who)(step.line)
        refused = isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)
        assert not refused, f"{step.at} {step.line}: {say(answer)}"
        if isinstance(answer, DraftReview):
            reviews.append(answer)
        house.deliver()
    return reviews


@pytest.fixture(scope="module")
def day(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[DraftReview]]]:
    """The whole day, played once; the tests below only look."""
    path = tmp_path_factory.mktemp("journey") / "foghorn.db"
    house = House(f"sqlite:///{shutil.copy(migrated_sqlite, path)}")
    yield house, play(house)
    house.close()


@pytest.fixture
def house(day: tuple[House, list[DraftReview]]) -> House:
    return day[0]


def clock(house: House, update: Update) -> str:
    assert update.published_at is not None
    return house.organisation.zone.clock(update.published_at)[:5]


def told(house: House) -> list[tuple[str, str, str, str, str]]:
    """The published updates as rows of the story."""
    rows = []
    for update in house.published():
        moment = update.stage.value if update.kind is Kind.STAGE else update.kind.value
        promised = house.organisation.zone.clock(update.promised_at)[:5] if update.promised_at else "none"
        assert update.severity is not None
        rows.append((clock(house, update), moment, update.severity.value, promised, house.text(update).title))
    return rows


def test_it_is_told_in_sixteen_publications(house: House) -> None:
    assert told(house) == STORY


def test_both_engines_tell_the_same_story(migrated_url: str) -> None:
    house = House(migrated_url)
    play(house)
    try:
        assert told(house) == STORY
    finally:
        house.close()


@pytest.mark.parametrize("at", WORDS)
def test_customers_read_the_reference_texts(house: House, at: str) -> None:
    assert next(house.text(update).body for update in house.published() if clock(house, update) == at) == WORDS[at]


def test_no_draft_had_a_blocker(day: tuple[House, list[DraftReview]]) -> None:
    found = [f for review in day[1] for text in (*review.texts, *review.corrected) for f in text.findings]
    assert [finding for finding in found if finding.weight is Weight.BLOCKER] == []


def test_every_promise_is_kept_but_the_one_that_something_larger_overtook(house: House) -> None:
    outcomes = house.promised()
    assert [due for due, state in outcomes if state == "superseded"] == ["12:20"]
    assert {state for _, state in outcomes} == {"kept", "superseded"}


def test_67_minutes_pass_from_the_public_report_of_the_major_outage_to_the_fix(house: House) -> None:
    with house.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        found = figures(tx, incident)
    assert (found.worst.value, found.minutes_to_fix, len(found.stages)) == ("major outage", 67, 5)


def test_the_wrong_words_are_gone_from_every_audience(house: House) -> None:
    identified = next(update for update in house.published() if clock(house, update) == "12:12")
    audiences = ("customers", "developers", "enterprise", "support", "social", "internal")
    now = [house.current(identified, audience) for audience in audiences]
    assert [text for text in now if "igning in" in text or "ign-ins" not in text] == []


def test_what_was_published_wrongly_stays_in_the_record(house: House) -> None:
    identified = next(update for update in house.published() if clock(house, update) == "12:12")
    assert "Signing in works." in house.text(identified).body


def test_nobody_approves_what_they_wrote(house: House) -> None:
    needed = [update for update in house.published() if update.severity == "SEV1" and update.kind is not Kind.NO_CHANGE]
    assert all(update.published_by != update.revised_by for update in needed)


def test_channels_hear_of_it_when_it_concerns_them(house: House) -> None:
    first = {delivery.update_id for delivery in house.sent_to("local:#api-status")}
    by_time = {update.id: clock(house, update) for update in house.published()}
    assert min(by_time[update_id] for update_id in first if update_id) == "11:44"


def test_the_retrospective_starts_with_its_figures(house: House) -> None:
    answer = house.ana("retro")
    assert isinstance(answer, Document)
    head = answer.text.split("## Impact")[0]
    wanted = ("**67 minutes**", "16, 1 of them a correction", "13 kept, 0 late, 1 superseded")
    assert [figure for figure in wanted if figure not in head] == []
