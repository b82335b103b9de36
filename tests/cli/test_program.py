"""The command that messages tell people to run is one that their shell finds."""

from pathlib import Path

import pytest

from bot.settings import program


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program in `.venv/bin` of the current folder, as `make run` installs it."""
    file = tmp_path / ".venv" / "bin" / "foghorn"
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return file


def test_after_make_run_it_is_named_with_its_folder(installed: Path) -> None:
    assert program(str(installed), path="/nowhere") == ".venv/bin/foghorn"
    assert program(".venv/bin/foghorn", path="/nowhere") == ".venv/bin/foghorn"


def test_where_the_shell_finds_it_its_name_is_enough(installed: Path) -> None:
    assert program(str(installed), path=str(installed.parent)) == "foghorn"


def test_no_path_outside_the_current_folder_is_named(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = installed.parent.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert program(str(installed), path="/nowhere") == "foghorn"


def test_under_another_program_the_name_is_foghorn(installed: Path) -> None:
    assert program(str(installed.with_name("pytest")), path="/nowhere") == "foghorn"
