"""Text that people type for the record must contain no secret."""

from bot.domain.lint import find_secrets
from bot.errors import SecretTyped


def check_no_secret(text: str) -> None:
    """Raise SecretTyped if a text contains what looks like a secret. The secret itself is not repeated."""
    found = find_secrets(text)
    if found:
        raise SecretTyped(found=found[0].kind)
