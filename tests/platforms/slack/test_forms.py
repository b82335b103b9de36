"""Forms with Slack's own controls: stages, components, severity, people, channels, and times."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import utc_now
from bot.domain.components import Impact
from bot.domain.people import Role
from bot.domain.updates import Update
from bot.store import incidents, updates
from tests.fakes.slack import Fails, Json, words_of
from tests.platforms.slack.conftest import ANA, BEN, NEWS, ROOM, Team
from tests.platforms.slack.moves import declared, find_in, form_of, published, until


def element(form: Json, block_id: str) -> Json:
    """An input of a form."""
    return next(block["element"] for block in form["blocks"] if block.get("block_id") == block_id)


def labels(element: Json) -> list[str]:
    """The options of a select."""
    return [option["text"]["text"] for option in element["options"]]


def adder(form: Json) -> Json:
    """The select that adds a component."""
    return next(e for block in form["blocks"] if block["type"] == "actions" for e in block["elements"])


async def opened(team: Team, line: str, user: str = ANA) -> Json:
    """The form that a line opens."""
    before = team.slack.forms_of(user)
    await team.slack.types(user, team.rooms()[-1].id if team.rooms() else ROOM, line)
    await until(lambda: team.slack.forms_of(user) != before)
    return await form_of(team, user)


def impacts(team: Team) -> dict[str, str]:
    """The impact that is set, by component."""
    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        return {key: value.word for key, value in incidents.set_values(tx, incident).items()}


async def test_declare_asks_with_choices_and_no_red_note(team: Team) -> None:
    form = await opened(team, "/incident declare")

    severity = element(form, "severity")
    assert labels(severity)[0] == "SEV1: most users cannot work"
    assert severity["initial_option"]["value"] == "SEV2"
    assert "required" not in words_of(form)
    assert adder(form)["placeholder"]["text"] == "Add component"


async def test_components_are_added_row_by_row_and_what_was_typed_stays(team: Team) -> None:
    form = await opened(team, "/incident declare")

    await team.slack.chooses(ANA, form, "fh:row", "api", {"title": "API errors"})
    await until(lambda: any(block.get("block_id") == "impacts:api" for block in form["blocks"]))
    await team.slack.chooses(ANA, form, "fh:row", "chatgpt", {"impacts:api": "major"})
    await until(lambda: any(block.get("block_id") == "impacts:chatgpt" for block in form["blocks"]))
    assert {option["value"] for option in adder(form)["options"]}.isdisjoint({"api", "chatgpt"})
    await team.slack.submits(ANA, form, {})

    await until(lambda: find_in(team, "SEV2 · API errors"))
    assert impacts(team) == {"api": "major", "chatgpt": "degraded"}


async def test_the_stage_offers_what_is_possible_now(team: Team) -> None:
    await declared(team)
    before = labels(element(await opened(team, "/incident update"), "stage"))
    await team.slack.types(ANA, team.rooms()[-1].id, "/incident publish")
    await until(lambda: find_in(team, "(investigating) was published"))

    after = labels(element(await opened(team, "/incident update"), "stage"))

    assert before == ["Investigating", "Identified", "Fix implemented", "Monitoring"]
    assert after == [*before, "Resolved", "No change"]


async def test_monitoring_chosen_in_a_form_does_what_the_typed_line_does(team: Team) -> None:
    await published(team)
    form = await opened(team, "/incident update")
    assert element(form, "impacts:api")["initial_option"]["value"] == "partial"
    assert "initial_options" not in element(form, "still")

    await team.slack.submits(ANA, form, {"stage": "monitoring", "message": "We are watching error rates."})

    await until(lambda: find_in(team, "Draft for INC-1 · Monitoring"))
    assert proposed(team) == {"api": "operational", "chatgpt": "operational"}
    assert impacts(team) == {"chatgpt": "major", "api": "partial"}  # set with the publication, not before


async def test_an_impact_set_on_purpose_stays_and_is_asked_about(team: Team) -> None:
    await published(team)
    await team.slack.types(ANA, team.rooms()[-1].id, "/incident impact api=degraded")
    await until(lambda: impacts(team)["api"] == "degraded")
    form = await opened(team, "/incident update")
    assert [option["value"] for option in element(form, "still")["initial_options"]] == ["api"]

    await team.slack.submits(ANA, form, {"stage": "monitoring"})

    await until(lambda: find_in(team, "Draft for INC-1 · Monitoring"))
    assert proposed(team) == {"chatgpt": "operational"}


async def test_what_the_form_says_is_well_again_recovers_even_if_it_was_set_on_purpose(team: Team) -> None:
    await published(team)
    await team.slack.types(ANA, team.rooms()[-1].id, "/incident impact api=degraded")
    await until(lambda: impacts(team)["api"] == "degraded")
    form = await opened(team, "/incident update")

    await team.slack.submits(ANA, form, {"stage": "resolved", "still": [], "message": "It works."})

    await until(lambda: find_in(team, "Draft for INC-1 · Resolved"))
    assert proposed(team) == {"api": "operational", "chatgpt": "operational"}


async def test_an_impact_changed_while_the_form_was_open_is_not_overwritten(team: Team) -> None:
    await published(team)
    form = await opened(team, "/incident update")
    await team.slack.types(BEN, team.rooms()[-1].id, "/incident impact api=operational")
    await until(lambda: impacts(team)["api"] == "operational")

    await team.slack.submits(ANA, form, {"stage": "identified", "message": "We know the cause."})

    await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    assert impacts(team)["api"] == "operational"


async def test_a_person_is_picked_or_typed(team: Team) -> None:
    await declared(team)
    form = await opened(team, "/incident assign comms")
    assert element(form, "person:picked")["type"] == "users_select"

    await team.slack.submits(ANA, form, {"person:picked": BEN})

    await until(lambda: holder(team) == "Ben Osei")


async def test_a_channel_is_picked(team: Team) -> None:
    await declared(team)
    form = await opened(team, "/incident subscribe mode:sometimes")
    assert element(form, "channel:picked")["type"] == "conversations_select"

    await team.slack.submits(ANA, form, {"channel:picked": NEWS, "mode": "every"})

    await until(lambda: any("gets updates" in words_of(m) for m in team.slack.seen_by(ANA)))


async def test_a_time_is_picked_or_typed_but_never_both(team: Team) -> None:
    await published(team)
    form = await opened(team, "/incident update")
    at = int((utc_now() + timedelta(minutes=90)).timestamp()) // 60 * 60
    assert element(form, "next_at:picked")["type"] == "datetimepicker"

    ack = await team.slack.submits(ANA, form, {"message": "News.", "next_at": "45m", "next_at:picked": at})
    assert "You typed “45m” and also chose" in ack["errors"]["next_at"]
    await team.slack.submits(ANA, form, {"next_at": None})

    await until(lambda: find_in(team, "Draft for INC-1 · Investigating"))
    assert draft(team).next_at == datetime.fromtimestamp(at, UTC)


async def test_a_field_that_was_cleared_is_cleared_in_the_draft(team: Team) -> None:
    await declared(team)
    await team.slack.types(ANA, team.rooms()[-1].id, "/incident update who:worldwide")
    await until(lambda: draft(team).facts.who == "worldwide")
    form = await opened(team, "/incident update")

    await team.slack.submits(ANA, form, {"who": None, "message": "We are looking."})

    await until(lambda: draft(team).facts.message == "We are looking.")
    assert draft(team).facts.who == ""


@pytest.mark.parametrize("line", ["declare", "assign", "severity", "impact", "note", "handover", "correct", "resolve"])
async def test_a_form_that_opens_bare_is_no_error(team: Team, line: str) -> None:
    await published(team)

    form = await opened(team, f"/incident {line}")

    assert "required" not in words_of(form)
    assert "is not a" not in words_of(form)


async def test_the_severity_form_starts_from_the_present_one(team: Team) -> None:
    await declared(team)
    assert element(await opened(team, "/incident severity"), "severity")["initial_option"]["value"] == "SEV1"


async def test_the_impact_form_sets_only_what_was_changed(team: Team) -> None:
    await declared(team)
    form = await opened(team, "/incident impact")

    await team.slack.submits(ANA, form, {"impacts:api": "major"})

    await until(lambda: impacts(team) == {"chatgpt": "major", "api": "major"})


async def test_a_form_that_was_open_for_an_hour_is_carried_out_once(team: Team) -> None:
    await published(team)
    form = await opened(team, "/incident update")
    for url in list(team.slack.addresses):
        del team.slack.addresses[url]  # Slack accepts replies there for 30 minutes
    again = {**form}

    await team.slack.submits(ANA, form, {"stage": "identified", "message": "Signing in works."})
    await until(lambda: find_in(team, "Draft for INC-1 · Identified"))
    team.slack.open_views[ANA].append(again["id"])
    await team.slack.submits(ANA, again, {"stage": "identified", "message": "Signing in works."})

    assert draft(team).revision == 2


async def test_a_form_that_cannot_be_filled_becomes_a_button_that_opens_it(team: Team) -> None:
    await declared(team)
    team.slack.fail("views.update", Fails.SERVER_ERROR)
    await team.slack.types(ANA, team.rooms()[-1].id, "/incident update")

    offer = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "Open form" in words_of(m)), None))
    await team.slack.clicks(ANA, offer, "fh:form")

    assert "Slack did not show the form" in words_of(offer)
    assert await form_of(team, ANA)


async def test_what_is_too_long_for_a_form_is_told_and_kept_whole(team: Team) -> None:
    await declared(team)
    said = f"{'a long note ' * 400}the end"
    await team.slack.types(ANA, team.rooms()[-1].id, f"/incident note {said}")

    told = await until(lambda: next((m for m in team.slack.seen_by(ANA) if "the limit is 3000" in words_of(m)), None))

    assert "the end" in words_of(told)


def holder(team: Team) -> str:
    """The communications lead."""
    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        found = incidents.roles(tx, incident).get(Role.COMMUNICATIONS_LEAD)
        return found.name if found else ""


def draft(team: Team) -> Update:
    """The open draft."""
    with team.core.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        found = updates.find_draft(tx, incident)
        assert found is not None
        return found


def proposed(team: Team) -> dict[str, str]:
    """The impacts that the draft sets when it is published."""
    return {key: Impact(value).word for key, value in draft(team).impacts.items()}
