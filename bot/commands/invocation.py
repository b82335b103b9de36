"""What a person asked for, independent of the platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Account:
    """A user of one platform, before the person is known.

    `name` is set if the platform confirms a regular member (no guest, bot, or external user); unknown members are
    stored, not refused. `groups` come from the platform's groups or roles, by the configuration. `pending`: the
    platform has not admitted them yet (Discord's membership screening), so they can do nothing.
    `session` is set if they signed in to the console; it decides who they are, and whether they may still act.
    """

    platform: str
    id: str
    name: str = ""
    groups: frozenset[str] = frozenset()
    pending: bool = False
    session: str = field(default="", repr=False)


@dataclass(frozen=True)
class Place:
    """A channel on one platform, before its incident is known; empty: no particular place."""

    platform: str
    channel: str = ""


@dataclass(frozen=True)
class Invocation:
    """One command to run: the verb, what was typed per field, who typed it, and where.

    `key` identifies the request (a trigger ID or form key), so that a repeated one runs only once; empty: not checked.
    `values` are set if the command's fields have been parsed without a problem. `confirmed`: the people whom their
    platform has confirmed, by what was typed.
    """

    verb: str
    typed: Mapping[str, str]
    who: Account
    where: Place
    key: str = ""
    values: Mapping[str, object] | None = field(default=None, compare=False, repr=False)
    confirmed: Mapping[str, Account] = field(default_factory=dict, compare=False)

    def with_typed(self, typed: Mapping[str, str]) -> "Invocation":
        """The same with something else typed, which has not been parsed yet."""
        return replace(self, typed=typed, values=None)
