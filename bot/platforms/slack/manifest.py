"""The app as Slack is told of it: its scopes are those of the methods that are called, and no others.

Source: docs.slack.dev, "App manifest", and the required scopes on each method's and event's page.
"""

from typing import Any

from bot.platforms.slack.events import DECLARE_MESSAGE, NOTE_MESSAGE

PUBLIC, PRIVATE = "channels", "groups"

METHODS: dict[str, tuple[str, ...]] = {
    "apps.connections.open": (),  # of the app-level token: connections:write
    "auth.test": (),
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.archive": ("channels:manage", "groups:write"),
    "conversations.create": ("channels:manage", "groups:write"),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.invite": ("channels:manage", "groups:write"),
    "conversations.join": ("channels:join",),
    "conversations.kick": ("channels:manage", "groups:write"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "conversations.setPurpose": ("channels:manage", "groups:write"),
    "conversations.setTopic": ("channels:manage", "groups:write"),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "pins.add": ("pins:write",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.update": (),
}
"""Every method that is called, with its scopes; a test compares the names with the code."""

EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "reaction_added": ("reactions:read",),
}

BOT_SCOPES = sorted(
    {"commands", "metadata.message:read"}
    | {scope for scopes in (*METHODS.values(), *EVENTS.values()) for scope in scopes}
)

WITHOUT: dict[str, str] = {
    "app_mentions:read": "commands in threads (`@Foghorn update …`) do not work",
    "bookmarks:read": "rooms are without a bookmark of the status page",
    "bookmarks:write": "rooms are without a bookmark of the status page",
    "channels:history": "whether a message arrived cannot be looked up, and pushpins are not added to the timeline",
    "channels:join": "a public channel must invite Foghorn before it is subscribed",
    "channels:manage": "incidents get no channel of their own",
    "channels:read": "nobody who comes late is told what customers know, and lost channels are not found again",
    "chat:write": "nothing can be said",
    "commands": "there is no command",
    "files:write": "exports come as text instead of files",
    "groups:history": "whether a message arrived in a private channel cannot be looked up",
    "groups:read": "private channels cannot be subscribed with certainty",
    "groups:write": "private incidents get no channel of their own",
    "im:history": "whether a direct message arrived cannot be looked up",
    "im:write": "direct messages are not looked up and exports come as text",
    "metadata.message:read": "whether a message arrived cannot be looked up",
    "pins:write": "the card is not pinned",
    "reactions:read": "pushpins are not added to the timeline",
    "usergroups:read": "user groups give nobody a group here",
    "users:read": "members who do not stand in foghorn.toml cannot declare, draft and note",
}
"""What is missing without a scope, for `foghorn doctor`."""


def manifest(command: str, *, http_url: str = "") -> dict[str, Any]:
    """The app's manifest: Socket Mode, or HTTP where an address is given."""
    address = {"url": http_url} if http_url else {}
    request = {"request_url": http_url} if http_url else {}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Foghorn",
            "description": "Incident updates that are checked, approved and on time",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Foghorn", "always_online": True},
            "shortcuts": [
                _shortcut("Add to timeline", NOTE_MESSAGE, "Adds the message to the incident's timeline"),
                _shortcut("Declare from this message", DECLARE_MESSAGE, "Opens the form with its words"),
            ],
            "slash_commands": [
                {
                    "command": command,
                    "description": "Declare, update and resolve incidents",
                    "usage_hint": "declare API errors sev:1 on:api=major · help",
                    "should_escape": True,
                    **address,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": BOT_SCOPES}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS), **request},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not http_url,
            "token_rotation_enabled": False,
        },
    }


def _shortcut(name: str, callback_id: str, description: str) -> dict[str, str]:
    return {"name": name, "type": "message", "callback_id": callback_id, "description": description}
