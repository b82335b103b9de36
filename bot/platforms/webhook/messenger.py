"""Posts signed updates to the URLs in foghorn.toml. Redirects are not followed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from bot.clock import Clock, utc_now
from bot.errors import OutcomeUnknown, SendFailed
from bot.intake.platform import WebhookConfig
from bot.platforms.webhook import addresses, signing
from bot.platforms.webhook.addresses import PrivateAddressError, PublicResolver
from bot.platforms.webhook.render import render
from bot.ports import CannotLookError
from bot.views import Finding, Post

TIMEOUT_S = 15.0
MAX_CONCURRENT = 256  # every webhook is another server, and slow servers must not delay the others
NO_ANSWER = "the server of this webhook does not answer"


class WebhookMessenger:
    """Sends to all webhooks over one HTTP session. `secret` reads an environment variable when something is sent."""

    def __init__(
        self, webhooks: Sequence[WebhookConfig], secret: Callable[[str], SecretStr | None], *, clock: Clock = utc_now,
        timeout_s: float = TIMEOUT_S,
    ) -> None:  # fmt: skip
        self.max_concurrent = MAX_CONCURRENT
        self._webhooks = {webhook.name: webhook for webhook in webhooks}
        self._secret = secret
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=timeout_s * 2 / 3)
        self._session: aiohttp.ClientSession | None = None

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

    def check(self, _post: Post) -> Sequence[Finding]:
        """No findings: JSON can hold every text."""
        return ()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

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
        """Only the status of the response matters. Its body is not read."""
        try:
            if not webhook.allow_private:
                addresses.check_literal(urlsplit(webhook.url).hostname or "")
            async with self._open().post(webhook.url, data=body, headers=headers, allow_redirects=False) as answer:
                status, asked = answer.status, answer.headers.get("retry-after", "")
        except PrivateAddressError:
            raise _private(webhook) from None
        except aiohttp.ClientConnectorError as problem:
            if isinstance(problem.os_error, PrivateAddressError):
                raise _private(webhook) from None
            raise SendFailed(NO_ANSWER) from problem
        except aiohttp.ConnectionTimeoutError as problem:
            raise SendFailed(NO_ANSWER) from problem
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise OutcomeUnknown(NO_ANSWER) from problem
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

    def _open(self) -> aiohttp.ClientSession:
        """The session, created on first use because it belongs to the running event loop."""
        if self._session is None:
            private = [urlsplit(webhook.url) for webhook in self._webhooks.values() if webhook.allow_private]
            allowed = {(url.hostname or "", url.port or (443 if url.scheme == "https" else 80)) for url in private}
            connector = aiohttp.TCPConnector(
                resolver=PublicResolver(allowed),
                use_dns_cache=False,
                limit=0,  # the outbox limits how many run at once
            )
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
        return self._session


def _private(webhook: WebhookConfig) -> SendFailed:
    reason = f"its address is in a private network; if you want that, set allow_private for “{webhook.name}”"
    return SendFailed(reason, permanent=True)
