"""Posts signed updates to the URLs in foghorn.toml. Redirects are not followed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.clock import Clock, utc_now
from bot.errors import SendFailed
from bot.intake.platform import WebhookConfig
from bot.platforms.webhook import addresses, signing
from bot.platforms.webhook.addresses import PrivateAddressError
from bot.platforms.webhook.render import render
from bot.ports import CannotLookError
from bot.views import Post

if TYPE_CHECKING:
    from bot.platforms.webhook.sending import Sender

TIMEOUT_S = 15.0
MAX_CONCURRENT = 256


class WebhookMessenger:
    """Sends to all webhooks over one HTTP session. `secret` reads an environment variable when something is sent."""

    def __init__(
        self, webhooks: Sequence[WebhookConfig], secret: Callable[[str], SecretStr | None], *, clock: Clock = utc_now,
        timeout_s: float = TIMEOUT_S,
    ) -> None:  # fmt: skip
        # every webhook is another server: if all hang at once, none waits for another; half is for retries
        self.max_concurrent = max(MAX_CONCURRENT, 2 * len(webhooks))
        self._webhooks = {webhook.name: webhook for webhook in webhooks}
        self._secret = secret
        self._clock = clock
        self._sender = _sender(webhooks, timeout_s) if webhooks else None

    async def send(self, destination: str, post: Post, delivery: str) -> str:
        """Post an update. The delivery is the `webhook-id`, so that the receiver can recognize a repetition."""
        webhook = self._webhooks.get(destination)
        if webhook is None:
            raise SendFailed("this webhook is no longer in foghorn.toml; unsubscribe it", permanent=True)
        body = render(post)
        if body is None:
            raise SendFailed("webhooks receive updates only", permanent=True)
        await self._post(webhook, body, self._headers(webhook, delivery, body))
        return delivery

    async def reply(self, destination: str, _reference: str, post: Post, delivery: str) -> str:
        """Post it as a separate message."""
        return await self.send(destination, post, delivery)

    async def edit(self, destination: str, reference: str, post: Post, delivery: str) -> str:
        """Post a separate message with the corrected update."""
        await self.send(destination, post, delivery)
        return reference

    async def find(self, _destination: str, _delivery: str, _since: datetime) -> str | None:
        """Raises CannotLookError: a webhook cannot be asked what it received."""
        raise CannotLookError

    async def close(self) -> None:
        """Close the connections."""
        if self._sender is not None:
            await self._sender.close()

    def _headers(self, webhook: WebhookConfig, delivery: str, body: bytes) -> dict[str, str]:
        secret = self._secret(webhook.secret_env)
        if secret is None:
            raise SendFailed(f"the secret {webhook.secret_env} is not set; set it and restart Foghorn", permanent=True)
        try:
            signed = signing.headers(secret.get_secret_value(), delivery, self._clock(), body.decode())
        except signing.UnusableSecretError:
            reason = f"the secret {webhook.secret_env} must be `whsec_` followed by base64 of 24 to 64 bytes"
            raise SendFailed(reason, permanent=True) from None
        return {**signed, "content-type": "application/json", "user-agent": "Foghorn"}

    async def _post(self, webhook: WebhookConfig, body: bytes, headers: dict[str, str]) -> None:
        """Only the status of the response matters."""
        try:
            if not webhook.allow_private:
                addresses.check_literal(urlsplit(webhook.url).hostname or "")
            assert self._sender is not None
            status, asked = await self._sender.post(webhook.url, body, headers)
        except PrivateAddressError:
            raise _private(webhook) from None
        if not 200 <= status < 300:
            raise self._refused(status, asked)

    def _refused(self, status: int, asked: str) -> SendFailed:
        if status == 410:
            return SendFailed("the address answers 410 (gone); unsubscribe it", permanent=True)
        if 300 <= status < 400:
            return SendFailed(
                f"the address answers {status}, and redirects are not followed; ask its owner for the new address"
            )
        wait = self._seconds(asked) if status in (429, 503) else None
        return SendFailed(f"the address answers {status}; ask its owner to check it", retry_after_s=wait)

    def _seconds(self, asked: str) -> float | None:
        """The seconds of a Retry-After header, which is a number or a date; None if it is neither."""
        if asked.isdecimal():
            return float(asked)
        try:
            return (parsedate_to_datetime(asked) - self._clock()).total_seconds()
        except (ValueError, TypeError):
            return None


def _sender(webhooks: Sequence[WebhookConfig], timeout_s: float) -> "Sender":
    from bot.platforms.webhook.sending import Sender  # with its HTTP library, which takes 8 MB

    private = [urlsplit(webhook.url) for webhook in webhooks if webhook.allow_private]
    allowed = {(url.hostname or "", url.port or (443 if url.scheme == "https" else 80)) for url in private}
    return Sender(allowed, timeout_s)


def _private(webhook: WebhookConfig) -> SendFailed:
    reason = f"its address is in a private network; if you want that, set allow_private for “{webhook.name}”"
    return SendFailed(reason, permanent=True)
