"""One word per thing: a class name stands for one class."""

import ast
from collections import Counter
from pathlib import Path

from bot.commands.catalog import COMMANDS

BOT = Path(__file__).parents[1] / "bot"


def test_no_class_name_is_used_twice() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in BOT.rglob("*.py")]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert len(names) > 300
    assert [name for name, number in names.items() if number > 1] == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = [str(file.relative_to(BOT)) for file in BOT.rglob("*.py") if len(file.read_text().splitlines()) > 400]
    assert long == []


def test_chat_platforms_name_no_command() -> None:
    """They take verbs from the catalog, so that a new or renamed command needs no change there."""
    found = []
    for path in [*BOT.glob("platforms/slack/*.py"), *BOT.glob("platforms/discord/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            given: list[ast.expr] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("Button", "look", "find"):
                given = node.args
            elif isinstance(node, ast.Compare) and "verb" in ast.unparse(node.left):
                given = node.comparators
            words = (each.value for each in given if isinstance(each, ast.Constant))
            found += [f"{path.name}:{node.lineno} {word}" for word in words if str(word).rstrip("!") in COMMANDS]
    assert found == []
