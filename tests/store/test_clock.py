"""The database's clock beside ours."""

from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.store.engine import make_engine, seconds_apart


def test_a_clock_that_agrees_is_not_apart(migrated_url: str) -> None:
    engine = make_engine(migrated_url)

    apart = seconds_apart(engine, utc_now)
    engine.dispose()

    assert apart < 5


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_clock_that_is_an_hour_off_is_noticed(database_url: str) -> None:
    engine = make_engine(database_url)

    apart = seconds_apart(engine, lambda: utc_now() + timedelta(hours=1))
    engine.dispose()

    assert 3590 < apart < 3610
