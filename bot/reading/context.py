"""What a page is read with: the transaction, the application's context, the reader, and the incident."""

from dataclasses import dataclass, field

from bot.actions.app_context import AppContext
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.reading.review_buttons import Reader
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class ReadContext:
    """Created for one reader inside the transaction."""

    tx: Transaction
    app: AppContext
    actor: Person
    found: Incident | None = field(default=None, kw_only=True)

    @property
    def incident(self) -> Incident:
        """The incident of a page or command that needs one."""
        assert self.found is not None
        return self.found

    @property
    def reader(self) -> Reader:
        """Whom a review offers its buttons to."""
        return Reader(self.actor)
