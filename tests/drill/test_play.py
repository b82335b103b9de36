"""What a drill shows, and that no speed changes it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlmodel import select

from bot.domain.deliveries import Delivery, DeliveryKind, DeliveryState
from bot.domain.organisation import AnnounceConfig
from bot.domain.record import EntryKind
from bot.drill.play import Drill, DrillStoppedError, PlayedStep, at_once, steady
from bot.drill.player import outcome
from bot.drill.rehearsal import ScenarioClock, rehearsal, sign_in_link
from bot.drill.report import report
from bot.drill.scenario import REFERENCE, Scenario, ScenarioStep, load
from bot.drill.show import summary
from bot.platforms import PLATFORMS
from bot.reading.figures import Figures, figures
from bot.settings import Settings, read_settings
from bot.store import deliveries, incidents, record, updates
from tests.drill import standin
from tests.reference import ORGANISATION

NIGHT = REFERENCE.parent / "a-fix-that-did-not-hold.toml"
URL = "http://drill.test"


@asynccontextmanager
async def played(
    scenario: Scenario, speed: float | None = None, on_step: Callable[[PlayedStep], None] = lambda _: None
) -> AsyncIterator[standin.Foghorn]:
    clock = ScenarioClock(scenario.starts)
    async with rehearsal(Settings(), ORGANISATION, clock=clock, url=URL, compose=standin.compose) as foghorn:
        assert isinstance(foghorn, standin.Foghorn)
        await Drill(foghorn, clock, scenario).play(steady(scenario, speed) if speed else at_once, on_step)
        yield foghorn


@dataclass(frozen=True)
class Seen:
    """What is left to look at when a drill is over."""

    figures: Figures
    entries: list[tuple[str, EntryKind, str]]  # clock time, kind, words
    first: set[tuple[DeliveryState, datetime | None]]  # deliveries of the first update
    steps: list[PlayedStep]
    summary: str  # what the terminal shows
    document: dict[str, Any]  # the same as JSON

    def told(self, *kinds: EntryKind) -> list[tuple[str, str]]:
        return [(at, words) for at, kind, words in self.entries if kind in kinds]


async def seen(scenario: Scenario, speed: float | None = None) -> Seen:
    steps: list[PlayedStep] = []
    async with played(scenario, speed, steps.append) as foghorn:
        with foghorn.store.read() as tx:
            incident = incidents.find_incident(tx, 1)
            assert incident is not None
            first = updates.find_published(tx, incident, 1)
            rows = deliveries.of_update(tx, first) if first else []
            zone = foghorn.app.organisation.zone
            return Seen(
                figures(tx, incident),
                [
                    (f"{entry.at.astimezone(zone.tz):%H:%M}", entry.kind, text.text)
                    for entry, text in record.entries(tx, incident)[::-1]
                ],
                {(row.state, row.sent_at) for row in rows},
                steps,
                summary(foghorn, scenario),
                json.loads(report(foghorn, scenario)),
            )


@pytest.fixture(scope="module")
def reference() -> Seen:
    """The reference incident, played once."""
    return asyncio.run(seen(load(REFERENCE)))


@pytest.fixture(scope="module")
def night() -> Seen:
    """The other scenario, played once."""
    return asyncio.run(seen(load(NIGHT)))


def beginning(steps: int) -> Scenario:
    scenario = load(REFERENCE)
    return scenario.model_copy(update={"steps": scenario.steps[:steps]})


def seconds(scenario: Scenario) -> float:
    """From its start to its last step."""
    return (scenario.moment(scenario.steps[-1]) - scenario.starts).total_seconds()


def test_the_reference_incident_has_its_figures(reference: Seen) -> None:
    found = reference.figures
    assert (len(found.history.publications), len(found.history.stages)) == (16, 5)
    assert (found.corrections, found.minutes_to_fix) == (1, 67)
    assert (found.kept, found.late, found.superseded, found.first_in_time) == (13, 0, 1, True)
    assert outcome(found) == "16 publications, 67 minutes of major outage, every promise kept."


def test_it_ends_with_the_figures_as_the_documentation_shows_them(reference: Seen) -> None:
    page = (REFERENCE.parents[1] / "docs" / "how-to" / "drills.md").read_text(encoding="utf-8")
    ends = re.search(r"ends with:\n\n```text\n(.*?)```", page, re.DOTALL)
    assert ends
    assert f"{reference.summary}\n".endswith(ends[1])


def test_as_json_it_has_the_same_figures(reference: Seen) -> None:
    [incident] = reference.document["incidents"]
    assert (len(incident["publications"]), incident["minutes_to_fix"]) == (16, 67)
    assert [incident["promises"][how] for how in ("kept", "late", "superseded")] == [13, 0, 1]
    [correction] = [each for each in incident["publications"] if each["corrects"]]
    assert correction["kind"] == "correction"


def test_everything_the_reference_incident_publishes_arrives(reference: Seen) -> None:
    assert reference.figures.arrived == reference.figures.deliveries > 16


def test_a_delivery_carries_the_time_of_the_scenario(reference: Seen) -> None:
    assert reference.first == {(DeliveryState.SENT, datetime(2026, 4, 20, 9, 20, tzinfo=UTC))}


def test_a_promise_kept_in_its_last_minutes_is_reminded_of_ten_and_five_minutes_before(reference: Seen) -> None:
    assert [at for at, _ in reference.told(EntryKind.NUDGED)][:4] == ["06:10", "06:15", "07:10", "07:15"]


def test_missed_promises_climb_the_ladder_up_to_the_commander(night: Seen) -> None:
    of_one = [words for at, words in night.told(EntryKind.NUDGED) if "23:16" < at < "23:33"]
    assert of_one == [
        "10 minutes before: Ana Silva",
        "5 minutes before: Ana Silva",
        "due: Ana Silva",
        "2 minutes after: Ana Silva",
        "5 minutes after: Ben Osei",
    ]


def test_the_night_has_its_figures(night: Seen) -> None:
    found = night.figures
    assert (len(found.history.publications), found.corrections, len(found.history.stages)) == (19, 1, 5)
    assert (found.kept, found.late, found.superseded) == (11, 4, 1)


def test_the_night_goes_back_closes_and_opens_again(night: Seen) -> None:
    published = [words.partition(": ")[2] for _, words in night.told(EntryKind.PUBLISHED)]
    assert published[8] == "back to identified"
    assert published[13:15] == ["resolved", "investigating"]
    assert published[-1] == "resolved"


async def test_neither_a_second_time_nor_speed_changes_the_record() -> None:
    short = beginning(8)
    fast, slow = await seen(short), await seen(short, seconds(short) / 0.5)
    assert fast.entries == slow.entries


async def test_a_speed_takes_as_long_as_it_says() -> None:
    short, started = beginning(4), monotonic()
    async with played(short, seconds(short) / 0.7):
        assert monotonic() - started >= 0.7


def test_each_step_is_told_with_its_number_and_time(reference: Seen) -> None:
    scenario = load(REFERENCE)
    assert [step.number for step in reference.steps] == list(range(1, len(scenario.steps) + 1))
    assert reference.steps[0].at == scenario.starts


async def test_a_refused_line_stops_the_drill_with_the_reason() -> None:
    scenario = load(REFERENCE)
    scenario = scenario.model_copy(update={"steps": (ScenarioStep(at="05:16", who="ana", line="publish"),)})
    with pytest.raises(DrillStoppedError, match=r"step 1 of 1 \(5:16 AM ET .*No incident is open"):
        async with played(scenario):
            pass


async def test_a_line_that_needs_more_stops_the_drill_too() -> None:
    scenario = load(REFERENCE)
    scenario = scenario.model_copy(update={"steps": (ScenarioStep(at="05:16", who="ana", line="declare"),)})
    with pytest.raises(DrillStoppedError, match="“Declare an incident” needs more details"):
        async with played(scenario):
            pass


async def test_a_drill_knows_no_token_and_no_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_BOT_TOKEN"):
        monkeypatch.setenv(name, "a-token-that-works")
    hooked = type(ORGANISATION).model_validate(
        ORGANISATION.model_dump() | {"webhooks": [{"name": "crm", "url": "https://crm.test", "secret_env": "CRM"}]}
    )
    settings = read_settings(PLATFORMS)
    assert vars(settings)["slack_bot_token"]
    clock = ScenarioClock(load(REFERENCE).starts)
    async with rehearsal(settings, hooked, clock=clock, url=URL, compose=standin.compose) as foghorn:
        assert isinstance(foghorn, standin.Foghorn)
        tokens = [foghorn.settings.slack_bot_token, foghorn.settings.slack_app_token,
                  foghorn.settings.slack_signing_secret, foghorn.settings.discord_bot_token]  # fmt: skip
        assert (tokens, foghorn.organisation.webhooks, foghorn.drill) == ([None] * 4, (), True)


async def test_a_drill_that_could_reach_a_platform_does_not_start() -> None:
    clock = ScenarioClock(load(REFERENCE).starts)
    with pytest.raises(RuntimeError, match="not a drill"):
        async with rehearsal(Settings(), ORGANISATION, clock=clock, url=URL, compose=standin.reaching_out):
            pass


async def test_nothing_is_left_of_a_drill() -> None:
    async with played(beginning(1)) as foghorn:
        folder = Path(foghorn.settings.database_url.removeprefix("sqlite:///")).parent
        assert folder.is_dir()
    assert (folder.exists(), foghorn.runs) == (False, False)


async def test_the_sign_in_link_holds_however_far_the_scenario_is() -> None:
    async with played(beginning(5)) as foghorn:
        link = await sign_in_link(foghorn, "ana", URL)
        assert await foghorn.desk.link_owner(link.partition("token=")[2]) == "Ana Silva"


async def test_a_drill_announces_nothing() -> None:
    scenario = load(REFERENCE)
    clock = ScenarioClock(scenario.starts)
    organisation = ORGANISATION.model_copy(update={"announce": AnnounceConfig(channels=("slack:C0OPS",))})
    async with rehearsal(Settings(), organisation, clock=clock, url=URL, compose=standin.compose) as foghorn:
        await Drill(foghorn, clock, scenario.model_copy(update={"steps": scenario.steps[:4]})).play()
        with foghorn.store.read() as tx:
            kinds = {row.kind for row in tx.session.exec(select(Delivery)).all()}

    assert kinds
    assert DeliveryKind.ANNOUNCEMENT not in kinds
