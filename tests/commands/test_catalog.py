"""What must hold for every command."""

import inspect

import pytest

from bot.commands.catalog import COMMANDS, Command

CATALOGUE = pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.verb)


@CATALOGUE
def test_the_handler_takes_exactly_the_fields(command: Command) -> None:
    context, *parameters = inspect.signature(command.handler).parameters.values()
    names = {field.name for field in command.fields}
    named = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}

    assert context.name == "ctx"
    assert named <= names
    assert named == names or any(p.kind is p.VAR_KEYWORD for p in parameters)


@CATALOGUE
def test_no_key_names_two_fields(command: Command) -> None:
    words = [word for field in command.asked for word in {field.name, *field.keys}]

    assert len(words) == len(set(words))


@CATALOGUE
def test_only_the_last_field_takes_the_rest(command: Command) -> None:
    takes = [field.takes for field in command.asked if field.takes != "key"]

    assert "rest" not in takes[:-1]


@CATALOGUE
def test_help_has_a_line_and_an_example_of_it(command: Command) -> None:
    assert command.summary.endswith(".")
    assert command.example.split()[:2] == ["/incident", command.verb]
