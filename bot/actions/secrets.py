"""What people type for the record must hold no secret."""

from bot.domain.lint import find_secrets
from bot.errors import SecretTyped


def check_no_secret(text: str) -> None:
    """Raise SecretTyped when a text holds what looks like a secret; the secret itself is not repeated."""
    found = find_secrets(text)
    if found:
        raise SecretTyped(found=found[0].kind)
