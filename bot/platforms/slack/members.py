"""Who a Slack account is: full member of the workspace or not, name, and groups given by user groups."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.commands.invocation import Account
from bot.errors import SendFailed
from bot.platforms.slack.inbound import PLATFORM
from bot.platforms.slack.web import SlackWeb

log = logging.getLogger("foghorn.slack")
KNOWN_FOR_S = 300


@dataclass(frozen=True)
class Member:
    """A user. `stranger` is the reason, in one word, if this is not a full member of the workspace."""

    name: str
    stranger: str = ""  # guest, bot, elsewhere, gone, pending


class Members:
    """Looks up users in Slack and caches them for five minutes."""

    def __init__(self, web: SlackWeb, groups: Mapping[str, str]) -> None:
        self._web = web
        self._groups = groups  # our group -> id of the user group
        self._inside: dict[str, frozenset[str]] = {}
        self._seen: dict[str, tuple[float, Member]] = {}
        self.refused: Counter[str] = Counter()
        """How many requests were refused, by reason."""

    async def look(self, user: str, team: str) -> Member | None:
        """The user, or None if Slack does not answer; then only people in foghorn.toml can act."""
        at, member = self._seen.get(user, (0.0, None))
        if member is not None and monotonic() - at < KNOWN_FOR_S:
            return member
        try:
            found = (await self._web.client.users_info(user=user))["user"]
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SendFailed) as problem:
            log.warning("Slack did not identify %s: %s", user, problem)
            return member
        profile = found.get("profile") or {}
        name = profile.get("real_name") or found.get("real_name") or found.get("name") or user
        stranger = (
            "gone" if found.get("deleted")
            else "bot" if found.get("is_bot") or user == "USLACKBOT"
            else "guest" if found.get("is_restricted") or found.get("is_ultra_restricted")
            else "pending" if found.get("is_invited_user")
            else "elsewhere" if found.get("is_stranger") or found.get("team_id", team) != team
            else ""
        )  # fmt: skip
        member = Member(str(name)[:60], stranger)
        self._seen[user] = (monotonic(), member)
        return member

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
            except (SlackApiError, aiohttp.ClientError, TimeoutError, SendFailed) as problem:
                log.warning("the user group of %s cannot be read: %s", group, problem)
            else:
                self._inside[group] = frozenset(answer["users"])
