"""The database's clock beside ours."""

from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.store.elapsed import ElapsedClock
from bot.store.engine import make_engine, seconds_apart
from bot.store.transaction import Store


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


def test_retries_and_leases_go_by_the_clock_of_postgresql_or_else_of_the_machine(
    migrated_url: str, engine_name: str
) -> None:
    store = Store(make_engine(migrated_url), utc_now)
    clock = ElapsedClock(store, wall=lambda: utc_now() + timedelta(hours=1))

    ahead_s = (clock() - utc_now()).total_seconds()
    store.close()

    assert abs(ahead_s - (3600 if engine_name == "sqlite" else 0)) < 5
