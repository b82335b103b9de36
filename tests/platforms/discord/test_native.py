"""What Foghorn teaches in Discord can be typed there: its own subcommands and options, and no backticks that show."""

import re
from pathlib import Path

import pytest

from bot.commands.catalog import COMMANDS
from bot.platforms.discord import markdown, tree
from bot.platforms.discord.native import native, path
from bot.views import say
from tests.fakes.discord_checks import Json, words_of
from tests.platforms.discord.conftest import ANA, OPS, Team
from tests.platforms.discord.moves import answer_to, declared

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r"`([^`]+)`")


def paths() -> set[str]:
    """Every command that Discord has."""
    [incident] = [each for each in tree.commands() if each["name"] == "incident"]
    found = set()
    for option in incident["options"]:
        below = [f" {each['name']}" for each in option["options"]] if option["type"] == tree.GROUP else [""]
        found |= {f"/incident {option['name']}{name}" for name in below}
    return found


def options_of(typed: str) -> set[str]:
    """The names of the options of a command."""
    [incident] = [each for each in tree.commands() if each["name"] == "incident"]
    node: Json = incident
    for word in typed.split()[1:]:
        found = [each for each in node["options"] if each["name"] == word and each["type"] in (1, 2)]
        node = found[0] if found else node
    return {option["name"] for option in node["options"]}


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_and_its_example_are_shown_as_discord_has_them(verb: str) -> None:
    for shown in (native(verb), native(COMMANDS[verb].example)):
        fits = [each for each in paths() if shown == each or shown.startswith(f"{each} ")]
        assert fits, shown
        words = re.sub(r'"[^"]*"', "", shown.removeprefix(max(fits, key=len)))
        typed = [name for name in re.findall(r"(?<!\S)([a-z]+):", words) if name in options_of(shown)]
        assert typed or not words.strip(), shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/incident publish", "/incident draft publish"),
        ("publish", "/incident draft publish"),
        ("nudge off", "/incident nudge off"),
        ("/incident assign commander @name", "/incident assign role:commander person:@name"),
        ("show INC-3", "/incident show incident:INC-3"),
        ("snooze 10m", "/incident nudge snooze minutes:10"),
        ("/incident uninvite @ben", "/incident invite person:@ben remove:True"),
        ("30m", "30m"),
        ("monitoring", "monitoring"),
    ],
)
def test_a_command_in_our_words_is_translated(line: str, shown: str) -> None:
    assert markdown.sentence(say("Use `{line}` now.", line=line)) == f"Use `{shown}` now."
    assert markdown.sentence(say(f"Use `{line}` now.")) == f"Use `{shown}` now."


def test_code_in_a_fact_stays_what_was_typed() -> None:
    assert markdown.sentence(say("{said}", said="`publish`")) == r"\`publish\`"


def test_every_command_that_our_sentences_name_exists_in_discord() -> None:
    sources = [file.read_text() for file in (ROOT / "bot").rglob("*.py") if "platforms/slack" not in str(file)]
    named = {code for source in sources for code in re.findall(r"`(/incident [a-z][^`{}]*)`", source)}
    assert len(named) > 10
    for code in named:
        typed = native(" ".join(code.split()))
        assert any(typed == each or typed.startswith(f"{each} ") for each in paths()), code


async def test_help_on_its_own_speaks_discords_syntax_on_one_screen(team: Team) -> None:
    await declared(team)
    answer = await answer_to(team, ANA, team.discord.types(ANA, OPS, "/incident help"))
    words = words_of(answer)

    for verb in COMMANDS:
        assert f"`{path(verb)}`" in words
    assert "`draft publish`" in words
    shown = [line for part in answer["components"][0]["components"] if part["type"] == 10
             for line in part["content"].splitlines()]  # fmt: skip
    assert len(shown) <= 20
    assert words.index("Waiting for you") < words.index("Open incidents") < words.index("Tell customers")


async def test_help_for_a_command_shows_what_discord_takes(team: Team) -> None:
    asked = team.discord.types(ANA, OPS, "/incident help", verb="publish")

    assert "`/incident draft publish`" in words_of(await answer_to(team, ANA, asked))
