"""Text that people type for the record must contain no secret."""

from bot.domain.lint import find_secrets
from bot.errors import InvalidField


def check_no_secret(text: str) -> None:
    """Raise InvalidField if a text contains what looks like a secret. The secret itself is not repeated."""
    found = find_secrets(text)
    if found:
        message = "This looks like a secret ({found}), so it was not saved. Remove it. If it is real, revoke it now."
        raise InvalidField(message, found=found[0].kind)
