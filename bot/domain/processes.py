"""The processes that run on a database."""

from datetime import datetime

from sqlmodel import Field

from bot.domain.columns import Row
from bot.ids import new_id


class Process(Row, table=True):
    """A running `foghorn run`. Its row is deleted when it stops or when another process finds that it died.

    `started_at` is by the incidents' clock, `seen_at` by the elapsed-time clock (bot/store/elapsed.py).
    """

    id: str = Field(default_factory=lambda: new_id("prc"), primary_key=True)  # leases start with it
    lock: int | None = None  # the number of its advisory lock on PostgreSQL; None: only `seen_at` tells if it is alive
    host: str
    pid: int
    roles: str = ""  # such as "web slack worker"
    started_at: datetime
    seen_at: datetime

    @property
    def label(self) -> str:
        """How people read it: `process 4242 on alpha`."""
        return f"process {self.pid} on {self.host}"
