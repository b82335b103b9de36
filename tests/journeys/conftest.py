"""The command line for a journey."""

from pathlib import Path

import pytest

from tests.cli.runner import Foghorn, runner


@pytest.fixture
def foghorn(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Foghorn:
    return runner(migrated_sqlite_url, tmp_path, monkeypatch, capsys)
