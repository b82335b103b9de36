"""The command line in this process: the same `main` that the `foghorn` program runs."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from bot.intake.platform import Platform
from bot.platforms import PLATFORMS

OURS = ("FOGHORN_", "SLACK_", "DISCORD_")


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Foghorn = Callable[..., Said]


def runner(
    url: str, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    platforms: Sequence[Platform] = PLATFORMS,
) -> Foghorn:  # fmt: skip
    """`foghorn("incident", "list")` in this folder, on this database, with nothing else set."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        patch.delenv(name)
    patch.setenv("FOGHORN_DATABASE_URL", url)
    patch.chdir(folder)

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments, platforms)
        said = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, said.out, said.err)

    return run
