"""Which of the organization's languages a reader of the public pages gets."""

from collections.abc import Sequence


def chosen(asked: str, accepted: str, known: Sequence[str]) -> str:
    """`?lang=` where the organization has that language, else the best of Accept-Language, else the first one.

    `accepted` is read as RFC 9110 has it, section 12.5.4; "pt" and "pt-PT" get "pt-BR" where nothing is nearer.
    """
    for tag in (asked, *_by_weight(accepted)):
        found = _exactly(tag, known) or _nearly(tag, known)
        if found:
            return found
    return known[0]


def _by_weight(accepted: str) -> list[str]:
    """The tags, the most wanted first, without those that are refused."""
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


def _exactly(tag: str, known: Sequence[str]) -> str:
    return next((language for language in known if language.casefold() == tag.casefold()), "")


def _nearly(tag: str, known: Sequence[str]) -> str:
    """`de` for "de-AT"."""
    return next((language for language in known if _primary(language) == _primary(tag)), "")


def _primary(tag: str) -> str:
    return tag.partition("-")[0].casefold()
