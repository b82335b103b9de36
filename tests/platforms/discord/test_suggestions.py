"""Suggestions while someone types an option: the newest first, components by name, and lists that go on."""

from tests.platforms.discord.conftest import ANA, OPS, Team
from tests.platforms.discord.moves import declared


async def offered(team: Team, line: str, option: str, typed: str = "") -> dict[str, str]:
    """The values by what people read."""
    return {c["name"]: c["value"] for c in await team.discord.suggests(ANA, OPS, line, option, typed)}


async def test_the_newest_incident_is_offered_first_with_its_components(team: Team) -> None:
    await declared(team, title="Older")
    await declared(team, title="Newer", on="codex=partial")

    shown = await offered(team, "/incident show", "incident")

    assert list(shown.values()) == ["INC-2", "INC-1"]
    assert list(shown) == ["INC-2 · SEV1 · Declared · Codex · Newer", "INC-1 · SEV1 · Declared · ChatGPT, API · Older"]


async def test_components_are_offered_by_name_with_each_impact(team: Team) -> None:
    shown = await offered(team, "/incident declare", "on", "API")

    assert shown["API: partial outage"] == "api=partial"
    assert shown["API: major outage"] == "api=major"


async def test_a_list_goes_on_after_a_whole_part_and_names_no_component_twice(team: Team) -> None:
    shown = await offered(team, "/incident declare", "on", "chatgpt=major")
    assert shown["ChatGPT: major outage"] == "chatgpt=major"
    assert shown["ChatGPT: major outage, API: partial outage"] == "chatgpt=major,api=partial"

    third = await offered(team, "/incident declare", "on", "chatgpt=major,api=partial,cod")
    assert third["ChatGPT: major outage, API: partial outage, Codex: degraded performance"].endswith("codex=degraded")
    assert not [value for value in third.values() if value.count("api") > 1 or value.count("chatgpt=") > 1]


async def test_a_list_of_components_for_a_channel_goes_on_too(team: Team) -> None:
    shown = await offered(team, "/incident subscription add", "on", "api")

    assert shown["API"] == "api"
    assert shown["API, Codex"] == "api,codex"
