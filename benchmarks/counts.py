"""What there is: lines per folder, and tests."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure

ROOT = Path(__file__).resolve().parent.parent


def figures() -> Iterator[Figure]:
    """Lines of Python per folder of bot/ and tests/, and how many tests pytest finds."""
    bot = ROOT / "bot"
    folders = sorted(each for each in bot.iterdir() if each.is_dir() and any(each.rglob("*.py")))
    per_folder = {"bot/*.py": _lines(bot.glob("*.py"))} | {f"bot/{f.name}": _lines(f.rglob("*.py")) for f in folders}
    for name, lines in per_folder.items():
        yield Figure(f"lines in {name}", f"{lines:,}")
    whole, tests = sum(per_folder.values()), _lines((ROOT / "tests").rglob("*.py"))
    yield Figure("lines in bot/, all of it", f"{whole:,}")
    yield Figure("lines in tests/", f"{tests:,}", f"{tests / whole:.1f}", "bot/")
    yield Figure("tests", _tests())


def _lines(files: Iterator[Path]) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def _tests() -> str:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False).stdout
    found = re.search(r"^(\d+) tests? collected", said, re.MULTILINE)
    return f"{int(found[1]):,}" if found else "could not be counted"
