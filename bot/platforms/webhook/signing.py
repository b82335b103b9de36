"""Signs requests according to Standard Webhooks 1.0.0, with the library of that project.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
"""

from datetime import datetime

from standardwebhooks import Webhook

from bot.intake.platform import signs


class UnusableSecretError(ValueError):
    """The secret is not `whsec_` followed by base64 of 24 to 64 bytes."""


def headers(secrets: str, message_id: str, now: datetime, body: str) -> dict[str, str]:
    """The three headers of a signed request. While a secret is rotated, `secrets` holds both, separated by a space.

    Raises UnusableSecretError.
    """
    if not all(map(signs, secrets.split() or [""])):
        raise UnusableSecretError
    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets.split()]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
