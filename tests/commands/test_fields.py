"""How typed text becomes values, and what is said where it does not."""

import pytest

from bot.commands import catalog, fields
from bot.commands.fields import ParseContext
from bot.domain.components import Impact
from bot.errors import BotError, InvalidField, UnknownComponent
from tests.reference import ORGANISATION, et

READING = ParseContext(ORGANISATION, et("12:00"))


@pytest.mark.parametrize(
    "typed",
    [
        "business=major,api=partial",
        "business=major api=partial",
        "ChatGPT Business=major outage, the API = partial",
        "API=partial_outage, chatgpt business=MAJOR",
    ],
)
def test_impacts_name_components_by_key_or_name(typed: str) -> None:
    assert fields.impacts(typed, READING) == {"business": Impact.MAJOR, "api": Impact.PARTIAL}


def test_a_component_without_impact_is_degraded() -> None:
    assert fields.impacts("codex,api", READING) == {"codex": Impact.DEGRADED, "api": Impact.DEGRADED}


@pytest.mark.parametrize("typed", ["apis=major", "=major", "chatgpt-business=major", "api=major,frontend"])
def test_an_unknown_component_is_refused_with_the_known_ones(typed: str) -> None:
    with pytest.raises(UnknownComponent) as refusal:
        fields.impacts(typed, READING)
    assert refusal.value.facts["known"] == "chatgpt, business, codex, api"


@pytest.mark.parametrize("typed", ["api=bad", "api=", "api==major"])
def test_an_unknown_impact_is_refused(typed: str) -> None:
    with pytest.raises(InvalidField, match="is not an impact"):
        fields.impacts(typed, READING)


@pytest.mark.parametrize("typed", ["0", "5", "sev0", "high", "11"])
def test_a_severity_is_one_to_four(typed: str) -> None:
    with pytest.raises(BotError):
        fields.severity(typed, READING)


def test_the_form_tells_all_problems_at_once_and_keeps_what_was_typed() -> None:
    typed = {"title": "API down", "severity": "9", "impacts": "frontend=major"}

    form = catalog.find("declare").parse(typed, READING).form(READING.organisation)

    assert {field.name: field.typed for field in form.fields if field.typed} == typed
    assert [field.name for field in form.fields if field.problem] == ["severity", "impacts"]


def test_a_text_over_its_limit_says_by_how_much() -> None:
    form = catalog.find("declare").parse({"title": "x" * 203}, READING).form(READING.organisation)

    assert form.note is not None
    assert form.note.facts["over"] == 3


def test_dashes_that_phones_insert_are_hyphens_in_what_is_no_prose() -> None:
    command = catalog.find("resolve")

    typed = {"review": "2026\u201304\u201327", "message": "All is well \u2013 again."}

    values = command.parse(typed, READING).values

    assert (str(values["review"]), values["message"]) == ("2026-04-27", "All is well \u2013 again.")
