"""Who may act on a chat platform: the groups that a place gives, and the group that a command needs there.

These are the rules. The desk applies them, and `check` and `doctor` report which are in force.
"""

from datetime import timedelta

from bot.domain.organisation import Organisation
from bot.domain.people import Group

DECLARED_WITHIN = timedelta(minutes=10)
DECLARED_AT_MOST = 3
"""How many incidents a person who is not in foghorn.toml may declare within that time."""


def room_gives_responders(organisation: Organisation, platform: str) -> bool:
    """Whether being in an incident's room makes someone a responder for that incident.

    On Slack, people are added to a channel, so its members are responders unless a user group defines them. On Discord,
    everyone who can see the channel can open its threads, so being there means nothing.
    """
    return platform == "slack" and Group.RESPONDERS not in organisation.slack.groups


def needed(organisation: Organisation, verb: str, default: Group, platform: str) -> Group:
    """The group that a command needs on a platform: `[who_may]`, or else the catalog's.

    A Discord server may be open to anyone, so declaring there needs responders unless foghorn.toml says otherwise.
    """
    configured = organisation.who_may.get(verb)
    if configured is not None:
        return Group(configured)
    return Group.RESPONDERS if (verb, platform) == ("declare", "discord") else default


def rules(organisation: Organisation, platform: str) -> str:
    """Who responds and who declares on Slack or Discord, as a sentence for `check` and `doctor`."""
    groups = organisation.slack.groups if platform == "slack" else organisation.discord.groups
    there = groups.get(Group.RESPONDERS)
    what = "user group" if platform == "slack" else "role"
    who = [f"members of {what} {there}"] if there else []
    who += ["members of an incident's room, in that incident"] if room_gives_responders(organisation, platform) else []
    who += ["responders named in foghorn.toml", "people assigned or invited, in their incident"]
    declares = needed(organisation, "declare", Group.MEMBERS, platform)
    words = f"responders are {'; '.join(who)}. Incidents are declared by {declares.value}."
    hint = 'responders = "S0123ABCD"' if platform == "slack" else 'responders = "ROLE ID"'
    return words if there else f"{words} To choose who responds, set [{platform}] groups = {{ {hint} }}."
