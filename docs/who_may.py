"""The table of who may use which command, for docs/reference/who-may.md. tests/commands/test_who_may.py checks it."""

from bot.commands import catalog
from bot.commands.catalog import Command, IncidentScope
from bot.domain.people import Group
from bot.platforms.discord.config import DiscordConfig
from bot.platforms.slack.config import SlackConfig

WHO_MAY = """# Who may use which command

This is the table for Slack and Discord without `[who_may]` in foghorn.toml, which changes single verbs. “Slack” in a
cell: on Slack only. “Slack, no group”: on Slack, while `[slack] groups` names no responders.

- **Support**: invited with `foghorn people invite NAME --support`.
- **Member**: a full member of the workspace, or an admitted member of the server. Guests, bots, people from elsewhere,
  and people who are not admitted yet may use nothing.
- **In the room**: a member who is in the incident's room.
- **Role or user group**: has the role, or is in the user group, that `groups.responders` names.
- **Invited or assigned**: to this incident.
- **Responder**, **Administrator**, **Approver**: listed in foghorn.toml with that group; the approver of this table
  is a responder too.

Nobody approves a revision that they wrote. Private incidents exist only for the people who were invited or have a role
in them.
"""
_MEMBER = frozenset({Group.MEMBERS, Group.SUPPORT})
_RESPONDER = _MEMBER | {Group.RESPONDERS}
KINDS = {
    "Support": frozenset({Group.SUPPORT}),
    "Member": _MEMBER,
    "In the room": _MEMBER,
    "Role or user group": _RESPONDER,
    "Invited or assigned": _RESPONDER,
    "Responder": _RESPONDER,
    "Administrator": _RESPONDER | {Group.ADMINISTRATORS},
    "Approver": _RESPONDER | {Group.APPROVERS},
}
LISTED_ONLY = {"publish": ("Responder", "Administrator", "Approver"), "approve": ("Approver",)}
PLATFORMS = {"Slack": SlackConfig, "Discord": DiscordConfig}


def who_may() -> str:
    """Kind of person x command x platform. The test of who may what compares it with what the commands do."""
    rows = ["| command | " + " | ".join(KINDS) + " |", "| --- |" + " :-: |" * len(KINDS)]
    for command in catalog.COMMANDS.values():
        cells = [_may(command, kind, groups) for kind, groups in KINDS.items()]
        rows.append(f"| `{command.verb}` | " + " | ".join(cells) + " |")
    return f"{WHO_MAY}\n" + "\n".join(rows) + "\n"


def _may(command: Command, kind: str, groups: frozenset[Group]) -> str:
    """`yes`, or where: on Slack alone, or on Slack while no user group responds."""
    if command.verb in LISTED_ONLY:
        return "yes" if kind in LISTED_ONLY[command.verb] else ""
    if kind == "Invited or assigned" and command.incident is IncidentScope.NONE:
        groups = _MEMBER
    there = [name for name in PLATFORMS if _needed(command, name) in groups]
    if kind == "In the room" and command.incident is not IncidentScope.NONE and command.who_may is Group.RESPONDERS:
        return "Slack, no group"
    return "yes" if len(there) == len(PLATFORMS) else ", ".join(there)


def _needed(command: Command, platform: str) -> Group:
    declaring = PLATFORMS[platform].declaring_needs if command.verb == "declare" else None
    return Group(declaring or command.who_may)
