"""Who may act on a chat platform: the groups that a place gives, and the group that a command needs there.

These are the rules. The desk applies them, and `check` and `doctor` report which are in force.
"""

from datetime import timedelta

from bot.domain.organisation import Organisation, PlatformConfig
from bot.domain.people import Group

DECLARED_WITHIN = timedelta(minutes=10)
DECLARED_AT_MOST = 3
"""How many incidents a person who is not in foghorn.toml may declare within that time."""


def room_gives_responders(organisation: Organisation, platform: str) -> bool:
    """Whether being in an incident's room makes someone a responder for that incident.

    It does on a platform where people have to be added to a channel, unless its `groups` define the responders.
    """
    config = organisation.platforms.get(platform, PlatformConfig())
    return config.room_members_respond and Group.RESPONDERS not in config.groups


def needed(organisation: Organisation, verb: str, default: Group, platform: str) -> Group:
    """The group that a command needs on a platform: `[who_may]`, or else the platform's or the catalog's."""
    configured = organisation.who_may.get(verb)
    if configured is None and verb == "declare":
        configured = organisation.platforms.get(platform, PlatformConfig()).declaring_needs
    return Group(configured or default)


def rules(organisation: Organisation, platform: str) -> str:
    """Who responds and who declares on a chat platform, as a sentence for `check` and `doctor`."""
    config = organisation.platforms.get(platform, PlatformConfig())
    there = config.groups.get(Group.RESPONDERS)
    who = [f"members of {config.role} {there}"] if there else []
    who += ["members of an incident's room, in that incident"] if room_gives_responders(organisation, platform) else []
    who += ["responders named in foghorn.toml", "people assigned or invited, in their incident"]
    declares = needed(organisation, "declare", Group.MEMBERS, platform)
    words = f"responders are {'; '.join(who)}. Incidents are declared by {declares.value}."
    hint = f'responders = "{config.role_id}"'
    return words if there else f"{words} To choose who responds, set [{platform}] groups = {{ {hint} }}."
