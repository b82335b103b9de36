"""What a handler works with: the transaction, the application's context, the actor, the place, and the incident."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.actions import people as people_actions
from bot.commands.invocation import Place
from bot.domain.access import needed
from bot.domain.people import Group, Person, names
from bot.errors import NotInGroup
from bot.reading.context import ReadContext
from bot.store import people


@dataclass(frozen=True)
class Context(ReadContext):
    """Created by the desk, inside the transaction."""

    where: Place
    emptied: frozenset[str] = frozenset()  # fields that a form sent back empty: their values are removed
    typed: Mapping[str, str] = field(default_factory=dict)  # for a form that asks for more and carries it along
    groups: frozenset[str] = frozenset()  # from the platform's groups and the incident, in addition to the actor's own

    def check_may(self, verb: str, group: Group, doing: str = "") -> None:
        """Check whether the actor may use a command. Actions check what depends on the incident or draft.

        `group` is the catalog's; configuration and platform may change it for a verb. Raises NotInGroup.
        """
        wanted = needed(self.app.organisation, verb, group, self.where.platform)
        given = self.groups if self.actor.belongs(Group.MEMBERS) else ()
        if not self.actor.belongs(wanted) and wanted.value not in given:
            ask = names(people.in_group(self.tx, wanted), other_than=self.actor)
            raise NotInGroup(verb=doing or verb, group=wanted.value, ask=ask)

    def person(self, typed: str) -> Person:
        """The person meant by `@ana`, a name, or a platform's mention such as `<@U123>`.

        Raises NotFound.
        """
        if typed.casefold() in ("me", "@me"):
            return self.actor
        reference = re.fullmatch(r"<@!?([A-Z0-9]+)(?:\|[^>]*)?>", typed)
        if reference:
            person = people.find_account(self.tx, self.where.platform, reference[1])
            if person and person.active:
                return person
        return people_actions.find(self.tx, typed)
