"""The documents mention everything that they must: terms, settings, commands, metrics, rules, rooms, and fixtures."""

import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import bot.domain
from bot import cli
from bot.commands.catalog import COMMANDS
from bot.domain.lint.rules import RULES
from bot.platforms import PLATFORMS
from docs import glossary, reference, rooms
from tests.reference import SETTINGS
from tests.web.conftest import Client
from tests.web.stories import Foghorn

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
NOT_READ = {"EntryKind", "InboxState", "AskedRole", "DeliveryKind", "Operation", "Transition"}
"""Enums of the domain whose values only the code reads."""


def read(*paths: str) -> str:
    return "\n".join((ROOT / path).read_text(encoding="utf-8") for path in paths)


def domain_enums() -> dict[str, type[StrEnum]]:
    found = {}
    for module in pkgutil.walk_packages(bot.domain.__path__, "bot.domain."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__.startswith("bot.domain"):
                found[name] = value
    return found


def subcommands(command: object, before: str = "foghorn") -> list[str]:
    inner = getattr(command, "commands", {})
    return [before] if not inner else [path for name in inner for path in subcommands(inner[name], f"{before} {name}")]


def test_the_glossary_explains_every_enum_that_people_read() -> None:
    assert {each.__name__ for each in glossary.VALUES} == set(domain_enums()) - NOT_READ


@pytest.mark.parametrize("enum", glossary.VALUES, ids=lambda enum: enum.__name__)
def test_the_glossary_explains_every_value_of_an_enum_and_no_other(enum: type[StrEnum]) -> None:
    assert list(glossary.VALUES[enum][1]) == list(enum)


def test_each_command_belongs_to_one_term_of_the_glossary() -> None:
    verbs = [verb for _, words in glossary.TERMS.values() for verb in words.split()]
    assert sorted(verbs) == sorted(COMMANDS)


def test_the_terms_of_the_glossary_are_in_alphabetical_order() -> None:
    assert list(glossary.TERMS) == sorted(glossary.TERMS)


def test_the_reference_lists_every_setting_and_every_rule() -> None:
    settings = {str(field.validation_alias) for field in SETTINGS.model_fields.values()}
    assert {name for name in settings if f"| `{name}` |" not in reference.settings()} == set()
    assert {rule.id for rule in RULES if f"| {rule.id} | {rule.name} |" not in reference.lint()} == set()


def test_every_command_of_the_command_line_is_shown_somewhere() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *DOCS.rglob("*.md")])
    commands = subcommands(cli.command_line(PLATFORMS))
    assert "foghorn people sign-out" in commands
    assert [command for command in commands if not re.search(rf"{command}\b", pages)] == []


def test_the_metrics_listed_are_those_that_are_served(migrated_sqlite_url: str) -> None:
    served = Client(Foghorn(migrated_sqlite_url).web_app()).get("/metrics").text
    families = text_string_to_metric_families(served)
    names = {family.name + "_total" * (family.type == "counter") for family in families}
    listed = re.findall(r"^\| `(foghorn_\w+)` \|", read("docs/how-to/production.md"), re.MULTILINE)
    assert sorted(listed) == sorted(names)


def test_the_picture_of_the_rooms_is_drawn_from_the_import_contract() -> None:
    assert rooms.PICTURE.read_text(encoding="utf-8") == rooms.picture(), "run `make docs`"


def test_every_part_of_bot_is_a_room_of_the_picture() -> None:
    parts = {path.stem for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert parts - {"__init__"} == {room for row in rooms.layers() for room in row}


@pytest.mark.parametrize(
    "page", ["docs/explanation/architecture.md", "CONTRIBUTING.md", "tests/README.md", "SECURITY.md"]
)
def test_the_paths_named_exist(page: str) -> None:
    paths = re.findall(r"`((?:bot|docs|tests|templates|alembic)/[\w/.]*)`", read(page))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_functions_of_the_walks_are_where_it_says() -> None:
    walks = re.sub(r"\s+", " ", read("docs/explanation/architecture.md"))
    named = re.findall(r"`(bot/[\w/]+\.py)` \(((?:`\w+`(?:, )?)+)\)", walks)
    assert len(named) > 10
    lost = [
        (path, name) for path, names in named for name in re.findall(r"\w+", names) if f"def {name}(" not in read(path)
    ]
    assert lost == []


def test_every_folder_and_shared_fixture_of_the_tests_is_described() -> None:
    page = read("tests/README.md")
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "_."}
    fixtures = set(re.findall(r"@pytest\.fixture.*\ndef (\w+)\(", read("tests/conftest.py")))
    assert {name for name in folders if f"`{name}/`" not in page} == set()
    assert {name for name in fixtures if f"`{name}`" not in page} - {
        "browser", "engine_name", "migrated_postgres", "migrated_sqlite", "postgres"
    } == set()  # fmt: skip
