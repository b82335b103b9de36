"""IDs of a platform in what people type: `<@U0123>`, `<#C0123>`. Texts get the names; a field for a person finds them.

The platform is asked before a command runs, outside transactions.
"""

import re
from collections.abc import Awaitable, Callable

from bot.commands import catalog
from bot.commands.invocation import Invocation
from bot.ports import PlatformId

NAME = 60
MOST = 20  # of the IDs in one text that are looked up
HIDDEN = "a private channel"
_REFERENCE = re.compile(r"<(@&|@!?|#|!subteam\^)(\w+)(?:\|([^<>]*))?>")
_PICTURE = re.compile(r"<a?(:\w+:)\d+>")  # an emoji of a Discord server; docs.discord.com, "Message Formatting"
_KINDS = {"@": "person", "@!": "person", "#": "channel"}  # the others are groups

Lookup = Callable[[PlatformId], Awaitable[str | None]]
"""The name behind an ID; empty if it must not be named, None if it is not known."""


def references(words: str) -> list[PlatformId]:
    """What the IDs in a text refer to, each once."""
    return list(dict.fromkeys(_read(found) for found in _REFERENCE.finditer(words)))


async def named(words: str, lookup: Lookup) -> str:
    """The text with names in place of IDs. An ID without a name stays, but not as markup."""
    names = {reference: await lookup(reference) for reference in references(words)[:MOST]}

    def show(found: re.Match[str]) -> str:
        reference = _read(found)
        name = names.get(reference)
        if name is None:
            name = found[3] or reference.id
        if not name:
            return HIDDEN
        mark = "#" if reference.kind == "channel" else "@"
        return mark + " ".join(name.split()).lstrip(mark)[:NAME]

    return _PICTURE.sub(r"\1", _REFERENCE.sub(show, words))


async def with_names(asked: Invocation, lookup: Lookup) -> Invocation:
    """The command with names in place of the IDs in its texts. Fields that are looked up themselves keep theirs."""
    prose = {field.name for field in catalog.find(asked.verb).fields if field.prose and field.name != "channel"}
    texts = {name: words for name, words in asked.typed.items() if name in prose}
    found = {name: words for name, words in texts.items() if _REFERENCE.search(words) or _PICTURE.search(words)}
    if not found:
        return asked
    shown = {name: await named(words, lookup) for name, words in found.items()}
    return asked.with_typed({**asked.typed, **shown})


def _read(found: re.Match[str]) -> PlatformId:
    kind = _KINDS.get(found[1])
    return PlatformId("person" if kind == "person" else "channel" if kind else "group", found[2])
