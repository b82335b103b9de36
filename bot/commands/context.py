"""What a handler works with: the transaction, the application's context, the actor, the place, and the incident."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.actions import people as people_actions
from bot.commands.invocation import Account, Place
from bot.domain.access import needed
from bot.domain.deliveries import OURS
from bot.domain.people import Group, Person, names
from bot.errors import NotAllowed, NotInGroup
from bot.reading.context import ReadContext
from bot.reading.review_buttons import Reader
from bot.store import people

_MENTION = re.compile(r"<@!?(\w+)(?:\|[^>]*)?>")


@dataclass(frozen=True)
class Context(ReadContext):
    """Created by the desk, inside the transaction."""

    where: Place
    emptied: frozenset[str] = frozenset()  # fields that a form sent back empty: their values are removed
    typed: Mapping[str, str] = field(default_factory=dict)  # for a form that asks for more and carries it along
    groups: frozenset[str] = frozenset()  # from the platform's groups and the incident, in addition to the actor's own
    confirmed: Mapping[str, Account] = field(default_factory=dict)  # people that were typed

    @property
    def from_form(self) -> bool:
        """Whether a form was submitted that says from which revision it started; a typed line never does."""
        return bool(self.typed.get("revision"))

    def check_may(self, verb: str, group: Group, doing: str = "") -> None:
        """Check whether the actor may use a command. Actions check what depends on the incident or draft.

        `group` is the catalog's; configuration and platform may change it for a verb. Raises NotInGroup.
        """
        wanted = needed(self.app.organisation, verb, group, self.where.platform)
        if not self._belongs(wanted):
            ask = names(people.in_group(self.tx, wanted), other_than=self.actor)
            raise NotInGroup(verb=doing or verb, group=wanted.value, ask=ask)

    def _belongs(self, wanted: Group) -> bool:
        given = self.groups if self.actor.belongs(Group.MEMBERS) else ()
        return self.actor.belongs(wanted) or wanted.value in given

    @property
    def reader(self) -> Reader:
        """Whom a review offers its buttons to."""
        publishers = needed(self.app.organisation, "publish", Group.RESPONDERS, self.where.platform)
        return Reader(self.actor, self._belongs(publishers))

    def person(self, typed: str) -> Person:
        """The person meant by `@ana`, a name, an ID, or a platform's mention such as `<@U123>`.

        Someone whom their platform has just confirmed is stored if they are not known yet. Raises NotFound, NotAllowed.
        """
        if typed.casefold() in ("me", "@me"):
            return self.actor
        account = self.confirmed.get(typed)
        if account is not None:
            person = people_actions.find_or_add_member(self.tx, account.platform, account.id, account.name, keep=True)
        else:
            person = self.known_person(typed) or people_actions.find(
                self.tx, account_meant(typed, self.where.platform, self.app.platforms)[1]
            )
        if not person.active:
            words = "{person} was removed from foghorn.toml. Nothing was changed. Choose someone else."
            raise NotAllowed(words, person=person.name)
        return person

    def known_person(self, typed: str) -> Person | None:
        """The person in the database who has this account, handle, or name; None if there is not exactly one."""
        platform, account = account_meant(typed, self.where.platform, self.app.platforms)
        person = people.find_account(self.tx, platform, account) if platform not in OURS else None
        found = [person] if person else people.called(self.tx, account)
        return found[0] if len(found) == 1 else None


def account_meant(typed: str, here: str, platforms: Collection[str]) -> tuple[str, str]:
    """The platform, and the ID or name there, of `<@U0123>`, `slack:U0123`, `discord:@dia`, an ID, or a handle."""
    platform, colon, rest = typed.partition(":")
    if not colon or platform not in platforms:
        platform, rest = here, typed
    reference = _MENTION.fullmatch(rest)
    return platform, reference[1] if reference else rest
