"""The documents say what the code does: pages made from it are current, links lead somewhere, commands are real."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import cli
from bot.commands import catalog
from bot.commands.fields import FieldMissing, ParseContext
from bot.errors import BotError
from bot.platforms import PLATFORMS
from bot.settings import EXAMPLE, read_organisation
from docs import reference

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), ROOT / "tests" / "README.md", *(ROOT / "docs").rglob("*.md")])
READING = ParseContext(read_organisation(EXAMPLE), datetime(2026, 4, 20, 16, 0, tzinfo=UTC))
KEYS = {key for command in catalog.COMMANDS.values() for field in command.fields for key in (*field.keys, field.name)}
FORGOT = "run `make docs`"


@pytest.mark.parametrize(
    "line",
    [
        "/incident explode",
        "/incident update identified reason:x data:lost",
        "/incident severity 9",
        "foghorn explode",
        "foghorn people invite ana --for-ever",
        "foghorn incident --as ana declare API down sees:errors",
    ],
)
def test_a_command_that_does_not_exist_would_be_found(line: str) -> None:
    assert not understood(line)


def documents() -> list[Path]:
    return [path for path in DOCUMENTS if path.exists()]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", reference.PAGES)
def test_each_page_made_from_the_code_is_current(page: str) -> None:
    assert (reference.FOLDER / page).read_text(encoding="utf-8") == reference.PAGES[page](), FORGOT


def test_every_page_of_the_reference_is_made_from_the_code() -> None:
    assert {path.name for path in reference.FOLDER.iterdir()} == set(reference.PAGES)


def test_every_verb_of_the_catalogue_has_its_section() -> None:
    headings = re.findall(r"^## (\S+)$", reference.commands(), re.MULTILINE)
    assert headings == [command.verb for command in catalog.COMMANDS.values()]


def test_every_key_of_the_configuration_is_described_and_no_other() -> None:
    ours = {f"{model.__name__}.{name}" for model in reference.models() for name in model.model_fields}
    declared = {f"Organisation.{platform.name}" for platform in PLATFORMS}
    for model in reference.models():
        declared |= {f"{model.__name__}.{name}" for name, field in model.model_fields.items() if field.description}
    assert set(reference.WORDS) == ours - declared


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_links_lead_to_files_and_headings_that_exist(document: Path) -> None:
    text = without_code(document.read_text(encoding="utf-8"))
    lost = [link for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text) if not leads_somewhere(document, link)]
    assert not lost


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_commands_shown_are_commands_that_exist(document: Path) -> None:
    wrong = [line for line in lines_typed(document) if not understood(line)]
    assert not wrong


def test_each_decision_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_page_is_linked_from_the_table_of_contents() -> None:
    contents = ROOT / "docs" / "README.md"
    linked = re.findall(r"\]\(([^)#\s]+)", contents.read_text(encoding="utf-8"))
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md") if path != contents}
    assert there <= set(linked)


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def leads_somewhere(document: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    if not target.exists():
        return False
    if not heading:
        return True
    headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


def lines_typed(document: Path) -> Iterator[str]:
    """What a reader would type: `foghorn ...` and `/incident ...`, in code blocks and between backticks."""
    text = document.read_text(encoding="utf-8")
    for block in re.findall(r"```(?:sh|text)?\n(.*?)```", text, re.DOTALL) + re.findall(
        r"^ {4}(\S.*)$", text, re.MULTILINE
    ):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if found := re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*((?:\.venv/bin/)?foghorn |/incident )(.*)", line):
                yield found[1].removeprefix(".venv/bin/") + found[2]
    yield from re.findall(r"`((?:foghorn|/incident) [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def understood(line: str) -> bool:
    if line.startswith("/incident"):
        return catalogued(line)
    words = shlex.split(line, comments=True)[1:]
    if words[0] != "incident":
        return known_to_the_command_line(words)
    rest = words[1:]
    while rest[:1] and rest[0].startswith("--"):
        rest = rest[1:] if rest[0] == "--json" else rest[2:]
    return catalogued(cli.line_of(rest))


def catalogued(line: str) -> bool:
    """Whether the catalogue reads all of it; what is only missing opens a form."""
    if re.search(r"\b(VERB|HANDLE)\b|^/incident \.\.\.", line):
        return True
    try:
        verb, typed = catalog.read_line(line)
        problems = catalog.find(verb).parse(typed, READING).problems
    except BotError:
        return False
    swallowed = [key for text in typed.values() for key in re.findall(r"(?<!\S)([a-z_-]+):", text) if key in KEYS]
    return not swallowed and all(isinstance(problem, FieldMissing) for problem in problems.values())


def known_to_the_command_line(words: list[str]) -> bool:
    command = cli.command_line(PLATFORMS)
    for word in words:
        if word in ("--help", "VERB"):
            return True
        inner = getattr(command, "commands", None)
        if inner is None:
            break
        if word not in inner:
            return False
        command = inner[word]
    allowed = {option for parameter in command.params for option in parameter.opts}
    return {word.split("=")[0] for word in words if word.startswith("--")} <= allowed
