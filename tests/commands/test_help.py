"""Help on its own: what needs the reader, the open incidents, and every command, on one screen."""

import pytest

from bot.commands.catalog import COMMANDS
from bot.domain.people import Group
from bot.views import Help
from bot.views.layout import layout
from bot.views.parts import Heading, Paragraph
from tests.harness import Harness, say

MOST_LINES = 20


def lines_of(answer: Help) -> int:
    """Lines of text; buttons stand beside them."""
    parts = layout(answer).parts
    return sum(len(part.lines) if isinstance(part, Paragraph) else isinstance(part, Heading) for part in parts)


def helped(answer: object) -> Help:
    assert isinstance(answer, Help)
    return answer


def test_help_alone_names_every_command_once_in_eight_groups(harness: Harness) -> None:
    shown = helped(harness.ana("help"))

    verbs = [verb for group in shown.groups for verb in group.verbs]
    assert len(shown.groups) == 8
    assert sorted(verbs) == sorted(COMMANDS)
    assert [(button.verb, button.primary) for button in shown.buttons] == [("declare", True)]


@pytest.mark.parametrize("line", ["", "/incident", "help", "/incident help"])
def test_nothing_typed_is_help(harness: Harness, line: str) -> None:
    assert helped(harness.ana(line)).groups


def test_help_fits_on_a_screen_with_thirty_open_incidents(crowd: Harness) -> None:
    for number in range(30):
        crowd.ana(f"declare! Error {number} sev:3 on:api=partial")

    shown = helped(crowd.ana("help"))

    assert lines_of(shown) <= MOST_LINES
    assert [str(line.words.facts.get("incident", "more")) for line in shown.open] == [
        "INC-30",
        "INC-29",
        "INC-28",
        "more",
    ]
    assert "and 27 more" in say(shown)


def test_help_starts_with_what_the_reader_can_do_next(crowd: Harness) -> None:
    crowd.ana("declare API down sev:1 on:api=major")
    mine = helped(crowd.ana("help"))
    assert [(button.label, button.primary) for button in mine.waiting[0].buttons] == [("Open draft", True)]
    assert not mine.buttons[0].primary

    assert helped(crowd.ben("help")).waiting == ()


def test_an_approver_who_was_asked_finds_the_draft_in_help(crowd: Harness) -> None:
    crowd.ana("declare API down sev:1 on:api=major")
    crowd.ana("publish")
    crowd.ana("update identified We know where the failure is.")
    crowd.ana("publish")

    [asked] = helped(crowd.ben("help")).waiting

    assert "waits for approval" in asked.words.words
    assert [(button.verb, button.words) for button in asked.buttons] == [("show", "INC-1 draft:yes")]


def test_a_private_incident_is_not_in_the_help_of_others(crowd: Harness) -> None:
    crowd.ana("declare Secret one private:yes")

    shown = helped(crowd.eve("help"))

    assert (shown.open, shown.waiting) == ((), ())
    assert "Secret" not in say(shown)


def test_support_staff_see_what_they_may_use(harness: Harness) -> None:
    sue = harness.invite("Sue Support", support=True)

    shown = helped(sue("help"))

    assert {verb for group in shown.groups for verb in group.verbs} == {
        verb for verb, command in COMMANDS.items() if command.who_may is Group.SUPPORT
    }
    assert (shown.open, shown.buttons) == ((), ())
