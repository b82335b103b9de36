"""Forms with Discord's own controls: people, channels, components, and the step before a form with more choices."""

from typing import Any

import pytest

from bot.domain.components import Impact
from bot.domain.people import Role
from bot.domain.updates import Update
from bot.store import incidents, updates
from tests.fakes.discord_checks import Json, check_modal, parts_of, words_of
from tests.platforms.discord.conftest import ANA, BEN, OPS, STATUS, Team
from tests.platforms.discord.moves import answer_to, answered, declared, published, until


def inputs(modal: Json) -> dict[str, Json]:
    """The inputs of a form, by their ids."""
    check_modal(modal)
    return {part["component"]["custom_id"]: part["component"] for part in modal["components"] if part["type"] == 18}


def menu(message: Json, ends: str) -> Json:
    """A select of a message."""
    return next(part for part in parts_of(message) if "options" in part and part["custom_id"].endswith(ends))


def chosen(part: Json) -> list[str]:
    """What is selected."""
    return [option["value"] for option in part["options"] if option.get("default")]


def impacts(team: Team) -> dict[str, str]:
    """The impact that is set, by component."""
    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        return {key: value.word for key, value in incidents.set_values(tx, incident).items()}


def draft(team: Team) -> Update:
    """The open draft."""
    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        found = updates.find_draft(tx, incident)
        assert found is not None
        return found


async def opens(team: Team, line: str, channel: str, **options: Any) -> Json:
    """The modal that a command opens."""
    modal: Json = (await team.discord.types(ANA, channel, line, **options))["data"]
    return modal


async def step(team: Team, room: str, line: str = "/incident update") -> Json:
    """The message with choices that comes before the form."""
    return await answer_to(team, ANA, team.discord.types(ANA, room, line))


async def test_declare_holds_every_choice_in_one_form(team: Team) -> None:
    modal = await opens(team, "/incident declare", OPS)
    asked = inputs(modal)
    assert list(asked) == ["title", "severity", "impacts:which", "impacts:how", "private"]
    assert "SEV1: most users cannot work" in [option["label"] for option in asked["severity"]["options"]]
    assert chosen(asked["severity"]) == ["SEV2"]

    typed = {"title": "API errors", "impacts:which": ["api", "chatgpt"], "impacts:how": ["partial"]}
    await answer_to(team, ANA, team.discord.submits(ANA, OPS, modal, **typed))

    assert impacts(team) == {"api": "partial", "chatgpt": "partial"}


async def test_a_component_and_its_impact_are_chosen_from_lists(team: Team) -> None:
    room = await declared(team)
    listed = await team.discord.suggests(ANA, room, "/incident impact", "component", "chat")
    assert {"name": "ChatGPT", "value": "chatgpt"} in [{k: c[k] for k in ("name", "value")} for c in listed]

    await answered(team, ANA, "/incident impact", room, component="api", impact="major")

    assert impacts(team) == {"chatgpt": "major", "api": "major"}


async def test_a_member_is_chosen_as_an_option_or_in_the_form(team: Team) -> None:
    room = await declared(team)
    await answered(team, ANA, "/incident assign", room, role="scribe", person=BEN)
    modal = await opens(team, "/incident assign", room, role="comms")
    assert inputs(modal)["person:picked"]["type"] == 5

    await answer_to(team, ANA, team.discord.submits(ANA, room, modal, **{"person:picked": BEN}))

    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        held = incidents.roles(tx, incident)
    assert {held[role].name for role in (Role.SCRIBE, Role.COMMUNICATIONS_LEAD)} == {"Ben Osei"}


async def test_someone_who_is_not_in_the_server_is_typed(team: Team) -> None:
    room = await declared(team)
    modal = await opens(team, "/incident assign", room, role="comms")

    told = await answer_to(team, ANA, team.discord.submits(ANA, room, modal, person="@ben"))

    assert "Ben" in words_of(told)


async def test_a_channel_is_picked_in_the_form(team: Team) -> None:
    modal = await opens(team, "/incident subscription add", OPS, on="nonsense")
    assert inputs(modal)["channel:picked"]["type"] == 8

    typed = {"components": [], "channel:picked": STATUS}
    told = await answer_to(team, ANA, team.discord.submits(ANA, OPS, modal, **typed))

    assert "gets updates" in words_of(told)


async def test_a_person_typed_and_picked_is_asked_about(team: Team) -> None:
    room = await declared(team)
    modal = await opens(team, "/incident assign", room, role="comms")

    typed = {"person": "@chi", "person:picked": BEN}
    told = await answer_to(team, ANA, team.discord.submits(ANA, room, modal, **typed))

    assert "Clear one of them" in words_of(told)


async def test_the_step_before_an_update_offers_stages_components_and_what_stays(team: Team) -> None:
    room = await published(team)

    message = await step(team, room)

    stages = [option["label"] for option in menu(message, "step:stage")["options"]]
    assert stages == ["Investigating", "Identified", "Fix implemented", "Monitoring", "Resolved", "No change"]
    assert chosen(menu(message, "chatgpt=major")) == ["major"]
    assert menu(message, "step:impacts")["placeholder"] == "Add component"
    assert chosen(menu(message, "step:still")) == []


async def test_monitoring_chosen_in_the_step_does_what_the_typed_line_does(team: Team) -> None:
    room = await published(team)
    message = await step(team, room)
    await team.discord.chooses(ANA, message, "step:stage", "monitoring")
    message = await until(lambda: seen(team, lambda m: chosen(menu(m, "step:stage")) == ["monitoring"]))

    modal = (await team.discord.clicks(ANA, message, "Continue"))["data"]
    assert list(inputs(modal)) == ["message", "sees", "who", "since", "next_at"]
    told = await answer_to(team, ANA, team.discord.submits(ANA, room, modal, message="We are watching error rates."))

    assert "Monitoring" in words_of(told)
    assert {key: Impact(value).word for key, value in draft(team).impacts.items()} == {
        "api": "operational",
        "chatgpt": "operational",
    }
    assert impacts(team) == {"chatgpt": "major", "api": "partial"}


async def test_components_are_added_in_the_step_and_only_what_was_changed_is_set(team: Team) -> None:
    room = await published(team)
    message = await step(team, room, "/incident impact")
    await team.discord.chooses(ANA, message, "step:impacts", "codex")
    message = await until(lambda: seen(team, lambda m: "codex=" in str(m)))
    await answered(team, BEN, "/incident impact", room, component="api", impact="operational")

    await team.discord.clicks(ANA, message, "Change the impact")

    await until(lambda: "codex" in impacts(team))
    assert impacts(team) == {"chatgpt": "major", "api": "operational", "codex": "degraded"}


async def test_what_was_typed_into_a_form_survives_a_restart(team: Team) -> None:
    room = await published(team)
    modal = (await team.discord.clicks(ANA, await step(team, room), "Continue"))["data"]
    modal["custom_id"] = "fh?:update:INC-1 0123456789abcdef0123"  # of a process that is gone

    told = await answer_to(team, ANA, team.discord.submits(ANA, room, modal, message="Signing in works."))
    again = (await team.discord.clicks(ANA, told, "Open form", channel=room))["data"]

    assert "What you typed is still here" in words_of(told)
    assert inputs(again)["message"]["value"] == "Signing in works."


@pytest.mark.parametrize("line", ["declare", "handover", "correct"])
async def test_a_form_that_opens_bare_is_no_error(team: Team, line: str) -> None:
    room = await published(team)

    modal = await opens(team, f"/incident {line}", room)

    assert inputs(modal)
    assert "required" not in words_of(modal)


def seen(team: Team, what: Any) -> Json | None:
    """The newest private answer, if it is so by now."""
    found = team.discord.seen_by(ANA)[-1]
    return found if what(found) else None
