"""What Slack accepts: arguments of methods and the limits of Block Kit. Whatever is not listed is refused.

Source of limits: docs.slack.dev, reference of each block, element and composition object.
"""

from collections.abc import Callable, Mapping
from typing import Any

# Slack's OpenAPI description of 2021 (github.com/slackapi/slack-api-specs); where that file is at hand, a test holds
# these lists against it. NEWER: what the method pages of docs.slack.dev list since then.
ARGUMENTS = {
    "auth.test": set(),
    "chat.delete": {"as_user", "channel", "ts"},
    "chat.postEphemeral": {
        "as_user", "attachments", "blocks", "channel", "icon_emoji", "icon_url", "link_names", "parse", "text",
        "thread_ts", "user", "username",
    },
    "chat.postMessage": {
        "as_user", "attachments", "blocks", "channel", "icon_emoji", "icon_url", "link_names", "mrkdwn", "parse",
        "reply_broadcast", "text", "thread_ts", "unfurl_links", "unfurl_media", "username",
    },
    "chat.update": {"as_user", "attachments", "blocks", "channel", "link_names", "parse", "text", "ts"},
    "conversations.archive": {"channel"},
    "conversations.create": {"is_private", "name"},
    "conversations.history": {"channel", "cursor", "inclusive", "latest", "limit", "oldest"},
    "conversations.info": {"channel", "include_locale", "include_num_members"},
    "conversations.invite": {"channel", "users"},
    "conversations.join": {"channel"},
    "conversations.kick": {"channel", "user"},
    "conversations.list": {"cursor", "exclude_archived", "limit", "types"},
    "conversations.open": {"channel", "return_im", "users"},
    "conversations.replies": {"channel", "cursor", "inclusive", "latest", "limit", "oldest", "ts"},
    "conversations.setPurpose": {"channel", "purpose"},
    "conversations.setTopic": {"channel", "topic"},
    "files.delete": {"file"},
    "pins.add": {"channel", "timestamp"},
    "usergroups.list": {"include_count", "include_disabled", "include_users"},
    "usergroups.users.list": {"include_disabled", "usergroup"},
    "users.info": {"include_locale", "user"},
    "users.list": {"cursor", "include_locale", "limit"},
    "views.open": {"trigger_id", "view"},
    "views.publish": {"hash", "user_id", "view"},
    "views.push": {"trigger_id", "view"},
    "views.update": {"external_id", "hash", "view", "view_id"},
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"
NEWER = {
    "auth.test": {"team_id"},  # Bolt sends it with every call of a request's own client
    "apps.connections.open": set(),  # docs.slack.dev/reference/methods/apps.connections.open
    "bookmarks.add": {"channel_id", "title", "type", "emoji", "entity_id", "link", "parent_id"},  # .../bookmarks.add
    "bookmarks.list": {"channel_id"},
    "chat.postEphemeral": {"markdown_text"},
    "chat.postMessage": {"markdown_text", "metadata"},  # .../chat.postMessage
    "chat.update": {"file_ids", "markdown_text", "metadata", "reply_broadcast"},  # .../chat.update
    "conversations.history": {"include_all_metadata"},  # .../conversations.history
    "conversations.create": {"team_id"},
    "conversations.invite": {"force"},
    "conversations.list": {"team_id"},
    "conversations.open": {"prevent_creation"},
    "conversations.replies": {"include_all_metadata"},  # .../conversations.replies
    "files.completeUploadExternal": {"files", "channel_id", "channels", "initial_comment", "thread_ts", "blocks"},
    "files.getUploadURLExternal": {"filename", "length", "alt_txt", "snippet_type"},
    "usergroups.users.list": {"team_id"},
    "views.open": {"interactivity_pointer"},
    "views.push": {"interactivity_pointer"},
}
NEEDED = {
    "chat.delete": {"channel", "ts"},
    "chat.postEphemeral": {"channel", "user"},
    "chat.postMessage": {"channel"},
    "chat.update": {"channel", "ts"},
    "bookmarks.add": {"channel_id", "title", "type"},
    "bookmarks.list": {"channel_id"},
    "conversations.archive": {"channel"},
    "conversations.create": {"name"},
    "conversations.history": {"channel"},
    "conversations.info": {"channel"},
    "conversations.invite": {"channel", "users"},
    "conversations.kick": {"channel", "user"},
    "conversations.setPurpose": {"channel", "purpose"},
    "conversations.setTopic": {"channel", "topic"},
    "files.completeUploadExternal": {"files"},
    "files.delete": {"file"},
    "files.getUploadURLExternal": {"filename", "length"},
    "pins.add": {"channel"},
    "usergroups.users.list": {"usergroup"},
    "views.publish": {"user_id", "view"},
    "conversations.join": {"channel"},
    "conversations.replies": {"channel", "ts"},
    "users.info": {"user"},
    "views.open": {"view"},
    "views.push": {"view"},
    "views.update": {"view"},
}


class RefusedError(Exception):
    """Slack's word for what is wrong, and details for the developer."""

    def __init__(self, error: str, *details: str, **more: Any) -> None:
        super().__init__(f"{error}: {', '.join(details)}")
        self.error = error
        self.details = details
        self.more = more


def check_arguments(method: str, given: Mapping[str, Any]) -> None:
    """Stricter than Slack, which ignores unknown arguments of most methods: a slip shall not pass unseen."""
    if method not in ARGUMENTS and method not in NEWER:
        raise RefusedError("unknown_method", method)
    known = ARGUMENTS.get(method, set()) | NEWER.get(method, set())
    if unknown := given.keys() - known - {"token"}:
        raise RefusedError("invalid_arg_name", *sorted(unknown))
    if missing := NEEDED.get(method, set()) - given.keys():
        raise RefusedError("invalid_arguments", f"missing: {', '.join(sorted(missing))}")


def check_message(message: Mapping[str, Any]) -> None:
    """Text and blocks of a message."""
    blocks = message.get("blocks") or []
    text = message.get("text") or ""
    if not blocks and not text and not message.get("attachments"):
        raise RefusedError("no_text")
    if len(text) > 40_000:  # longer ones are cut; chat.postMessage, "Truncating content"
        raise RefusedError("msg_too_long")
    if len(blocks) > 50:
        raise RefusedError("invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]")
    if not text:
        raise RefusedError("our_rule", "a message needs `text` for lock screens and screen readers")
    check_blocks(blocks, "message")
    if _length(blocks) > 13_200:  # observed by others, not documented
        raise RefusedError("msg_blocks_too_long")


def check_view(view: Mapping[str, Any]) -> None:
    """A modal."""
    allowed = {
        "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close",
        "notify_on_close", "external_id", "submit_disabled",
    }  # fmt: skip
    _keys(view, allowed, "view")
    if view.get("type") != "modal":
        raise RefusedError("invalid_arguments", "type must be modal")
    for name in ("title", "close", "submit"):
        if name in view:
            _text(view[name], 24, f"view/{name}", kinds=("plain_text",))
    if not view.get("title"):
        raise RefusedError("invalid_arguments", "missing required field: title")
    blocks = view.get("blocks") or []
    if not 1 <= len(blocks) <= 100:
        raise RefusedError("invalid_arguments", "a view has 1 to 100 blocks")
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        raise RefusedError("invalid_arguments", "private_metadata up to 3000, callback_id up to 255 characters")
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        raise RefusedError("invalid_arguments", "submit is required when an input block is used")
    check_blocks(blocks, "modal")


def check_blocks(blocks: list[dict[str, Any]], surface: str) -> None:
    """Every block, and that their ids differ."""
    for number, block in enumerate(blocks):
        kind = block.get("type", "")
        if kind not in BLOCKS or (kind == "input" and surface == "message"):
            raise RefusedError("invalid_blocks", f"unsupported type: {kind} [json-pointer:/blocks/{number}/type]")
        BLOCKS[kind](block, f"/blocks/{number}")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(each) > 255 for each in ids):
        raise RefusedError("invalid_blocks", "block_id already exists, or is longer than 255")


def _header(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "text", "block_id"}, at)
    _text(block["text"], 150, at, kinds=("plain_text",))


def _section(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "text", "fields", "accessory", "block_id", "expand"}, at)
    _text(block["text"], 3000, at)


def _context(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "elements", "block_id"}, at)
    if not 1 <= len(block["elements"]) <= 10:
        raise RefusedError("invalid_blocks", f"1 to 10 elements [json-pointer:{at}/elements]")
    for element in block["elements"]:
        _text(element, 2000, at)


def _actions(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "elements", "block_id"}, at)
    if not 1 <= len(block["elements"]) <= 25:
        raise RefusedError("invalid_blocks", f"1 to 25 elements [json-pointer:{at}/elements]")
    for element in block["elements"]:
        _element(element, at)
    ids = [element["action_id"] for element in block["elements"]]
    if len(ids) != len(set(ids)):
        raise RefusedError("invalid_blocks", f"action_id already exists [json-pointer:{at}/elements]")


def _input(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "label", "element", "hint", "optional", "block_id", "dispatch_action"}, at)
    _text(block["label"], 2000, at, kinds=("plain_text",))
    if "hint" in block:
        _text(block["hint"], 2000, at, kinds=("plain_text",))
    if block["element"]["type"] == "button":
        raise RefusedError("invalid_blocks", f"a button is no input [json-pointer:{at}/element]")
    _element(block["element"], at)


def _rich_text(block: dict[str, Any], at: str) -> None:
    _keys(block, {"type", "elements", "block_id"}, at)
    if not block["elements"]:
        raise RefusedError("invalid_blocks", f"no elements [json-pointer:{at}/elements]")
    for part in block["elements"]:
        if part["type"] not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"):
            raise RefusedError("invalid_blocks", f"unsupported type: {part['type']} [json-pointer:{at}]")
        if not part["elements"]:
            raise RefusedError("invalid_blocks", f"no elements [json-pointer:{at}]")
        for element in part["elements"]:
            _rich_element(element, at, part["type"])


def _rich_element(element: dict[str, Any], at: str, inside: str) -> None:
    """Source: docs.slack.dev, "Rich text block" and "Date element" (not within preformatted)."""
    match element["type"]:
        case "text":
            _keys(element, {"type", "text", "style"}, at)
            if not element["text"]:
                raise RefusedError("invalid_blocks", f"must be more than 0 characters [json-pointer:{at}/text]")
        case "link":
            _keys(element, {"type", "url", "text", "style", "unsafe"}, at)
        case "date" if inside != "rich_text_preformatted":
            _keys(element, {"type", "timestamp", "format", "fallback", "url", "style", "timezone"}, at)
            if type(element["timestamp"]) is not int:
                raise RefusedError("invalid_blocks", f"must provide an integer [json-pointer:{at}/timestamp]")
        case "channel" if inside != "rich_text_preformatted":
            _keys(element, {"type", "channel_id", "style"}, at)
        case "usergroup" if inside != "rich_text_preformatted":
            _keys(element, {"type", "usergroup_id", "style"}, at)
        case "user" if inside != "rich_text_preformatted":
            _keys(element, {"type", "user_id", "style"}, at)
        case kind:
            raise RefusedError("invalid_blocks", f"unsupported type: {kind} in {inside} [json-pointer:{at}]")


BLOCKS: dict[str, Callable[[dict[str, Any], str], None]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
    "divider": lambda block, at: _keys(block, {"type", "block_id"}, at),
}


def _element(element: dict[str, Any], at: str) -> None:
    if len(element.get("action_id", "")) > 255 or not element.get("action_id"):
        raise RefusedError("invalid_blocks", f"action_id of 1 to 255 characters [json-pointer:{at}]")
    match element["type"]:
        case "button":
            allowed = {"type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label"}
            _keys(element, allowed, at)
            _text(element["text"], 75, at, kinds=("plain_text",))
            if len(element.get("value", "")) > 2000 or element.get("style", "primary") not in ("primary", "danger"):
                raise RefusedError("invalid_blocks", f"value up to 2000 characters, style [json-pointer:{at}]")
            if "confirm" in element:
                _confirm(element["confirm"], at)
        case "plain_text_input":
            allowed = {
                "type", "action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder",
                "focus_on_load", "dispatch_action_config",
            }  # fmt: skip
            _keys(element, allowed, at)
            longest = element.get("max_length", 3000)
            if not 1 <= longest <= 3000 or len(element.get("initial_value", "")) > longest:
                raise RefusedError(
                    "invalid_blocks", f"max_length up to 3000, initial_value within it [json-pointer:{at}]"
                )
        case "static_select" | "multi_static_select":
            allowed = {
                "type", "action_id", "options", "option_groups", "initial_option", "initial_options", "placeholder",
                "confirm", "focus_on_load", "max_selected_items",
            }  # fmt: skip
            _keys(element, allowed, at)
            _options(element, at)
            if "placeholder" in element:
                _text(element["placeholder"], 150, at, kinds=("plain_text",))
        case "radio_buttons":
            _keys(element, {"type", "action_id", "options", "initial_option", "confirm", "focus_on_load"}, at)
            _options(element, at)
            if len(element["options"]) > 10:
                raise RefusedError("invalid_blocks", f"1 to 10 options [json-pointer:{at}]")
        case "users_select" | "conversations_select" | "datepicker" | "datetimepicker":
            _picker(element, at)
        case kind:
            raise RefusedError("invalid_blocks", f"unsupported type: {kind} [json-pointer:{at}]")


PICKERS = {  # what each starts with and may have; docs.slack.dev, reference of block elements
    "users_select": ("initial_user", str, {"placeholder", "confirm", "focus_on_load"}),
    "conversations_select": (
        "initial_conversation", str,
        {"placeholder", "confirm", "focus_on_load", "filter", "default_to_current_conversation"},
    ),
    "datepicker": ("initial_date", str, {"placeholder", "confirm", "focus_on_load"}),
    "datetimepicker": ("initial_date_time", int, {"confirm", "focus_on_load"}),
}  # fmt: skip


def _picker(element: dict[str, Any], at: str) -> None:
    initial, kind, allowed = PICKERS[element["type"]]
    _keys(element, {"type", "action_id", initial} | allowed, at)
    shown = element.get(initial)
    if shown is not None and type(shown) is not kind:
        raise RefusedError("invalid_blocks", f"{initial} must be {kind.__name__} [json-pointer:{at}]")
    if kind is int and shown is not None and len(str(shown)) != 10:
        raise RefusedError("invalid_blocks", f"a UNIX timestamp of 10 digits [json-pointer:{at}]")
    if "filter" in element:
        _keys(element["filter"], {"include", "exclude_external_shared_channels", "exclude_bot_users"}, at)


def _options(element: dict[str, Any], at: str) -> None:
    options = element["options"]
    if not 1 <= len(options) <= 100:
        raise RefusedError("invalid_blocks", f"1 to 100 options [json-pointer:{at}]")
    for option in options:
        _text(option["text"], 75, at)
        if not 1 <= len(option["value"]) <= 150:
            raise RefusedError("invalid_blocks", f"value of 1 to 150 characters [json-pointer:{at}]")
    chosen = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    if "initial_options" in element and not chosen:
        raise RefusedError("invalid_blocks", f"initial_options needs one [json-pointer:{at}]")
    if any(option not in options for option in chosen):
        raise RefusedError("invalid_blocks", f"initial_option must be one of the options [json-pointer:{at}]")


def _confirm(confirm: dict[str, Any], at: str) -> None:
    _keys(confirm, {"title", "text", "confirm", "deny", "style"}, at)
    for name, longest in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        _text(confirm[name], longest, at)


def _text(text: dict[str, Any], longest: int, at: str, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    _keys(text, {"type", "text"} | ({"emoji"} if text.get("type") == "plain_text" else {"verbatim"}), at)
    if text["type"] not in kinds or not 1 <= len(text["text"]) <= longest:
        raise RefusedError(
            "invalid_blocks", f"{' or '.join(kinds)} of 1 to {longest} characters [json-pointer:{at}/text]"
        )


def _keys(thing: Mapping[str, Any], allowed: set[str], at: str) -> None:
    if unknown := thing.keys() - allowed:
        raise RefusedError(
            "invalid_blocks", f"invalid additional property: {', '.join(sorted(unknown))} [json-pointer:{at}]"
        )


def _length(value: object) -> int:
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else _length(v) for k, v in value.items())
    return sum(map(_length, value)) if isinstance(value, list) else 0
