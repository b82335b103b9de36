"""What people do in front of Discord: type commands with typed options, click, choose, fill in forms.

Source of every payload: docs.discord.com, "Receiving and Responding", interaction object; and what discord.py needs.
"""

import asyncio
import secrets
from typing import Any

from tests.fakes.discord_checks import Json, RefusedError, parts_of
from tests.fakes.discord_server import APP, BITS, DM, GUILD
from tests.patience import within


class NotAnsweredError(AssertionError):
    """Discord would show "The application did not respond"."""


class People:
    """Mixed into the server; each act returns the app's first response."""

    async def types(self: Any, user: str, channel: str, line: str, /, *, guild: str = GUILD, **options: Any) -> Json:
        """`types(ana, room, "/incident draft publish", alone="why")`: options as the registered tree has them."""
        command, path, leaf = self._command(line)
        given = [self._option(leaf, name, value) for name, value in options.items() if value is not None]
        missing = [o["name"] for o in leaf.get("options", []) if o.get("required") and o["name"] not in options]
        assert not missing, f"Discord asks for {missing} before it sends {line}"
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": _nested(path, given),
                "resolved": self._resolved(given)}  # fmt: skip
        return await self.interacts(user, channel, 2, data, guild=guild)

    async def suggests(
        self: Any, user: str, channel: str, line: str, name: str, typed: str = "", /, **rest: Any
    ) -> list[Json]:
        """Autocomplete of one option: the choices."""
        command, path, leaf = self._command(line)
        given = [self._option(leaf, other, value) for other, value in rest.items()]
        option = next(o for o in leaf["options"] if o["name"] == name)
        assert option.get("autocomplete"), f"{name} has no autocomplete"
        given.append({"name": name, "type": option["type"], "value": typed, "focused": True})
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": _nested(path, given)}
        answer = await self.interacts(user, channel, 4, data)
        return list(answer["data"]["choices"])

    async def picks(self: Any, user: str, message: Json, command: str = "Add to incident timeline") -> Json:
        """A message command, from the menu of a message."""
        found = next(c for c in self.commands if c["name"] == command)
        data = {"id": found["id"], "name": command, "type": 3, "target_id": message["id"],
                "resolved": {"messages": {message["id"]: message}}}  # fmt: skip
        return await self.interacts(user, message["channel_id"], 2, data)

    async def clicks(self: Any, user: str, message: Json, label: str, *, channel: str = "", token: str = "") -> Json:
        """A button by its label, or an option of a select by its label."""
        channel = channel or message["channel_id"]
        for part in parts_of(message):
            if part["type"] == 2 and part.get("label") == label and "custom_id" in part:
                data = {"custom_id": part["custom_id"], "component_type": 2, "id": part.get("id", 1)}
                return await self.interacts(user, channel, 3, data, message=message, token=token)
            chosen = next((o for o in part.get("options", []) if o["label"] == label), None)
            if chosen:
                data = {"custom_id": part["custom_id"], "component_type": 3, "values": [chosen["value"]], "id": 1}
                return await self.interacts(user, channel, 3, data, message=message, token=token)
        raise AssertionError(f"no {label} among {[p.get('label') for p in parts_of(message) if p['type'] == 2]}")

    async def chooses(self: Any, user: str, message: Json, menu: str, *values: str, channel: str = "") -> Json:
        """Options of a select by their values; the select by the end of its custom id."""
        part = next(p for p in parts_of(message) if "options" in p and p["custom_id"].endswith(menu))
        assert set(values) <= {o["value"] for o in part["options"]}, f"no {values} in {menu}"
        data = {"custom_id": part["custom_id"], "component_type": 3, "values": list(values), "id": 1}
        return await self.interacts(user, channel or message["channel_id"], 3, data, message=message)

    async def submits(
        self: Any, user: str, channel: str, modal: Json, message: Json | None = None, /, **typed: Any
    ) -> Json:
        """A form, filled in over what it started from. `modal` is the `data` of a first response of type 9."""
        parts = []
        for number, label in enumerate(modal["components"], 1):
            if label["type"] != 18:
                parts.append({"type": label["type"], "id": number})
                continue
            part = label["component"]
            value = typed.pop(part["custom_id"], None)
            if part["type"] in (5, 8):
                chosen = [str(d["id"]) for d in part.get("default_values", [])] if value is None else value
                answer: Json = {"values": [chosen] if isinstance(chosen, str) else chosen}
            elif part["type"] == 21:
                assert value is None or value in {o["value"] for o in part["options"]}, f"no {value}"
                answer = {"value": value}
            elif part["type"] == 3:
                chosen = [o["value"] for o in part["options"] if o.get("default")] if value is None else value
                chosen = [chosen] if isinstance(chosen, str) else chosen
                assert set(chosen) <= {o["value"] for o in part["options"]}, f"no {chosen} in {part['custom_id']}"
                answer = {"values": chosen}
            else:
                answer = {"value": part.get("value", "") if value is None else value}
                assert len(answer["value"]) <= part.get("max_length", 4000), "longer than the field takes"
            given = {"type": part["type"], "id": number + 10, "custom_id": part["custom_id"], **answer}
            parts.append({"type": 18, "id": number, "component": given})
        assert not typed, f"the form does not ask for {list(typed)}"
        data = {"custom_id": modal["custom_id"], "components": parts}
        return await self.interacts(user, channel, 5, data, message=message)

    async def interacts(
        self: Any, user: str, channel: str, kind: int, data: Json, *, message: Json | None = None, guild: str = GUILD,
        token: str = "",
    ) -> Json:  # fmt: skip
        """Dispatch an interaction and wait for the first response. A repeated `token` is a delivery that came twice."""
        from tests.fakes.discord import FIRST_RESPONSE_S, Interaction

        first: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        again = self.interactions.get(token)
        found = again or Interaction(self.new_id(), token or secrets.token_urlsafe(40), user, channel, kind, self.now(),
                                     first, message)  # fmt: skip
        found.first = first
        self.interactions[found.token] = found
        await self.gateway.dispatch("INTERACTION_CREATE", self._payload(found, data, guild))
        try:
            return await within(FIRST_RESPONSE_S, first)
        except TimeoutError:
            raise NotAnsweredError("no first response within 3 seconds") from None

    def _payload(self: Any, found: Any, data: Json, guild: str) -> Json:
        channel = self.channels.get(found.channel)
        payload = {
            "id": found.id, "application_id": APP, "type": found.kind, "token": found.token, "version": 1, "data": data,
            "channel_id": found.channel, "channel": self.as_json(channel) if channel else {"id": found.channel},
            "locale": "en-US", "entitlements": [], "authorizing_integration_owners": {"0": guild}, "context": 0,
            "attachment_size_limit": 10 << 20, "app_permissions": str(sum(BITS.values())),
        }  # fmt: skip
        if channel is not None and channel.type == DM:
            payload |= {"user": self.user(found.user), "context": 1}
        else:
            payload |= {"guild_id": guild, "guild_locale": "en-US", "member": self.member(found.user),
                        "guild": {"id": guild, "locale": "en-US", "features": []}}  # fmt: skip
        if found.message is not None:
            payload["message"] = {k: v for k, v in found.message.items() if k != "loading"}
        return payload

    def _command(self: Any, line: str) -> tuple[Json, list[Json], Json]:
        """`/incident draft publish` in the registered tree."""
        words = line.removeprefix("/").split()
        node = command = next(c for c in self.commands if c["name"] == words[0] and c.get("type", 1) == 1)
        path = []
        for word in words[1:]:
            node = next((o for o in node.get("options", []) if o["name"] == word and o["type"] in (1, 2)), None)
            assert node is not None, f"there is no {line}"
            path.append(node)
        return command, path, node

    def _option(self: Any, leaf: Json, name: str, value: Any) -> Json:
        option = next((o for o in leaf.get("options", []) if o["name"] == name), None)
        assert option is not None, f"there is no option {name} of {leaf['name']}"
        kinds: dict[int, Any] = {3: str, 4: int, 5: bool, 6: str, 7: str}
        assert type(value) is kinds[option["type"]], f"{name} takes {kinds[option['type']].__name__}"
        assert len(str(value)) <= option.get("max_length", 6000), f"{name} is longer than Discord lets it be"
        if option.get("choices"):
            assert value in [c["value"] for c in option["choices"]], f"{value} is no choice of {name}"
        return {"name": name, "type": option["type"], "value": value}

    def _resolved(self: Any, given: list[Json]) -> Json:
        found: Json = {}
        for option in given:
            if option["type"] == 7:
                channel = self.channels.get(option["value"])
                if channel is None:
                    raise RefusedError(404, 10003, "Unknown Channel")
                shown = {**self.as_json(channel), "permissions": str(BITS["VIEW_CHANNEL"])}
                found.setdefault("channels", {})[option["value"]] = shown
            if option["type"] == 6:
                found.setdefault("users", {})[option["value"]] = self.user(option["value"])
        return found

    def set_commands_of(self: Any, guild: str, commands: list[Json]) -> list[Json]:
        self.known(guild)
        return list(self.set_commands(commands))

    def known(self: Any, guild: str) -> Json:
        """The guild, or 10004 of one where the app is not."""
        if guild != GUILD:
            raise RefusedError(403, 50001, "Missing Access")
        return dict(self.guild())

    def known_member(self: Any, user: str) -> Json:
        if user not in self.roles and user != APP:
            raise RefusedError(404, 10007, "Unknown Member")
        return dict(self.member(user))

    def search_members(self: Any, guild: str, query: Json) -> list[Json]:
        """Names that start so. Source: Guild Resource, "Search Guild Members"; needs no intent (pull request 1577)."""
        self.known(guild)
        begun = str(query["query"]).casefold()
        members = [self.member(user) for user in self.roles]
        found = [m for m in members if any(n.casefold().startswith(begun) for n in _names(m))]
        return found[: int(query.get("limit", 1))]

    def known_user(self: Any, user: str) -> Json:
        """Anybody on Discord. Source: User Resource, "Get User"."""
        if user not in self.names:
            raise RefusedError(404, 10013, "Unknown User")
        return dict(self.user(user))


def _names(member: Json) -> list[str]:
    return [name for name in (member["nick"], member["user"]["username"], member["user"]["global_name"]) if name]


def _nested(path: list[Json], given: list[Json]) -> list[Json]:
    """Subcommand and group around the options."""
    for node in reversed(path):
        given = [{"name": node["name"], "type": node["type"], "options": given}]
    return given
