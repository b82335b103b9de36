"""Delivers to Foghorn's own channels. Their pages show the delivered rows, so nothing needs to be stored."""

from datetime import datetime

from bot.views import Post


class LocalMessenger:
    """Never fails. The reference of a message is the ID of its delivery."""

    async def send(self, _destination: str, _post: Post, delivery: str) -> str:
        """Accept it."""
        return delivery

    async def reply(self, _destination: str, _reference: str, _post: Post, delivery: str) -> str:
        """Accept it. The page shows it below the message it replies to."""
        return delivery

    async def edit(self, _destination: str, reference: str, _post: Post, _delivery: str) -> str:
        """Accept it. The page shows the newest text of a message."""
        return reference

    async def find(self, _destination: str, delivery: str, _since: datetime) -> str | None:
        """Always found, because the row is the message."""
        return delivery
