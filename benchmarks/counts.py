"""What there is: lines per folder, and tests."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.measure import Figure

ROOT = Path(__file__).resolve().parent.parent


KINDS = ("code", "docstring", "comment", "blank")


def figures() -> Iterator[Figure]:
    """Lines of Python per folder of bot/ and tests/ by kind, and how many tests pytest finds."""
    bot = ROOT / "bot"
    folders = sorted(each for each in bot.iterdir() if each.is_dir() and any(each.rglob("*.py")))
    per_folder = {"bot/*.py": _lines(bot.glob("*.py"))} | {f"bot/{f.name}": _lines(f.rglob("*.py")) for f in folders}
    for name, lines in per_folder.items():
        yield _figure(f"lines in {name}", lines)
    whole, tests = sum(per_folder.values(), Counter()), _lines((ROOT / "tests").rglob("*.py"))
    yield _figure("lines in bot/, all of it", whole)
    yield _figure("lines in tests/", tests, f"{tests.total() / whole.total():.1f}", "bot/")
    yield Figure("tests", _tests())


def _figure(what: str, lines: Counter[str], ratio: str = "", peer: str = "") -> Figure:
    return Figure(what, f"{lines.total():,}: {', '.join(f'{lines[kind]:,} {kind}' for kind in KINDS)}", ratio, peer)


def _lines(files: Iterable[Path]) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in files:
        found.update(_kinds(file.read_text(encoding="utf-8")))
    return found


def _kinds(source: str) -> Iterator[str]:
    """The kind of each line; a comment counts where it has a line of its own."""
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT and token.line.strip()[0] == "#"}
    for number, line in enumerate(source.splitlines(), 1):
        own = "comment" if number in comments else "code" if line.strip() else "blank"
        yield "docstring" if number in docstrings else own


def _tests() -> str:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False).stdout
    found = re.search(r"^(\d+) tests? collected", said, re.MULTILINE)
    return f"{int(found[1]):,}" if found else "could not be counted"
