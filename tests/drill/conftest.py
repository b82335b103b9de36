"""The settings of a running Foghorn."""

import pytest

from bot.settings import Settings, read_settings


@pytest.fixture
def settings(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", migrated_sqlite_url)
    return read_settings()
