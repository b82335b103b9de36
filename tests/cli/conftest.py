"""The command line on a migrated database."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.runner import Foghorn, runner


@pytest.fixture
def foghorn(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Foghorn:
    return runner(migrated_sqlite_url, tmp_path, monkeypatch, capsys)


@pytest.fixture
def database(migrated_sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """The same database, seen from beside."""
    connection = sqlite3.connect(migrated_sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    yield connection
    connection.close()
