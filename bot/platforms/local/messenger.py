"""Accepts what is sent to Foghorn's own channels: their pages show the delivered rows, so the row is the message."""

from collections.abc import Sequence
from datetime import datetime

from bot.views import Finding, Post


class LocalMessenger:
    """Cannot fail; the reference of a message is the id of its delivery."""

    async def send(self, _destination: str, _post: Post, delivery: str) -> str:
        """Accepted."""
        return delivery

    async def reply(self, _destination: str, _reference: str, _post: Post, delivery: str) -> str:
        """Accepted; the page shows it below the message it answers."""
        return delivery

    async def edit(self, _destination: str, reference: str, _post: Post, _delivery: str) -> str:
        """Accepted; the page shows the newest words of a message."""
        return reference

    async def find(self, _destination: str, delivery: str, _since: datetime) -> str | None:
        """The row is there, so the message is."""
        return delivery

    def check(self, _post: Post) -> Sequence[Finding]:
        """No limits."""
        return ()
