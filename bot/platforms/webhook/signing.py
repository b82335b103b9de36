"""Signs requests according to Standard Webhooks 1.0.0, with the library of that project.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
"""

import base64
import binascii
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"


class UnusableSecretError(ValueError):
    """The secret is not `whsec_` followed by base64 of 24 to 64 bytes."""


def headers(secrets: str, message_id: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers of a signed request. While a secret is rotated, `secrets` holds both, separated by a space.

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
    """Check the length, because the library accepts any text. The specification requires 24 to 64 random bytes."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as problem:
        raise UnusableSecretError from problem
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise UnusableSecretError
