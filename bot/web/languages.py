"""Reads what a request accepts, and chooses one of the organization's languages for its reader."""

from collections.abc import Sequence
from contextlib import suppress


def chosen(asked: str, accepted: str, known: Sequence[str]) -> str:
    """`?lang=` if the organization has that language, or else the best match of Accept-Language, or else the first.

    `accepted` follows RFC 9110, section 12.5.4. “pt” and “pt-PT” get “pt-BR” if nothing is closer.
    """
    for tag in (asked, *(tag for tag, weight in weights(accepted) if weight > 0)):
        exact = (language for language in known if language.casefold() == tag.casefold())
        near = (language for language in known if _primary(language) == _primary(tag))  # `de` for "de-AT"
        if found := next(exact, "") or next(near, ""):
            return found
    return known[0]


def weights(accepted: str) -> list[tuple[str, float]]:
    """The values of an Accept header with their weights, most wanted first (RFC 9110, section 12.4.2)."""
    found = []
    for part in accepted.split(",")[:20]:
        name, _, weight = part.partition(";")
        with suppress(ValueError):
            found.append((name.strip(), float(weight.strip().removeprefix("q=") or 1)))
    return sorted(found, key=lambda each: -each[1])


def _primary(tag: str) -> str:
    return tag.partition("-")[0].casefold()
