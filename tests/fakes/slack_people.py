"""What people do in front of Slack: they type, click, fill in forms, write, react, join and open Home."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fakes.slack_checks import RefusedError, check_message, check_view
from tests.fakes.slack_workspace import Address, Channel, Json


class People:
    """Mixed into the server, which delivers payloads to the app."""

    team: str
    url: str
    _turn: "itertools.count[int]"

    async def types(self: Any, user: str, channel: str, line: str, *, trigger: str = "") -> Json:
        """A slash command; the acknowledgement. A repeated `trigger` is a delivery that came twice."""
        command, _, text = line.partition(" ")
        payload = {
            "token": "verification", "team_id": self.team, "team_domain": "example", "channel_id": channel,
            "channel_name": self.channels[channel].name, "user_id": user, "user_name": self.users[user],
            "command": command, "text": text, "api_app_id": "A0FOGHORN", "is_enterprise_install": "false",
            "response_url": self._address(user, channel), "trigger_id": trigger or self.new_trigger(user),
        }  # fmt: skip
        ack = await self._deliver("slash_commands", payload)
        if ack.get("text") or ack.get("blocks"):
            check_message(ack)
            self.show_privately(user, channel, ack)
        return ack

    async def clicks(self: Any, user: str, message: Json, action_id: str, *, trigger: str = "") -> Json:
        """A button of a message, named by the start of its action id; the acknowledgement."""
        button = button_of(message, action_id)
        channel = message.get("channel") or self._channel_of(message).id
        payload = {
            "type": "block_actions", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "container": {"type": "message", "message_ts": message.get("ts", ""), "channel_id": channel,
                          "is_ephemeral": "ts" not in message},
            "trigger_id": trigger or self.new_trigger(user), "channel": {"id": channel, "name": "name"},
            "response_url": self._address(user, channel, message), "message": message,
            "actions": [{"type": "button", "block_id": block_of(message, button), "action_ts": self.new_ts(),
                         **{name: button[name] for name in ("action_id", "text", "value", "style") if name in button}}],
        }  # fmt: skip
        return await self._deliver("interactive", payload)

    async def clicks_home(self: Any, user: str, home: Json, action_id: str) -> Json:
        """A button of a Home tab. Source: docs.slack.dev, block_actions payload of a view."""
        button = button_of(home, action_id)
        payload = {
            "type": "block_actions", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "container": {"type": "view", "view_id": "V0HOME"}, "view": home, "trigger_id": self.new_trigger(user),
            "actions": [{"type": "button", "block_id": block_of(home, button), "action_ts": self.new_ts(),
                         **{name: button[name] for name in ("action_id", "text", "value", "style") if name in button}}],
        }  # fmt: skip
        return await self._deliver("interactive", payload)

    async def chooses(
        self: Any, user: str, view: Json, action_id: str, value: str, values: "Mapping[str, Typed] | None" = None
    ) -> Json:
        """An option of a select in a form, named by the start of its action id, with what is filled in by then.

        Source: docs.slack.dev, block_actions payload of a view.
        """
        view["state"] = {"values": dict(_filled(view, values or {}))}
        block, element = next((b, e) for b in view["blocks"] if b["type"] == "actions" for e in b["elements"]
                              if e["action_id"].startswith(action_id))  # fmt: skip
        chosen = next(option for option in element["options"] if option["value"] == value)
        payload = {
            "type": "block_actions", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "container": {"type": "view", "view_id": view["id"]}, "view": view, "trigger_id": self.new_trigger(user),
            "actions": [{"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"],
                         "selected_option": chosen, "action_ts": self.new_ts()}],
        }  # fmt: skip
        return await self._deliver("interactive", payload)

    async def submits(self: Any, user: str, view: Json, values: "Mapping[str, Typed]") -> Json:
        """A form, filled in: by field, over what it started from. The acknowledgement, after Slack did what it says."""
        view["state"] = {"values": dict(_filled(view, values))}
        payload = {
            "type": "view_submission", "team": {"id": self.team, "domain": "example"}, "api_app_id": "A0FOGHORN",
            "user": {"id": user, "username": self.users[user], "name": self.users[user], "team_id": self.team},
            "trigger_id": self.new_trigger(user), "view": view, "response_urls": [], "is_enterprise_install": False,
        }  # fmt: skip
        ack = await self._deliver("interactive", payload)
        self._after_submission(user, view, ack)
        return ack

    def messages(self: Any, channel: str) -> list[Json]:
        """What stands in a channel or in a person's direct message, oldest first."""
        found = self.channels.get(channel) or self.channels.get("D" + channel)
        return found.messages if found else []

    def seen_by(self: Any, user: str) -> list[Json]:
        """What only this person was shown, oldest first."""
        return self.ephemerals.get(user, [])

    def forms_of(self: Any, user: str) -> list[Json]:
        """The open forms of a person, the uppermost last."""
        return [self.views[view] for view in self.open_views.get(user, [])]

    def _after_submission(self: Any, user: str, view: Json, ack: Json) -> None:
        """Source: docs.slack.dev, "Modals": an empty acknowledgement closes the form, response_action decides else."""
        stack = self.open_views[user]
        match ack.get("response_action"):
            case None:
                stack.remove(view["id"])
            case "errors":
                inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                if not ack["errors"] or not ack["errors"].keys() <= inputs:
                    raise RefusedError("invalid_arguments", "errors must name input blocks of the view")
            case "update":
                check_view(ack["view"])
                self.replace_view(view, ack["view"])
            case "clear":
                stack.clear()

    def _address(self: Any, user: str, channel: str, message: Json | None = None) -> str:
        url = f"{self.url}/response/{next(self._turn)}"
        self.addresses[url] = Address(user, channel, self.now(), message=message)
        return url

    def _channel_of(self: Any, message: Json) -> Channel:
        return next(c for c in self.channels.values() if any(m is message for m in c.messages))

    # ---- messages, events and shortcuts

    def says(self: Any, user: str, channel: str, text: str, *, thread: str = "") -> Json:
        """A person writes a message; nothing is delivered for it."""
        message = {"type": "message", "user": user, "ts": self.new_ts(), "text": text}
        if thread:
            message["thread_ts"] = thread
        self.channels[channel].messages.append(message)
        return message

    async def mentions(self: Any, user: str, channel: str, text: str, *, thread: str = "", event_id: str = "") -> None:
        """`@Foghorn ...` in a channel where Foghorn is. Source: docs.slack.dev, event app_mention."""
        message = self.says(user, channel, f"<@{self.bot}> {text}", thread=thread)
        event = {**message, "type": "app_mention", "channel": channel, "event_ts": message["ts"], "team": self.team}
        assert self.bot in self.channels[channel].members, "Slack tells only of channels where the app is"
        await self.tells(event, event_id=event_id)

    async def reacts(self: Any, user: str, channel: str, message: Json, emoji: str, *, event_id: str = "") -> None:
        """An emoji under a message. Source: docs.slack.dev, event reaction_added."""
        event = {"type": "reaction_added", "user": user, "reaction": emoji, "item_user": message["user"],
                 "item": {"type": "message", "channel": channel, "ts": message["ts"]},
                 "event_ts": self.new_ts()}  # fmt: skip
        await self.tells(event, event_id=event_id)

    async def joins(self: Any, user: str, channel: str, *, event_id: str = "") -> None:
        """Somebody comes into a channel. Source: docs.slack.dev, event member_joined_channel."""
        found = self.channels[channel]
        found.members.add(user)
        event = {"type": "member_joined_channel", "user": user, "channel": channel, "team": self.team,
                 "channel_type": "G" if found.private else "C", "event_ts": self.new_ts()}  # fmt: skip
        await self.tells(event, event_id=event_id)

    async def archives(self: Any, channel: str) -> None:
        """Source: docs.slack.dev, event channel_archive."""
        self.channels[channel].archived = True
        about = {"channel": channel, "user": "U0ANA", "event_ts": self.new_ts()}
        await self.tells({"type": "channel_archive", **about})

    async def unarchives(self: Any, channel: str) -> None:
        """Source: docs.slack.dev, event channel_unarchive."""
        self.channels[channel].archived = False
        about = {"channel": channel, "user": "U0ANA", "event_ts": self.new_ts()}
        await self.tells({"type": "channel_unarchive", **about})

    async def renames(self: Any, channel: str, name: str) -> None:
        """Source: docs.slack.dev, event channel_rename."""
        found = self.channels[channel]
        found.name = name
        about = {"id": channel, "name": name, "created": found.created}
        kind = "group_rename" if found.private else "channel_rename"
        await self.tells({"type": kind, "channel": about, "event_ts": self.new_ts()})

    async def moves(self: Any, before: str, after: str) -> None:
        """A channel gets another ID. Source: docs.slack.dev, event channel_id_changed."""
        found = self.channels[after] = self.channels.pop(before)
        found.id = after
        about = {"old_channel_id": before, "new_channel_id": after}
        await self.tells({"type": "channel_id_changed", **about, "event_ts": self.new_ts()})

    async def opens_home(self: Any, user: str) -> None:
        """Source: docs.slack.dev, event app_home_opened."""
        event = {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home",
                 "event_ts": self.new_ts()}  # fmt: skip
        await self.tells(event)

    async def tells(self: Any, event: Json, *, event_id: str = "") -> None:
        """An event, in its envelope. Source: docs.slack.dev, "The Events API"."""
        payload = {
            "token": "verification", "team_id": self.team, "api_app_id": "A0FOGHORN", "type": "event_callback",
            "event": event, "event_id": event_id or self.new_id("Ev"), "event_time": int(self.now()),
            "authorizations": [{"team_id": self.team, "user_id": self.bot, "is_bot": True}],
        }  # fmt: skip
        await self._deliver("events_api", payload)

    async def uses_shortcut(self: Any, user: str, channel: str, message: Json, callback_id: str) -> Json:
        """A shortcut of a message. Source: docs.slack.dev, "Shortcuts", message_action payload."""
        payload = {
            "type": "message_action", "callback_id": callback_id, "trigger_id": self.new_trigger(user),
            "response_url": self._address(user, channel), "team": {"id": self.team, "domain": "example"},
            "user": {"id": user, "name": self.users[user], "username": self.users[user], "team_id": self.team},
            "channel": {"id": channel, "name": "name"}, "message": message, "message_ts": message["ts"],
            "api_app_id": "A0FOGHORN", "action_ts": self.new_ts(),
        }  # fmt: skip
        return await self._deliver("interactive", payload)


Typed = str | int | list[str] | None
PICKED = {
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


def _filled(view: Json, values: Mapping[str, Typed]) -> Iterable[tuple[str, Json]]:
    """The state of a form. Source: docs.slack.dev, "View submission payloads".

    What was filled in before the form was changed stays, where block and action have the same ids.
    """
    before = view.get("state", {}).get("values", {})
    fields = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert values.keys() <= fields.keys(), f"the form asks for {sorted(fields)}"
    for name, element in fields.items():
        if name not in values and element["action_id"] in before.get(name, {}):
            yield name, before[name]
            continue
        options = {option["value"]: option for option in element.get("options", ())}
        match element["type"]:
            case "plain_text_input":
                given = values.get(name, element.get("initial_value"))
                assert given is None or isinstance(given, str)
                assert len(given or "") <= element.get("max_length", 3000), (
                    f"Slack lets nobody type so much into {name}"
                )
                yield name, {element["action_id"]: {"type": element["type"], "value": given or None}}
            case "static_select" | "radio_buttons":
                chosen = options.get(str(values[name])) if name in values else element.get("initial_option")
                assert chosen or not values.get(name), f"no {values.get(name)} in {name}"
                yield name, {element["action_id"]: {"type": element["type"], "selected_option": chosen}}
            case kind if kind in PICKED:
                given, initial = PICKED[kind]
                yield name, {element["action_id"]: {"type": kind, given: values.get(name, element.get(initial))}}
            case "multi_static_select":
                many = (
                    [options[v] for v in values[name] or ()] if name in values else element.get("initial_options", [])
                )
                yield name, {element["action_id"]: {"type": element["type"], "selected_options": many}}


def button_of(message: Json, action_id: str) -> Json:
    """The button whose action id starts so."""
    elements = [e for block in message["blocks"] if block["type"] == "actions" for e in block["elements"]]
    found = [element for element in elements if element["action_id"].startswith(action_id)]
    assert found, f"no {action_id} among {[element['action_id'] for element in elements]}"
    return found[0]


def block_of(message: Json, button: Json) -> str:
    """The id of the block a button stands in; Slack makes one up where there is none."""
    block = next(block for block in message["blocks"] if button in block.get("elements", ()))
    return str(block.get("block_id", "Ab1"))


def words_of(thing: object) -> str:
    """What people read of a message or form, with single spaces."""
    return " ".join(" ".join(_shown(thing)).split())


def _shown(thing: object) -> list[str]:
    if isinstance(thing, list):
        return [text for each in thing for text in _shown(each)]
    if not isinstance(thing, dict):
        return []
    if thing.get("type") == "channel":
        return [f"#{thing['channel_id']}"]
    if thing.get("type", "").startswith("rich_text_"):
        return ["".join(text for element in thing["elements"] for text in _shown(element))]
    shown = [v for k, v in thing.items() if k in ("text", "fallback", "initial_value") and isinstance(v, str)]
    deeper = [v for k, v in thing.items() if k not in ("metadata", "state") and isinstance(v, dict | list)]
    return shown + [text for each in deeper for text in _shown(each)]
