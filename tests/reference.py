"""The reference incident of 20 April 2026 as the moments its texts speak of, and the organisation it happened to."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.domain.components import Impact
from bot.domain.facts import Facts, Kind, Moment
from bot.domain.lifecycle import Move, Stage
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity

EXAMPLE = Path(__file__).resolve().parent.parent / "foghorn.example.toml"
ORGANISATION = Organisation.model_validate(tomllib.loads(EXAMPLE.read_text()))
LINK = "https://status.example.com/incidents/INC-42"
SMALL_TITLE = "ChatGPT Business: unexpected behavior for some workspaces"
TITLE = "ChatGPT, Codex and API: errors and endless loading"
BUSINESS: Mapping[str, Impact] = {"business": Impact.DEGRADED}
ALL_FOUR: Mapping[str, Impact] = {
    "chatgpt": Impact.MAJOR,
    "business": Impact.MAJOR,
    "codex": Impact.MAJOR,
    "api": Impact.PARTIAL,
}
WELL: Mapping[str, Impact] = dict.fromkeys(ALL_FOUR, Impact.OPERATIONAL)


def et(clock: str) -> datetime:
    """That day at this clock time in New York."""
    hour, minute = clock.split(":")
    return datetime(2026, 4, 20, int(hour) + 4, int(minute), tzinfo=UTC)


SMALL = Facts(
    symptom="has not worked as expected",
    scope="for some enterprise workspaces",
    since=et("05:12"),
    unaffected=("chatgpt", "codex", "api"),
)
WIDE = Facts(symptom="pages load without end and requests return errors", scope="worldwide", since=et("11:44"))
LOCATED = WIDE.model_copy(
    update={"symptom": "pages do not load and about half of API requests return errors", "works": "Signing in works."}
)
FIXED = LOCATED.model_copy(update={"fixed_at": et("12:51"), "works": ""})


def moment(clock: str, stage: Stage, facts: Facts, **changes: Any) -> Moment:
    """A moment of the reference incident, the wide one unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "incident": "INC-42",
        "kind": Kind.STAGE,
        "move": Move.FORWARD,
        "grown": False,
        "severity": Severity.SEV1,
        "previous_severity": Severity.SEV1,
        "impacts": ALL_FOUR,
        "opened_at": et("05:14"),
        "link": LINK,
        "title": TITLE,
        "first_published_at": et("05:20"),
        "last_news_at": et("11:44"),
        "told": True,
    }
    return Moment(now=et(clock), stage=stage, facts=facts, **{**values, **changes})


FIRST = moment(
    "05:20",
    Stage.INVESTIGATING,
    SMALL,
    move=Move.FIRST,
    severity=Severity.SEV3,
    previous_severity=None,
    impacts=BUSINESS,
    title="",
    first_published_at=None,
    last_news_at=None,
    told=False,
)
ESCALATION = moment(
    "11:44",
    Stage.INVESTIGATING,
    WIDE,
    move=Move.SAME,
    grown=True,
    previous_severity=Severity.SEV3,
    title=SMALL_TITLE,
    last_news_at=et("05:20"),
)
NO_CHANGE = moment("11:58", Stage.INVESTIGATING, WIDE, kind=Kind.NO_CHANGE, move=Move.SAME)
IDENTIFIED = moment("12:12", Stage.IDENTIFIED, LOCATED)
CORRECTION = moment(
    "12:18",
    Stage.IDENTIFIED,
    LOCATED.model_copy(
        update={
            "wrong": "Signing in works.",
            "right": "Some sign-ins fail too.",
            "avoid": "Your password is not the reason, so please do not reset it.",
            "works": "",
        }
    ),
    kind=Kind.CORRECTION,
    move=Move.SAME,
    last_news_at=et("12:12"),
    corrected_at=et("12:12"),
)
FIX_IMPLEMENTED = moment(
    "12:51",
    Stage.FIX_IMPLEMENTED,
    FIXED.model_copy(update={"action": "If you still see an error, reload the page, then sign in again."}),
    last_news_at=et("12:12"),
)
MONITORING = moment(
    "13:05",
    Stage.MONITORING,
    FIXED.model_copy(update={"watch": "errors and loading times", "watch_for": "an hour"}),
    impacts=WELL,
    last_news_at=et("12:51"),
)
RESOLVED = moment(
    "14:03",
    Stage.RESOLVED,
    FIXED.model_copy(
        update={
            "news": "For some enterprise workspaces, ChatGPT Business was affected from 05:12 ET (09:12 UTC).",
            "ended_at": et("12:51"),
            "data": "No data was lost.",
            "action": "You do not need to do anything.",
            "harm": "work with our services",
            "review_by": date(2026, 4, 27),
        }
    ),
    impacts=WELL,
    last_news_at=et("13:05"),
)
STORY: Mapping[str, Moment] = {
    "05:20": FIRST,
    "11:44": ESCALATION,
    "11:58": NO_CHANGE,
    "12:12": IDENTIFIED,
    "12:18": CORRECTION,
    "12:51": FIX_IMPLEMENTED,
    "13:05": MONITORING,
    "14:03": RESOLVED,
}
"""By the clock time of their publication (ET)."""
