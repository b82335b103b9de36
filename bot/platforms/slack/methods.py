"""The methods of Slack's Web API that are called; a test compares the names with the code.

Source: docs.slack.dev, "Rate limits", and the scopes and the tier on each method's page.
"""

from typing import NamedTuple

TIER_2, TIER_3, TIER_4 = 20, 50, 100  # calls a minute


class Method(NamedTuple):
    """How often a method may be called, and the scopes that it needs, separated by spaces."""

    per_minute: int | None  # None: no limit of its own
    scopes: str = ""


METHODS = {
    "apps.connections.open": Method(None),  # of the app-level token: connections:write
    "auth.test": Method(None),
    "bookmarks.add": Method(TIER_2, "bookmarks:write"),
    "bookmarks.list": Method(TIER_3, "bookmarks:read"),
    "chat.delete": Method(TIER_3, "chat:write"),
    "chat.postEphemeral": Method(TIER_4, "chat:write"),
    "chat.postMessage": Method(None, "chat:write"),  # see limits.py
    "chat.update": Method(TIER_3, "chat:write"),
    "conversations.archive": Method(TIER_2, "channels:manage groups:write"),
    "conversations.create": Method(TIER_2, "channels:manage groups:write"),
    "conversations.history": Method(TIER_3, "channels:history groups:history im:history"),
    "conversations.info": Method(TIER_3, "channels:read groups:read"),
    "conversations.invite": Method(TIER_3, "channels:manage groups:write"),
    "conversations.join": Method(TIER_3, "channels:join"),
    "conversations.kick": Method(TIER_3, "channels:manage groups:write"),
    "conversations.list": Method(TIER_2, "channels:read groups:read"),
    "conversations.open": Method(TIER_3, "im:write"),
    "conversations.replies": Method(TIER_3, "channels:history groups:history im:history"),
    "conversations.setPurpose": Method(TIER_2, "channels:manage groups:write"),
    "conversations.setTopic": Method(TIER_2, "channels:manage groups:write"),
    "files.completeUploadExternal": Method(None, "files:write"),
    "files.delete": Method(None, "files:write"),
    "files.getUploadURLExternal": Method(None, "files:write"),
    "pins.add": Method(TIER_2, "pins:write"),
    "usergroups.list": Method(TIER_2, "usergroups:read"),
    "usergroups.users.list": Method(TIER_2, "usergroups:read"),
    "users.info": Method(TIER_4, "users:read"),
    "users.list": Method(TIER_2, "users:read"),
    "views.open": Method(TIER_4),
    "views.publish": Method(TIER_4),
    "views.update": Method(TIER_4),
}
