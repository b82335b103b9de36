"""Who a Slack account is: full member of the workspace or not, name, and groups given by user groups."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from bot.commands.invocation import Account
from bot.platforms.slack.inbound import PLATFORM
from bot.platforms.slack.web import AWAY, SlackWeb, error_of, failure

log = logging.getLogger("foghorn.slack")
KNOWN_FOR_S = 300
LOOK_WITHIN_S = 2.0
TRIES = 2
NAME = 60
UNKNOWN_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})  # docs.slack.dev, users.info


@dataclass(frozen=True)
class Member:
    """A user. `stranger` is the reason, in one word, if this is not a full member of the workspace."""

    name: str
    stranger: str = ""  # guest, bot, elsewhere, gone, pending; unnamed: Foghorn may not ask who it is


def described(user: Mapping[str, Any], team: str) -> Member:
    """A user as Slack describes them, as seen from our workspace; an empty `team`: from any.

    Source: docs.slack.dev, "User object".
    """
    profile = user.get("profile") or {}
    name = profile.get("real_name") or user.get("real_name") or user.get("name") or user["id"]
    stranger = (
        "gone" if user.get("deleted")
        else "bot" if user.get("is_bot") or user["id"] == "USLACKBOT"
        else "guest" if user.get("is_restricted") or user.get("is_ultra_restricted")
        else "pending" if user.get("is_invited_user")
        else "elsewhere" if user.get("is_stranger") or (team and user.get("team_id", team) != team)
        else ""
    )  # fmt: skip
    return Member(str(name)[:NAME], stranger)


class Members:
    """Looks up users in Slack and caches them for five minutes. `listed`: the users in foghorn.toml."""

    def __init__(self, web: SlackWeb, groups: Mapping[str, str], listed: Collection[str] = ()) -> None:
        self._web = web
        self._listed = frozenset(listed)
        self._groups = groups  # our group -> id of the user group
        self._inside: dict[str, frozenset[str]] = {}
        self._seen: dict[str, tuple[float, Member]] = {}
        self.refused: Counter[str] = Counter()
        """How many requests were refused, by reason."""

    def known(self, user: str) -> Account | None:
        """The account of someone in foghorn.toml, or of a full member whom Slack described within five minutes."""
        if user in self._listed:
            return self.account(user, None)
        at, member = self._seen.get(user, (0.0, None))
        fresh = member is not None and not member.stranger and monotonic() - at < KNOWN_FOR_S
        return self.account(user, member) if fresh else None

    async def look(self, user: str, team: str) -> Member | None:
        """The user. While Slack does not answer, what it said last, or else None."""
        at, member = self._seen.get(user, (0.0, None))
        if member is not None and monotonic() - at < KNOWN_FOR_S:
            return member
        try:
            async with asyncio.timeout(LOOK_WITHIN_S):
                found = await self._ask(user)
        except AWAY as problem:
            log.warning("Slack did not identify %s: %s", user, problem)
            if not failure(problem).permanent:
                return member
            return Member("", "elsewhere" if error_of(problem) in UNKNOWN_USER else "unnamed")
        member = described(found, team)
        self._seen[user] = (monotonic(), member)
        return member

    async def _ask(self, user: str) -> Mapping[str, Any]:
        """Slack's description of a user; a temporary failure is retried once."""
        for attempt in range(1, TRIES + 1):
            try:
                return dict((await self._web.client.users_info(user=user))["user"])
            except AWAY as problem:
                if attempt == TRIES or failure(problem).permanent:
                    raise
        raise AssertionError("every attempt returns or raises")

    def account(self, user: str, member: Member | None) -> Account:
        """The account that runs commands; without a name it is treated as unknown."""
        name = member.name if member and not member.stranger else ""
        groups = frozenset(group for group, users in self._inside.items() if user in users)
        return Account(PLATFORM, user, name, groups)

    async def read_groups(self) -> None:
        """Read the members of the configured user groups. A group that cannot be read stays as it was."""
        for group, there in self._groups.items():
            try:
                answer = await self._web.client.usergroups_users_list(usergroup=there)
            except AWAY as problem:
                log.warning("the user group of %s cannot be read: %s", group, problem)
            else:
                self._inside[group] = frozenset(answer["users"])
