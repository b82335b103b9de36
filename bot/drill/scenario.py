"""Scenarios: what people type in an incident, and when. Read from TOML; errors name the line."""

import re
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from bot.domain.organisation import Organisation
from bot.errors import BotError, ConfigurationError
from bot.settings import read_organisation
from bot.shipped import shipped
from bot.toml import line_of, read_toml

REFERENCE = shipped("scenarios") / "2026-04-20.toml"


class ScenarioError(BotError):
    """{file}, line {line}: {problem}. The drill did not start."""


class ScenarioStep(BaseModel):
    """What one person types at one time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: str  # `11:44`, `11:44:30`; on another day than the start `2026-04-21 00:10`
    who: str = Field(min_length=1)  # a handle
    line: str = Field(min_length=1)
    says: str = ""  # a caption for those who watch

    @field_validator("at")
    @classmethod
    def _is_time(cls, at: str) -> str:
        try:
            datetime.fromisoformat(at if " " in at else f"2026-01-01 {at}")
        except ValueError:
            known = False
        else:
            known = re.fullmatch(r"(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}(:\d{2})?", at) is not None
        if not known:
            raise ValueError(f"“{at}” is not a time; use 11:44, or 2026-04-21 00:10 if the step is on another day")
        return at

    @field_validator("line", "says")
    @classmethod
    def _on_one_line(cls, line: str) -> str:
        return " ".join(line.split())


class Scenario(BaseModel):
    """An incident to rehearse. All its times have the offset of `starts`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    shows: str = ""
    organisation: str = ""  # a foghorn.toml, relative to the scenario's file; empty: the running one
    starts: AwareDatetime
    steps: tuple[ScenarioStep, ...] = Field(min_length=1)

    def moment(self, step: ScenarioStep) -> datetime:
        """When a step happens."""
        words = step.at if " " in step.at else f"{self.starts:%Y-%m-%d} {step.at}"
        return datetime.fromisoformat(words).replace(tzinfo=self.starts.tzinfo)


def load(path: Path) -> Scenario:
    """The scenario in a file, with its steps in order. Raises ScenarioError with the line."""
    try:
        scenario = read_toml(path, Scenario)
    except ConfigurationError as problem:
        words = "{listed}\nThe drill did not start." if len(problem.mistakes) > 1 else ""
        raise ScenarioError(words, **problem.facts) from problem
    before = scenario.starts
    for number, step in enumerate(scenario.steps):
        if scenario.moment(step) < before:
            raise _error(path, number, "at", f"{step.at} is earlier than the step before it")
        before = scenario.moment(step)
    return scenario


def organisation_of(path: Path, scenario: Scenario, running: Organisation) -> Organisation:
    """The organization of a drill: the scenario's own or the running one.

    Raises ScenarioError for an unknown person.
    """
    organisation = (
        read_organisation(path.parent / scenario.organisation, type(running)) if scenario.organisation else running
    )
    handles = [person.handle for person in organisation.people]
    for number, step in enumerate(scenario.steps):
        if step.who not in handles:
            raise _error(
                path,
                number,
                "who",
                f"“{step.who}” is not a handle in this organization; use one of {', '.join(handles)}",
            )
    return organisation


def _error(path: Path, number: int, key: str, problem: str) -> ScenarioError:
    line = line_of(path.read_text(encoding="utf-8"), ("steps", number, key))
    return ScenarioError(file=path, line=line, problem=problem)
