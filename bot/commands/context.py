"""What a handler works with: the transaction, the house, who asks, where, and which incident."""

import re
from dataclasses import dataclass

from bot.actions.house import House
from bot.commands.invocation import Place
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.errors import UnknownPerson
from bot.store import people
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class Context:
    """Made by the desk, inside the transaction."""

    tx: Transaction
    house: House
    actor: Person
    where: Place
    found: Incident | None = None
    emptied: frozenset[str] = frozenset()  # fields that a form sent back blank: what stood there is taken back

    @property
    def reader(self) -> Person | None:
        """Who reads the answer; None: everybody there."""
        return None if self.where.shared else self.actor

    @property
    def incident(self) -> Incident:
        """The incident of a command that needs one."""
        assert self.found is not None
        return self.found

    def person(self, typed: str) -> Person:
        """`@ana`, a name, or a platform's reference such as `<@U123>`. Raises UnknownPerson."""
        if typed.casefold() in ("me", "@me"):
            return self.actor
        reference = re.fullmatch(r"<@!?([A-Z0-9]+)(?:\|[^>]*)?>", typed)
        found = (
            people.find_account(self.tx, self.where.platform, reference[1])
            if reference
            else people.by_handle(self.tx, typed)
        )
        if found is None or not found.active:
            known = ", ".join(f"@{person.handle}" for person in people.all_people(self.tx))
            raise UnknownPerson(typed=typed, known=known)
        return found
