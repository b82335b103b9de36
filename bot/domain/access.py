"""Who may act on a chat platform: which groups a place gives, and what a command asks for there.

The rules stand here; the desk applies them, and `check` and `doctor` say which are in force.
"""

from datetime import timedelta

from bot.domain.organisation import Organisation
from bot.domain.people import Group

DECLARED_WITHIN = timedelta(minutes=10)
DECLARED_AT_MOST = 3
"""How many incidents one person declares in that time, unless foghorn.toml names them."""


def room_gives_responders(organisation: Organisation, platform: str) -> bool:
    """Whether being in an incident's room makes somebody a responder for that incident.

    On Slack people are brought into a channel, so its members respond until a user group says who does. On Discord
    everybody who can see the channel can open its threads, so being there means nothing.
    """
    return platform == "slack" and Group.RESPONDERS not in organisation.slack.groups


def needed(organisation: Organisation, verb: str, default: Group, platform: str) -> Group:
    """The group a command asks for on a platform: `[who_may]`, else the catalogue's; declaring on Discord is special.

    Anybody on the internet may be a member of a Discord server, so there it takes responders unless foghorn.toml says
    otherwise.
    """
    configured = organisation.who_may.get(verb)
    if configured is not None:
        return Group(configured)
    return Group.RESPONDERS if (verb, platform) == ("declare", "discord") else default


def rules(organisation: Organisation, platform: str) -> str:
    """Who responds and who declares on Slack or Discord, in a sentence for `check` and `doctor`."""
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
