"""Signs requests as Standard Webhooks 1.0.0 asks: HMAC-SHA256 over id, time and body.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


class UnusableSecretError(ValueError):
    """Not `whsec_` and base64 of 24 to 64 bytes."""


def headers(secrets: str, message_id: str, unix_s: int, body: bytes) -> dict[str, str]:
    """The three headers. While a secret is rotated both stand in `secrets`, apart by a space.

    Raises UnusableSecretError.
    """
    signed = b".".join((message_id.encode(), str(unix_s).encode(), body))
    keys = [_key(secret) for secret in secrets.split()]
    if not keys:
        raise UnusableSecretError
    signatures = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(unix_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as problem:
        raise UnusableSecretError from problem
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise UnusableSecretError
    return key
