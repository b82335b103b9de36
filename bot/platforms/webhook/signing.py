"""Signs requests as Standard Webhooks 1.0.0 asks, with that project's own library.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
"""

import base64
import binascii
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"


class UnusableSecretError(ValueError):
    """Not `whsec_` and base64 of 24 to 64 bytes."""


def headers(secrets: str, message_id: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers. While a secret is being rotated, `secrets` holds both, separated by a space.

    Raises UnusableSecretError.
    """
    for secret in secrets.split() or [""]:
        _check(secret)
    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets.split()]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _check(secret: str) -> None:
    """The library takes any text for a secret; the specification asks for at least 24 random bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as problem:
        raise UnusableSecretError from problem
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise UnusableSecretError
