"""What a page is read with: the transaction, the application's context, the reader, and the incident."""

from dataclasses import dataclass, field

from bot.actions.app_context import AppContext
from bot.domain.incident import Incident
from bot.domain.people import Person
from bot.errors import NotFound
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
        """The incident of a page or command that needs one. Raises NotFound if none was named."""
        if self.found is None:
            raise NotFound("No incident was named. Nothing was changed.")
        return self.found

    @property
    def reader(self) -> Reader:
        """Whom a review offers its buttons to."""
        return Reader(self.actor)
