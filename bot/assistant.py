"""The optional assistant: one request to an OpenAI-compatible endpoint, outside any transaction.

Source of the protocol: OpenAI's API reference, "Create chat completion".
"""

import json

import aiohttp
from pydantic import SecretStr

from bot.errors import AssistantAway

TIMEOUT_S = 20
LARGEST = 200_000  # bytes of an answer


class Assistant:
    """Asks the model that foghorn.toml names."""

    def __init__(self, url: str, model: str, key: SecretStr, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._key = key
        self._timeout_s = timeout_s

    async def answer(self, messages: list[dict[str, str]]) -> str:
        """The words of its answer. Raises AssistantAway after 20 s, or where it does not answer as it should."""
        body = {"model": self._model, "messages": messages, "temperature": 0}
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s)) as session,
                session.post(self._url, json=body, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise AssistantAway(reason=f"it answered with status {response.status}")
                raw = await response.content.read(LARGEST + 1)
                while len(raw) <= LARGEST and (more := await response.content.read(LARGEST)):
                    raw += more
        except TimeoutError:
            raise AssistantAway(reason=f"it did not answer within {self._timeout_s:g} seconds") from None
        except aiohttp.ClientError as problem:
            raise AssistantAway(reason=f"it could not be reached ({type(problem).__name__})") from None
        try:
            words = json.loads(raw[:LARGEST])["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            words = None
        if not isinstance(words, str) or len(raw) > LARGEST:
            raise AssistantAway(reason="its answer cannot be read")
        return words
