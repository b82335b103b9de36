"""What parts of foghorn.toml say about one another, and about names that Foghorn knows."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from bot.domain.destinations import Destination

if TYPE_CHECKING:
    from bot.domain.organisation import Organisation, SubscriptionConfig

GROUPS = ("members", "responders", "approvers", "security", "administrators")
_NUMBERS = {"SEV1", "SEV2", "SEV3", "SEV4", "first_investigating", "no_change"}
"""The keys of `[approval]` that say how many approvers there have to be."""


@dataclass(frozen=True)
class AllowedNames:
    """Names that foghorn.toml may use: the context of its validators. Without it, every name is accepted."""

    verbs: Collection[str]
    rules: Collection[str]  # numbers and names of the lint's rules, in lower case
    leaks: Collection[str]  # those of them that nobody may turn off
    missing_texts: Callable[[str], Sequence[str]]  # language -> the files that it lacks


def wrong_at(problem: str, *where: str | int, first: tuple[str | int, ...] = (), of: str = "") -> PydanticCustomError:
    """A mistake that involves several keys: the path to the wrong line, and to the one it contradicts.

    `of` is the name that was looked for. If the line that has it is wrong itself, this mistake follows from that one.
    """
    return PydanticCustomError("reference", "{problem}", {"problem": problem, "where": where, "first": first, "of": of})


def mistakes(organisation: "Organisation", known: AllowedNames | None) -> Iterator[PydanticCustomError]:
    """Everything that does not fit together."""
    yield from _repeated(organisation)
    yield from _unlisted(organisation)
    for verb, group in organisation.who_may.items():
        if group not in GROUPS:
            yield wrong_at(f"who_may.{verb}: {not_a_group(group)}", "who_may", verb)
    yield from _announcements(organisation)
    yield from _approvers(organisation)
    if known is not None:
        yield from _unknown(organisation, known)


def not_a_group(name: str) -> str:
    """The refusal of a group."""
    return f"“{name}” is not a group; use {', '.join(GROUPS[:-1])}, or {GROUPS[-1]}"


def _repeated(organisation: "Organisation") -> Iterator[PydanticCustomError]:
    tables = {
        "component key": ("components", "key", [each.key for each in organisation.components]),
        "handle": ("people", "handle", [each.handle for each in organisation.people]),
        "channel": ("channels", "name", [each.name for each in organisation.channels]),
        "webhook": ("webhooks", "name", [each.name for each in organisation.webhooks]),
    }
    for platform in organisation.platforms:
        accounts = [person.accounts.get(platform, "").strip().upper() for person in organisation.people]
        tables[f"{platform.capitalize()} account"] = ("people", platform, accounts)
    for what, (table, key, names) in tables.items():
        for number, name in enumerate(names):
            first = names.index(name)
            if name and first < number:
                yield wrong_at(f"the {what} “{name}” is listed twice", table, number, key, first=(table, first, key))
    for number, language in enumerate(organisation.languages):
        if language in organisation.languages[:number]:
            yield wrong_at(f"languages lists “{language}” twice", "languages", number)


def _unlisted(organisation: "Organisation") -> Iterator[PydanticCustomError]:
    asked = organisation.escalate_to
    if asked and asked not in [person.handle for person in organisation.people]:
        yield wrong_at(f"escalate_to is “{asked}”, who is not listed under [[people]]", "escalate_to", of=asked)
    chosen: dict[tuple[str, int], SubscriptionConfig | None] = {}
    chosen |= {("channels", number): channel.follows for number, channel in enumerate(organisation.channels)}
    chosen |= {("webhooks", number): webhook.follows for number, webhook in enumerate(organisation.webhooks)}
    keys = [component.key for component in organisation.components]
    for where, follows in chosen.items():
        for number, key in enumerate(follows.components if follows else ()):
            if key not in keys:
                problem = f"follows lists “{key}”, which is not a component; the keys are {', '.join(keys)}"
                yield wrong_at(problem, *where, "follows", "components", number, of=key)
        if follows and "language" in follows.model_fields_set and follows.language not in organisation.languages:
            problem = f"follows is in “{follows.language}”, which is not one of languages; add it there"
            yield wrong_at(problem, *where, "follows", "language", of=follows.language)


def _announcements(organisation: "Organisation") -> Iterator[PydanticCustomError]:
    """Announcements go to chat platforms, and not to where incidents are worked on."""
    config, platforms = organisation.announce, organisation.platforms
    lists: dict[tuple[str, ...], tuple[str, ...]] = {("channels",): config.channels}
    lists |= {("ping", severity.value): listed for severity, listed in config.ping.items()}
    for path, listed in lists.items():
        for number, text in enumerate(listed):
            there = Destination.parse(text)
            where: tuple[str | int, ...] = ("announce", *path, number)
            if there.platform not in platforms or not there.place:
                ways = " or ".join(f"{name}:ID" for name in platforms)
                yield wrong_at(f"announce.{path[0]} lists “{text}”; write it as {ways}", *where)
            elif path == ("channels",) and there.place in platforms[there.platform].room_channels:
                problem = (
                    f"announce.channels lists “{text}”, which holds the rooms of incidents; choose another channel"
                )
                yield wrong_at(problem, *where)
            elif path == ("channels",) and text in listed[:number]:
                yield wrong_at(f"announce.channels lists “{text}” twice", *where)


def _approvers(organisation: "Organisation") -> Iterator[PydanticCustomError]:
    there = sum("approvers" in person.groups for person in organisation.people)
    for key in organisation.approval.model_fields_set & _NUMBERS:
        wanted = int(getattr(organisation.approval, key))
        if wanted > there:
            have = {0: "no one is", 1: "only one person is"}.get(there, f"only {there} people are")
            problem = f"approval.{key} is {wanted}, but {have} in the group approvers; add approvers, or lower it"
            yield wrong_at(problem, "approval", key, of="approvers")


def _unknown(organisation: "Organisation", known: AllowedNames) -> Iterator[PydanticCustomError]:
    for verb in organisation.who_may:
        if verb not in known.verbs:
            yield wrong_at(f"who_may lists “{verb}”, which is not a command{_near(verb, known.verbs)}", "who_may", verb)
    for number, language in enumerate(organisation.languages):
        if missing := known.missing_texts(language):
            problem = f"texts in “{language}” are missing, such as {missing[0]}; remove the language, or add the files"
            yield wrong_at(f"{problem} that `foghorn templates lint` lists", "languages", number)
    for number, rule in enumerate(organisation.lint.off):
        if rule.casefold() not in known.rules:
            yield wrong_at(
                f"lint.off lists “{rule}”, which is not a rule{_near(rule, known.rules)}", "lint", "off", number
            )
        elif rule.casefold() in known.leaks:
            problem = f"lint.off lists “{rule}”, which keeps secrets and internal details from customers and stays on"
            yield wrong_at(f"{problem}; remove it", "lint", "off", number)


def _near(name: str, names: Collection[str]) -> str:
    near = get_close_matches(name.casefold(), names, n=1)
    return f"; did you mean “{near[0]}”" if near else "; remove it"
