"""The app manifest: its scopes are those of the methods that are called, and no others.

Source: docs.slack.dev, "App manifest", and the required scopes on each method's and event's page.
"""

from typing import Any

from bot.commands import catalog
from bot.platforms.slack.events import SHORTCUT
from bot.platforms.slack.inbound import PREFIX
from bot.platforms.slack.methods import METHODS
from bot.views.notices import ABOUT

EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "channel_archive": ("channels:read",),
    "channel_id_changed": ("channels:history", "groups:history"),
    "channel_rename": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "reaction_added": ("reactions:read",),
}

BOT_SCOPES = sorted(
    {"commands", "metadata.message:read"}
    | {scope for method in METHODS.values() for scope in method.scopes.split()}
    | {scope for scopes in EVENTS.values() for scope in scopes}
)

WITHOUT: dict[str, str] = {
    "app_mentions:read": "commands in threads (`@Foghorn update …`) do not work",
    "bookmarks:read": "rooms have no bookmark for the status page",
    "bookmarks:write": "rooms have no bookmark for the status page",
    "channels:history": "Foghorn cannot check whether a message arrived, and pushpins are not added to the timeline",
    "channels:join": "Foghorn must be invited to a public channel before the channel can be subscribed",
    "channels:manage": "incidents get no room of their own",
    "channels:read": "people who join a room are not shown what customers know, and lost channels are not found again",
    "chat:write": "Foghorn cannot post messages",
    "commands": "the slash command does not work",
    "files:write": "exports are sent as text instead of files, and channels get no picture of a resolved incident",
    "groups:history": "Foghorn cannot check whether a message arrived in a private channel",
    "groups:read": "Foghorn cannot check private channels before they are subscribed",
    "groups:write": "private incidents get no room of their own",
    "im:history": "Foghorn cannot check whether a direct message arrived",
    "im:write": "Foghorn cannot check whether a direct message arrived, and exports are sent as text",
    "metadata.message:read": "Foghorn cannot check whether a message arrived",
    "pins:write": "the card is not pinned",
    "reactions:read": "pushpins are not added to the timeline",
    "usergroups:read": "Slack user groups give no one a group in Foghorn",
    "users:read": "members who are not in foghorn.toml cannot declare, draft, add notes, or get a role",
}
"""What does not work without a scope, for `foghorn doctor`."""


def manifest(command: str, *, http_url: str = "") -> dict[str, Any]:
    """The app manifest, for Socket Mode, or for HTTP if a URL is given."""
    address = {"url": http_url} if http_url else {}
    request = {"request_url": http_url} if http_url else {}
    noted, declared = catalog.of_message(), catalog.declaring()
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Foghorn",
            "description": "Incident updates that are checked, approved, and on time",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Foghorn", "always_online": True},
            "shortcuts": [
                _shortcut(noted.message_menu, noted.verb, "Adds the message to the incident timeline"),
                _shortcut("Declare from this message", declared.verb, "Opens the form with the message as the title"),
            ],
            "slash_commands": [
                {
                    "command": command,
                    "description": ABOUT,
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


def _shortcut(name: str, verb: str, description: str) -> dict[str, str]:
    return {"name": name, "type": "message", "callback_id": f"{PREFIX}{verb}{SHORTCUT}", "description": description}
