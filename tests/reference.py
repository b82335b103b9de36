"""The organisation to which the reference incident of April 20, 2026, happened, and what failed in it."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.components import Impact
from bot.domain.organisation import Organisation
from bot.platforms import PLATFORMS
from bot.settings import organisation_model, settings_model

EXAMPLE = Path(__file__).resolve().parent.parent / "foghorn.example.toml"
SETTINGS = settings_model(PLATFORMS)
ORGANISATION_MODEL = organisation_model(PLATFORMS)
ORGANISATION: Organisation = ORGANISATION_MODEL.model_validate(tomllib.loads(EXAMPLE.read_text()))
LINK = "https://status.example.com/incidents/INC-42"
TITLE = "ChatGPT, ChatGPT Business, Codex, and API: errors and endless loading"
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
