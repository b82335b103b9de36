"""Chooses one of the organization's languages for a reader of the public pages."""

from collections.abc import Sequence


def chosen(asked: str, accepted: str, known: Sequence[str]) -> str:
    """`?lang=` if the organization has that language, or else the best match of Accept-Language, or else the first.

    `accepted` follows RFC 9110, section 12.5.4. “pt” and “pt-PT” get “pt-BR” if nothing is closer.
    """
    for tag in (asked, *_by_weight(accepted)):
        exact = (language for language in known if language.casefold() == tag.casefold())
        near = (language for language in known if _primary(language) == _primary(tag))  # `de` for "de-AT"
        if found := next(exact, "") or next(near, ""):
            return found
    return known[0]


def _by_weight(accepted: str) -> list[str]:
    """The tags, most wanted first, without refused ones."""
    weighed = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";")
        try:
            wanted = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if wanted > 0:
            weighed.append((-wanted, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def _primary(tag: str) -> str:
    return tag.partition("-")[0].casefold()
