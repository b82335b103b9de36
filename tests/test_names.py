"""One word per thing: a class name stands for one class."""

import ast
from collections import Counter
from pathlib import Path

BOT = Path(__file__).parents[1] / "bot"


def test_no_class_name_is_used_twice() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in BOT.rglob("*.py")]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert len(names) > 300
    assert [name for name, number in names.items() if number > 1] == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = [str(file.relative_to(BOT)) for file in BOT.rglob("*.py") if len(file.read_text().splitlines()) > 400]
    assert long == []
