"""The reference incident, line by line as Ana and Ben type it: the record tells the story, every promise is kept."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.facts import UpdateKind
from bot.domain.lint.findings import Weight
from bot.domain.updates import Update
from bot.drill.scenario import REFERENCE, load
from bot.reading.figures import figures
from bot.store import incidents
from bot.views import Document, DraftReview, Form, Notice
from tests.harness import Harness, say
from tests.reference import TITLE

SMALL_TITLE = "ChatGPT Business: unexpected behavior"
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

GOLDEN = tomllib.loads((Path(__file__).parents[1] / "golden" / "reference_incident.toml").read_text(encoding="utf-8"))
"""By clock time and audience, what is read."""


def play(harness: Harness) -> list[DraftReview]:
    """Type every line at its time; what was answered as a draft."""
    scenario, reviews = load(REFERENCE), []
    for step in scenario.steps:
        harness.clock.now = scenario.moment(step)
        answer = harness.as_person(step.who)(step.line)
        refused = isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)
        assert not refused, f"{step.at} {step.line}: {say(answer)}"
        if isinstance(answer, DraftReview):
            reviews.append(answer)
        harness.deliver()
    return reviews


@pytest.fixture(scope="module")
def day(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Harness, list[DraftReview]]]:
    """The whole day, played once; the tests below only look."""
    path = tmp_path_factory.mktemp("journey") / "foghorn.db"
    harness = Harness(f"sqlite:///{shutil.copy(migrated_sqlite, path)}")
    yield harness, play(harness)
    harness.close()


@pytest.fixture
def harness(day: tuple[Harness, list[DraftReview]]) -> Harness:
    return day[0]


def clock(harness: Harness, update: Update) -> str:
    assert update.published_at is not None
    return f"{update.published_at.astimezone(harness.organisation.zone.tz):%H:%M}"


def told(harness: Harness) -> list[tuple[str, str, str, str, str]]:
    """The published updates as rows of the story."""
    rows = []
    for update in harness.published():
        moment = update.stage.value if update.kind is UpdateKind.STAGE else update.kind.value
        zone = harness.organisation.zone.tz
        promised = f"{update.promised_at.astimezone(zone):%H:%M}" if update.promised_at else "none"
        assert update.severity is not None
        rows.append((clock(harness, update), moment, update.severity.value, promised, harness.text(update).title))
    return rows


def test_it_is_told_in_sixteen_publications(harness: Harness) -> None:
    assert told(harness) == STORY


def test_both_engines_tell_the_same_story(migrated_url: str) -> None:
    harness = Harness(migrated_url)
    play(harness)
    try:
        assert told(harness) == STORY
    finally:
        harness.close()


@pytest.mark.parametrize(("at", "audience"), [(at, one) for at in GOLDEN for one in GOLDEN[at] if one != "corrected"])
def test_each_audience_reads_the_reference_texts(harness: Harness, at: str, audience: str) -> None:
    update = next(update for update in harness.published() if clock(harness, update) == at)
    assert harness.text(update, audience).body.replace("INC-1", "INC-42") == GOLDEN[at][audience]


def test_the_corrected_text_reads_as_it_should(harness: Harness) -> None:
    identified = next(update for update in harness.published() if clock(harness, update) == "12:12")
    assert harness.current(identified) == GOLDEN["12:18"]["corrected"]


def test_no_draft_had_a_blocker(day: tuple[Harness, list[DraftReview]]) -> None:
    found = [f for review in day[1] for text in (*review.texts, *review.corrected) for f in text.findings]
    assert [finding for finding in found if finding.weight is Weight.BLOCKER] == []


def test_every_promise_is_kept_but_the_one_that_something_larger_overtook(harness: Harness) -> None:
    outcomes = harness.promised()
    assert [due for due, state in outcomes if state == "superseded"] == ["12:20"]
    assert {state for _, state in outcomes} == {"kept", "superseded"}


def test_67_minutes_pass_from_the_public_report_of_the_major_outage_to_the_fix(harness: Harness) -> None:
    with harness.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        found = figures(tx, incident)
    assert (found.history.peak.value, found.minutes_to_fix, len(found.history.stages)) == ("major outage", 67, 5)


def test_the_wrong_words_are_gone_from_every_audience(harness: Harness) -> None:
    identified = next(update for update in harness.published() if clock(harness, update) == "12:12")
    audiences = ("customers", "developers", "enterprise", "support", "social", "internal")
    now = [harness.current(identified, audience) for audience in audiences]
    assert [text for text in now if "Signing in works" in text or "works as well" in text] == []
    assert all("ign-ins" in text for text in now)


def test_what_was_published_wrongly_stays_in_the_record(harness: Harness) -> None:
    identified = next(update for update in harness.published() if clock(harness, update) == "12:12")
    assert "Signing in works." in harness.text(identified).body


def test_nobody_approves_what_they_wrote(harness: Harness) -> None:
    needed = [
        update
        for update in harness.published()
        if update.severity == "SEV1" and update.kind is not UpdateKind.NO_CHANGE
    ]
    assert all(update.published_by != update.revised_by for update in needed)


def test_channels_hear_of_it_when_it_concerns_them(harness: Harness) -> None:
    first = {delivery.update_id for delivery in harness.sent_to("local:#api-status")}
    by_time = {update.id: clock(harness, update) for update in harness.published()}
    assert min(by_time[update_id] for update_id in first if update_id) == "11:44"


def test_the_retrospective_starts_with_its_figures(harness: Harness) -> None:
    answer = harness.ana("retro")
    assert isinstance(answer, Document)
    head = answer.text.split("## Impact")[0]
    wanted = ("**67 minutes**", "16, 1 of them a correction", "13 kept, 0 late, 1 superseded")
    assert [figure for figure in wanted if figure not in head] == []
