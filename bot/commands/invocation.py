"""What a person asked for, in no platform's terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """A user on one platform, before we know who it is.

    `name` is set where the platform vouches for a member of ours (no guest, no bot, no stranger): they are met, not
    refused. `groups` are those that the platform's own groups or roles give them, by the configuration. `pending`: the
    platform has not admitted them yet (Discord's membership screening), so they do nothing, whoever they are.
    `session` is set where they signed in to the console: whose it is decides who they are, and whether they still may.
    """

    platform: str
    id: str
    name: str = ""
    groups: frozenset[str] = frozenset()
    pending: bool = False
    session: str = field(default="", repr=False)


@dataclass(frozen=True)
class Place:
    """A channel on one platform, before we know whose room it is; empty: nowhere in particular."""

    platform: str
    channel: str = ""


@dataclass(frozen=True)
class Invocation:
    """One command to run: its verb, what was typed per field, who typed it and where.

    `key` names the request (a trigger id, a form key), so that a repeated one is carried out once; empty: no repeats.
    """

    verb: str
    typed: Mapping[str, str]
    who: Account
    where: Place
    key: str = field(default="")
