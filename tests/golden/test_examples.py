"""Every kind of text, as the desk drafts it from a typed line."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.lint.findings import Weight
from bot.domain.organisation import Organisation
from bot.domain.updates import Update, UpdateState
from bot.views import Form, Notice
from tests.harness import Harness, organisation, say

EXAMPLES = tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))["examples"]
DAY = "2026-03-09"


def component(key: str, name: str, in_text: str = "", **more: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "in_text": in_text or name, **more}


def invented(time_zone: str, label: str, *components: dict[str, Any]) -> Organisation:
    """An organization whose updates need nobody's approval."""
    found: Organisation = organisation(
        time_zone=time_zone,
        zone_label=label,
        languages=("en", "de", "ja")
        if (Path(__file__).parents[2] / "templates/updates/de/words.toml").exists()
        else ("en",),
        components=list(components),
        approval={"SEV1": 0, "SEV2": 0},
        channels=[
            {"name": f"#{audience}", "follows": {"audience": audience}}
            for audience in ("developers", "enterprise", "support")
        ],
    )
    return found


ORGANIZATIONS = {
    "new_york": invented(
        "America/New_York", "ET", component("chatgpt", "ChatGPT"), component("codex", "Codex"),
        component("api", "API", "the API"),
    ),
    "utc": invented(
        "UTC", "",
        component("checkout", "Checkout", "checkout", names={"de": "Kasse"}),
        component("search", "Search", "search", names={"de": "Suche"}),
        component("app", "Mobile app", "the mobile app"),
        component("reports", "Reports", "reports"), component("hooks", "Webhooks", "webhooks"),
        component("portal", "Portal", "the portal"),
        *(component(f"r{number}", f"Region {number}", group="Regions") for number in range(1, 13)),
    ),
}  # fmt: skip


def moment(harness: Harness, clock: str) -> datetime:
    words = clock if " " in clock else f"{DAY} {clock}"
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(harness.organisation.time_zone))


def typed(harness: Harness, line: str) -> None:
    """Typed by Ana; a form that asks for nothing is submitted as it stands."""
    answer = harness.ana(line)
    if isinstance(answer, Form):
        answer = harness.submit("ana", answer.verb, {field.name: field.typed for field in answer.fields})
    assert not (isinstance(answer, Notice) and answer.refused), say(answer)
    assert not isinstance(answer, Form), say(answer)


def published(harness: Harness) -> None:
    harness.ana("publish")
    if any(update.state is UpdateState.DRAFT for update in harness.rows(Update)):
        harness.ben("approve")


@pytest.fixture
def drafted(request: pytest.FixtureRequest, migrated_sqlite_url: str) -> Any:
    example = request.param
    where = ORGANIZATIONS[example["organization"]]
    harness = Harness(migrated_sqlite_url, where)
    first = example["before"][0][0] if "before" in example else example["at"]
    harness.clock.now = moment(harness, first)
    harness.ana(f"declare Something is wrong {example['declared']}")
    for clock, line in example.get("before", ()):
        harness.clock.now = moment(harness, clock)
        typed(harness, line)
        if not line.startswith("severity"):
            published(harness)
    harness.clock.now = moment(harness, example["at"])
    typed(harness, example["typed"])
    yield harness, example
    harness.close()


def named(example: dict[str, Any]) -> str:
    return f"{example['number']}-{example['title']}"


ENGLISH = [example for example in EXAMPLES if example.get("language", "en") == "en"]


@pytest.mark.parametrize("drafted", ENGLISH, ids=named, indirect=True)
def test_the_text_is_as_written_down(drafted: tuple[Harness, dict[str, Any]]) -> None:
    harness, example = drafted
    review = harness.ana("show draft:yes")
    texts = [t for t in review.texts if t.audience == example.get("audience", "customers") and t.language == "en"]
    link = "https://status.example.com/incidents/INC-"
    assert texts[0].body.replace(f"{link}1", f"{link}42") == example["text"].strip()
    blockers = [f for text in review.texts for f in text.findings if f.weight is Weight.BLOCKER]
    assert not blockers, blockers
