"""What a command is: one verb, the fields it asks for, who may, and the function that runs it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.commands.context import Context
from bot.commands.fields import Field
from bot.commands.questions import INCIDENT
from bot.domain.organisation import Organisation
from bot.domain.people import Group
from bot.errors import InvalidField
from bot.views import Answer, Form


class Incident(StrEnum):
    """Whether a command is about an incident: named, implied by the room, or the only open one."""

    NONE = "none"
    OPEN = "open"  # of all, only open ones are guessed; a closed one can be named
    LAST = "last"  # where nothing is open, the newest one


@dataclass(frozen=True)
class Command:
    """One verb. `handler(ctx, **values)` takes its fields by name; `prefill(ctx)` gives what its form starts from."""

    verb: str
    summary: str
    example: str
    handler: Callable[..., Answer]
    fields: tuple[Field, ...] = ()
    writes: bool = True
    who_may: Group = Group.RESPONDERS
    incident: Incident = Incident.OPEN
    group: str = ""  # the group it stands in on Discord
    title: str = ""  # of its form
    submit: str = ""
    prefill: Callable[[Context], Mapping[str, str]] | None = None
    bare_form: bool = False  # with nothing typed, ask
    incident_last: bool = False  # the first incident named is another one
    doing: str = ""  # what it does to an incident: "change the severity of"; empty: the verb

    @property
    def deed(self) -> str:
        """What it does, of whatever: "change the severity"."""
        return re.sub(" (of|in|to|from)$", "", self.doing) or self.verb

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields, with the incident first where there is one."""
        if self.incident is Incident.NONE:
            return self.fields
        return (*self.fields, INCIDENT) if self.incident_last else (INCIDENT, *self.fields)

    def form(self, organisation: Organisation, typed: Mapping[str, str], problems: Mapping[str, InvalidField]) -> Form:
        """Its questions, with what was typed and what is wrong with it."""
        shown = tuple(
            field.shown(organisation, typed.get(field.name, ""), problems.get(field.name))
            for field in self.fields
            if field.asked or field.name in problems
        )
        kept = tuple((f.name, typed[f.name]) for f in self.fields if not f.asked and typed.get(f.name))
        title = self.title or self.verb.capitalize()
        return Form(self.verb, title, self.submit or title, shown, typed.get("incident", ""), kept)
